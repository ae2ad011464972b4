/** A screen that is no canvas: its title, what can be done here, and the content below. */
import type { ReactNode } from "react";

export function Page({ title, actions, children }: { title: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-300 grow flex-col px-4 py-6 sm:px-8 sm:py-8">
      <header className="mb-6 flex min-h-9 flex-wrap items-center gap-3">
        <h1 className="grow text-xl">{title}</h1>
        {actions}
      </header>
      {children}
    </div>
  );
}
