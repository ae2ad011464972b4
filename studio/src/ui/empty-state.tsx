/** What stands where nothing is yet: why, and the first step. */
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export function EmptyState({
  icon: Icon,
  title,
  heading: Heading = "h2",
  action,
  children,
}: {
  icon: LucideIcon;
  title: ReactNode;
  /** `h1` where this is all that the screen has. */
  heading?: "h1" | "h2";
  action?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-100 flex-col items-center px-4 py-16 text-center">
      <div className="mb-4 grid size-12 place-items-center rounded-l bg-accent-soft text-accent">
        <Icon aria-hidden size={22} />
      </div>
      <Heading className="text-l">{title}</Heading>
      {children && <div className="mt-1.5 text-muted">{children}</div>}
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
