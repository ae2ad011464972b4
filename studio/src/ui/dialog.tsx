/** A dialog over the page. It is the browser's own, which keeps the focus inside and the page behind out of reach.
 *
 * Radix's would write a <style> element, and the policy of the studio allows none. */
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "./button";
import { cx } from "./cx";
import { PortalHost } from "./portal-host";

type Props = {
  open: boolean;
  /** Asked to close: Escape, the cross, or a click beside it. Left out: it cannot be closed so. */
  onClose?: (() => void) | undefined;
  title: ReactNode;
  description?: ReactNode;
  size?: "s" | "m" | "l" | "full";
  /** The buttons at its foot, the primary one last. */
  actions?: ReactNode;
  children?: ReactNode;
};

const WIDTHS = { s: "max-w-104", m: "max-w-140", l: "max-w-220", full: "max-w-[calc(100vw-48px)]" };

export function Dialog({ open, ...rest }: Props) {
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({ onClose, title, description, size = "s", actions, children }: Omit<Props, "open">) {
  const t = useTranslations("common");
  const dialog = useRef<HTMLDialogElement>(null);
  const [host, setHost] = useState<HTMLElement | null>(null);
  const id = useId();

  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // The browser would take the cross, because it comes first, and its tooltip would take the first Escape.
    const field = dialog.current?.querySelector<HTMLElement>("input, textarea, select");
    (field ?? dialog.current)?.focus();
    setHost(dialog.current);
    return () => (before instanceof HTMLElement && before.isConnected ? before.focus() : undefined);
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does for the keyboard what a click beside it does
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => event.target === dialog.current && onClose?.()}
      className={cx(
        "m-auto w-[calc(100%-32px)] animate-enter rounded-l border border-line bg-raised p-0 text-ink shadow-lift outline-none backdrop:bg-scrim",
        WIDTHS[size],
      )}
    >
      <PortalHost value={host}>
        <div className="flex max-h-[85dvh] flex-col">
          <header className="flex items-start gap-3 px-5 pt-4 pb-2">
            <h2 id={id} className="grow pt-1 text-l">
              {title}
            </h2>
            {onClose && <IconButton icon={X} label={t("close")} size="s" onClick={onClose} />}
          </header>
          <div className="grow overflow-y-auto px-5 pb-4">
            {description && <p className="mb-4 text-muted">{description}</p>}
            {children}
          </div>
          {actions && (
            <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3">{actions}</footer>
          )}
        </div>
      </PortalHost>
    </dialog>
  );
}
