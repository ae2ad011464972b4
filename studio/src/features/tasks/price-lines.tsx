/** What a task cost, line by line, beside what was expected; the difference is explained. */
import { useFormatter, useTranslations } from "use-intl";
import type { components } from "@/api/schema";
import { useMoney } from "@/ui/money";
import { useTaskCost } from "./task-cost";
import type { Task } from "./task-state";

type Cost = components["schemas"]["Cost"];

export function PriceLines({ task }: { task: Task }) {
  const t = useTranslations("task.price");
  const words = useTaskCost();
  const money = useMoney();
  const expected = task.estimated_cost;
  const shown = task.cost ?? expected;
  return (
    <section aria-labelledby="price">
      <h2 id="price" className="mb-2 text-l">
        {t("title")}
      </h2>
      <div className="overflow-hidden rounded-m border border-line bg-surface">
        {shown && <Lines cost={shown} />}
        <p className="flex justify-between gap-4 px-3 py-2 font-bold">
          <span>{t(task.cost ? "charged" : "total")}</span>
          <span className="tabular-nums">{words(task)}</span>
        </p>
      </div>
      {task.cost && expected && (
        <p className="mt-2 text-muted text-s">
          {t(task.cost.amount === expected.amount ? "asExpected" : "expected", { sum: money(expected) })}
        </p>
      )}
      {shown && (
        <p className="mt-1 text-muted text-s">
          {t(`source.${shown.source ?? "prices"}`, { revision: shown.price_revision })}
        </p>
      )}
      {!shown && <p className="mt-2 text-muted text-s">{t("noPrices")}</p>}
    </section>
  );
}

function Lines({ cost }: { cost: Cost }) {
  const t = useTranslations("task.price");
  const format = useFormatter();
  const money = useMoney();
  if (!cost.lines?.length) return null;
  return (
    <table className="w-full border-line border-b">
      <thead className="text-left text-muted text-s">
        <tr>
          <th className="px-3 py-2 font-normal">{t("what")}</th>
          <th className="px-3 py-2 text-right font-normal">{t("quantity")}</th>
          <th className="px-3 py-2 text-right font-normal">{t("amount")}</th>
        </tr>
      </thead>
      <tbody>
        {cost.lines.map((line) => (
          <tr key={`${line.unit} ${line.quantity}`} className="border-line border-t">
            <td className="px-3 py-2">{t(`unit.${line.unit}`)}</td>
            <td className="px-3 py-2 text-right tabular-nums">{format.number(Number(line.quantity))}</td>
            <td className="px-3 py-2 text-right tabular-nums">
              {money({ amount: line.amount, currency: cost.currency })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
