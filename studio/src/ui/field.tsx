/** A labelled input: the label, the control, and below it a hint or what is wrong. */
import { type ComponentProps, cloneElement, type ReactElement, type ReactNode, useId } from "react";
import { cx } from "./cx";

const CONTROL =
  "w-full rounded-m border border-line-strong/60 bg-surface text-m text-ink transition-colors hover:border-line-strong focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-60";

/** The one child gets the id that the label names, and the hint as its description. */
export function Field({
  label,
  hint,
  problem,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  problem?: ReactNode;
  children: ReactElement<{ id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean }>;
}) {
  const id = useId();
  const below = problem ?? hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-bold text-s">
        {label}
      </label>
      {cloneElement(children, {
        id,
        ...(below ? { "aria-describedby": `${id}-below` } : {}),
        ...(problem ? { "aria-invalid": true } : {}),
      })}
      {below && (
        <p id={`${id}-below`} className={cx("text-s", problem ? "text-bad" : "text-muted")}>
          {below}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input autoComplete="off" className={cx(CONTROL, "h-9 px-3", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={cx(CONTROL, "min-h-20 resize-y px-3 py-2", className)} {...rest} />;
}

/** The browser's own select: the fastest on a phone, and the one that every screen reader knows. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={cx(CONTROL, "h-9 px-2.5", className)} {...rest} />;
}

export function Checkbox({ label, ...rest }: Omit<ComponentProps<"input">, "type"> & { label: ReactNode }) {
  return (
    <label className="flex items-center gap-2.5">
      <input type="checkbox" className="size-4 shrink-0 accent-accent" {...rest} />
      <span>{label}</span>
    </label>
  );
}
