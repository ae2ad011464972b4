/** The steps of a plan with their prices, and the sum. */

import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { useMoney } from "@/ui/money";
import { useNodeName } from "../inspector/node-inputs";
import type { Plan } from "../live/runs-api";

export function PlanTable({ plan }: { plan: Plan }) {
  const t = useTranslations("canvas");
  const money = useMoney();
  const name = useNodeName();
  const totals = Object.entries(plan.total);
  if (plan.steps.length === 0) return <p className="text-muted">{t("plan.nothing")}</p>;
  return (
    <table className="w-full text-s">
      <thead className="sr-only">
        <tr>
          <th>{t("plan.node")}</th>
          <th>{t("plan.state")}</th>
          <th>{t("plan.price")}</th>
        </tr>
      </thead>
      <tbody>
        {plan.steps.map((step) => {
          const why = (step.problems ?? [])
            .map(({ field, message }) => (field ? `${field}: ${message}` : message))
            .join("; ");
          return (
            <tr key={step.node} className={cx("border-line border-b", !step.made && "text-muted")}>
              <td className="max-w-60 truncate py-1.5">{name(step.node)}</td>
              <td className="px-2 text-muted">{t(`plan.is.${step.state}`)}</td>
              <td className={cx("text-right tabular-nums", why && "text-bad")}>
                {why || (!step.made ? t("plan.kept") : step.cost ? money(step.cost) : t("price.unknown"))}
              </td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2} className="py-2 text-left">
            {t("plan.total")}
          </th>
          <td className="text-right tabular-nums">
            {totals.map(([currency, amount]) => money({ currency, amount })).join(" + ") ||
              (plan.unpriced > 0 ? "" : t("money.nothing"))}
            {plan.unpriced > 0 && (
              <span className="block text-doubt">{t("plan.unpriced", { count: plan.unpriced })}</span>
            )}
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
