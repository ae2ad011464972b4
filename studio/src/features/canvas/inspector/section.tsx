/** A part of the inspector, under its name. */

import type { ReactNode } from "react";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3 border-line border-b px-3 py-3.5">
      <h3 className="text-muted text-xs">{title}</h3>
      {children}
    </section>
  );
}
