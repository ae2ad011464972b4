import type { ReactNode } from "react";

/** A part of the settings: its title, what it is about, and what can be set. */
export function Section({
  title,
  about,
  action,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section>
      <header className="mb-3 flex flex-wrap items-end gap-3">
        <div className="min-w-60 grow">
          <h2 className="text-l">{title}</h2>
          {about && <p className="text-muted text-s">{about}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}

/** One line of a part: its name at the left, the value or the control at the right. */
export function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-4 py-2 last:border-b-0">
      <span className="min-w-32 grow">{name}</span>
      {children}
    </div>
  );
}

export function Rows({ children, busy = false }: { children: ReactNode; busy?: boolean }) {
  return (
    <div aria-busy={busy} className="rounded-l border border-line bg-surface">
      {children}
    </div>
  );
}
