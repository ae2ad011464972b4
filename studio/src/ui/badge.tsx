/** A state in a word. The colour only repeats what the word says. */
import type { ReactNode } from "react";
import { cx } from "./cx";

export type Tone = "neutral" | "accent" | "good" | "doubt" | "bad";

const TONES: Record<Tone, string> = {
  neutral: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent",
  good: "bg-good-soft text-good",
  doubt: "bg-doubt-soft text-doubt",
  bad: "bg-bad-soft text-bad",
};

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={cx("inline-flex h-5.5 items-center gap-1 whitespace-nowrap rounded-s px-1.5 text-xs", TONES[tone])}
    >
      {children}
    </span>
  );
}
