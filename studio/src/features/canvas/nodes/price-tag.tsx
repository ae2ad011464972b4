/** What the next run costs at most. A price that nobody knows is said to be unknown, which is not free. */

import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { Tooltip } from "@/ui/tooltip";
import { useFact, usePrice } from "../board/context";
import type { CardState } from "../logic/card-state";

export function PriceTag({ id, state }: { id: string; state: CardState }) {
  const t = useTranslations("canvas");
  const money = useMoney();
  const fact = useFact(id);
  const price = usePrice(id);
  if (state.name === "saving" || state.name === "queued" || state.name === "working") return null;
  if (!fact?.request) return null;
  if (!price)
    return <span className="h-3 w-10 animate-shimmer rounded-s bg-line" role="status" aria-label={t("price.asking")} />;
  if (price.state === "refused") {
    const why = price.problems.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("\n");
    return (
      <Tooltip text={<span className="whitespace-pre-line">{why}</span>}>
        <span className="truncate text-bad text-xs">{t("price.refused")}</span>
      </Tooltip>
    );
  }
  if (price.state === "unknown") {
    return (
      <Tooltip text={t("price.unknownHint")}>
        <span className="whitespace-nowrap text-muted text-xs">{t("price.unknown")}</span>
      </Tooltip>
    );
  }
  return (
    <Tooltip text={t("price.mostHint")}>
      <span className="whitespace-nowrap text-muted text-xs tabular-nums">
        {t("price.most", { price: money(price.cost) })}
      </span>
    </Tooltip>
  );
}
