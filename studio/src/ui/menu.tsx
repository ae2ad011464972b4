/** A menu below a button. Not modal: a modal one of Radix writes a <style> element, which the policy forbids. */
import type { LucideIcon } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./cx";
import { usePortalHost } from "./portal-host";

export function Menu({
  trigger,
  align = "end",
  children,
}: {
  trigger: ReactElement;
  align?: "start" | "end";
  children: ReactNode;
}) {
  const host = usePortalHost();
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal {...host}>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className={MENU_PANEL}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({
  icon: Icon,
  danger = false,
  disabled = false,
  hint,
  onSelect,
  children,
}: {
  icon?: LucideIcon;
  danger?: boolean;
  disabled?: boolean;
  /** At its right end, such as the keys that do the same. */
  hint?: string;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Radix.Item disabled={disabled} onSelect={onSelect} className={cx(MENU_ITEM, danger && "text-bad")}>
      {Icon && <Icon aria-hidden size={16} className={danger ? "" : "text-muted"} />}
      <span className="grow">{children}</span>
      {hint && <span className="text-muted text-xs">{hint}</span>}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 py-1 text-muted text-xs">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}

/** For menus of another kind, such as a context menu, that shall look the same. */
export const MENU_PANEL =
  "z-40 min-w-44 animate-enter rounded-m border border-line bg-raised p-1 shadow-lift max-h-(--radix-popper-available-height) overflow-y-auto";
export const MENU_ITEM =
  "flex select-none items-center gap-2.5 rounded-s px-2 py-1.5 text-m outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-sunken";
