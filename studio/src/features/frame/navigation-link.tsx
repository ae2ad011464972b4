import Link from "next/link";
import { cx } from "@/ui/cx";
import { Tooltip } from "@/ui/tooltip";
import type { Place } from "./places";

/** A place in the navigation. Without room for its name, the name is its tooltip. */
export function NavigationLink({
  place: { href, icon: Icon },
  text,
  current,
  narrow,
}: {
  place: Place;
  text: string;
  current: boolean;
  narrow: boolean;
}) {
  return (
    <Tooltip text={text} side="right">
      <Link
        href={href}
        prefetch={false}
        aria-current={current ? "page" : undefined}
        className={cx(
          "flex h-14 flex-col items-center justify-center gap-0.5 rounded-m px-1 text-xs transition-colors sm:h-11",
          !narrow && "lg:h-9 lg:flex-row lg:justify-start lg:gap-3 lg:px-2.5 lg:text-m",
          current ? "bg-accent-soft font-bold text-accent" : "text-muted hover:bg-sunken hover:text-ink",
        )}
      >
        <Icon aria-hidden size={18} className="shrink-0" />
        <span className={cx("sm:sr-only", !narrow && "lg:not-sr-only")}>{text}</span>
      </Link>
    </Tooltip>
  );
}
