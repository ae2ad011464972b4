/** The state of a node in a word, with its progress. */

import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { type CardState, TONE } from "../logic/card-state";

const DOT = { quiet: "bg-line-strong", busy: "bg-accent", good: "bg-good", doubt: "bg-doubt", bad: "bg-bad" };
const WORD = { quiet: "text-muted", busy: "text-accent", good: "text-muted", doubt: "text-doubt", bad: "text-bad" };

export function StateWord({ state }: { state: CardState }) {
  const word = useStateWord();
  if (state.name === "still" || state.name === "unready") return null;
  const tone = TONE[state.name];
  return (
    <span data-state={state.name} className={cx("flex shrink-0 items-center gap-1.5 text-xs", WORD[tone])}>
      <span aria-hidden className={cx("size-1.5 rounded-full", DOT[tone])} />
      {word(state)}
    </span>
  );
}

/** What a state is called. A phase that the studio does not know is shown in the provider's own word. */
export function useStateWord(): (state: CardState) => string {
  const t = useTranslations("canvas");
  return (state) => {
    if (state.name !== "working") return t(`state.${state.name}`);
    const phase = `phase.${state.phase}` as Parameters<typeof t>[0];
    const word = t.has(phase) ? t(phase) : state.phase;
    return state.percent === undefined ? word : t("state.percent", { word, percent: state.percent });
  };
}
