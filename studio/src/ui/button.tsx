/** A button in one of four weights: one primary a view; the rest is quiet. */
import type { LucideIcon } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx";
import { Tooltip } from "./tooltip";

export type ButtonLook = "primary" | "outline" | "quiet" | "danger";
type Look = { look?: ButtonLook; size?: "s" | "m"; icon?: LucideIcon };

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  outline: "border border-line bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "border border-line bg-surface text-bad hover:bg-bad-soft",
};
const SHARED =
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-m font-bold transition-colors disabled:pointer-events-none disabled:opacity-50";
const SIZES = { s: "h-7 px-2.5 text-s", m: "h-9 px-3.5 text-m" };
const ICON_SIZES = { s: "size-7", m: "size-9" };

export function Button({
  look = "outline",
  size = "m",
  icon: Icon,
  className,
  children,
  type = "button",
  ...rest
}: ComponentProps<"button"> & Look) {
  return (
    <button type={type} className={cx(SHARED, LOOKS[look], SIZES[size], className)} {...rest}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  look = "outline",
  size = "m",
  icon: Icon,
  className,
  children,
  href,
}: Look & { href: string; className?: string; children: ReactNode }) {
  return (
    <Link href={href} prefetch={false} className={cx(SHARED, LOOKS[look], SIZES[size], className)}>
      {Icon && <Icon aria-hidden size={16} />}
      {children}
    </Link>
  );
}

/** A button that is only an icon: its name is read aloud, and shown when it is pointed at. */
export function IconButton({
  icon: Icon,
  label,
  look = "quiet",
  size = "m",
  className,
  side = "bottom",
  ...rest
}: Omit<ComponentProps<"button">, "children"> &
  Omit<Look, "icon"> & { icon: LucideIcon; label: string; side?: "top" | "right" | "bottom" | "left" }) {
  return (
    <Tooltip text={label} side={side}>
      <button
        type="button"
        aria-label={label}
        className={cx(SHARED, LOOKS[look], ICON_SIZES[size], className)}
        {...rest}
      >
        <Icon aria-hidden size={size === "s" ? 15 : 17} />
      </button>
    </Tooltip>
  );
}
