/** The shape of what is on its way. Whoever shows several says once, with aria-busy, that something is loading. */
import { cx } from "./cx";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-shimmer rounded-m bg-line/70", className)} />;
}
