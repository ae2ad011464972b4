/** What the next run costs at most, and what the runs of this node have cost so far. */

import { useTranslations } from "use-intl";
import { sum } from "@/document/cost";
import type { CanvasNode } from "@/document/types";
import { useMoney } from "@/ui/money";
import { useCardState, usePrice, useTasks } from "../board/context";
import { useStateWord } from "../nodes/state-word";
import { useTroubleWords } from "../nodes/trouble";
import { Section } from "./section";

export function NodeMoney({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const money = useMoney();
  const state = useCardState(id, node);
  const word = useStateWord();
  const trouble = useTroubleWords()(state);
  const price = usePrice(id);
  const tasks = useTasks(id);
  const spent = Object.entries(sum(tasks.flatMap(({ cost }) => (cost ? [cost] : []))));
  const untold = tasks.filter(({ status, cost }) => status === "completed" && !cost).length;
  const next = !price
    ? t("price.none")
    : price.state === "known"
      ? money(price.cost)
      : price.state === "unknown"
        ? t("price.unknown")
        : t("price.refused");
  return (
    <Section title={t("inspector.money")}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-s">
        <dt className="text-muted">{t("money.state")}</dt>
        <dd className="text-right">{word(state)}</dd>
        <dt className="text-muted">{t("money.next")}</dt>
        <dd className="text-right tabular-nums">{next}</dd>
        <dt className="text-muted">{t("money.spent")}</dt>
        <dd className="text-right tabular-nums">
          {spent.length > 0
            ? spent.map(([currency, amount]) => money({ amount, currency })).join(" + ")
            : t("money.nothing")}
          {untold > 0 && <span className="block text-muted">{t("money.untold", { count: untold })}</span>}
        </dd>
      </dl>
      {state.name === "unready" && <p className="text-muted text-s">{t(`problem.${state.problem}`)}</p>}
      {trouble && (
        <div className="text-s">
          <p className="font-bold">{trouble.title}</p>
          {trouble.text && <p>{trouble.text}</p>}
          {trouble.money && <p>{trouble.money}</p>}
        </div>
      )}
    </Section>
  );
}
