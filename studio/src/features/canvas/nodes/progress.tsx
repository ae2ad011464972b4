/** How far a run is: as much as the provider says, else only that it goes on. */

import { useTranslations } from "use-intl";
import type { CardState } from "../logic/card-state";

export function Progress({ state }: { state: CardState }) {
  const t = useTranslations("canvas");
  if (state.name !== "working" && state.name !== "queued" && state.name !== "saving") return null;
  const percent = state.name === "working" ? state.percent : undefined;
  return (
    <div
      role="progressbar"
      aria-label={t("node.progress")}
      {...(percent === undefined ? {} : { "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100 })}
      className="absolute inset-x-0 top-0 h-0.5 overflow-hidden bg-line"
    >
      {percent === undefined ? (
        <div className="h-full w-full animate-shimmer bg-accent" />
      ) : (
        <div className="h-full bg-accent transition-[width]" style={{ width: `${Math.max(4, percent)}%` }} />
      )}
    </div>
  );
}
