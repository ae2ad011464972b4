/** The sums of the period, one a currency; and how many tasks there are whose cost nobody knows. */
import { CircleHelp } from "lucide-react";
import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import type { Spending } from "./add-up";
import { totals } from "./spending";

export function Totals({ spending, days }: { spending: Spending; days: number }) {
  const t = useTranslations("costs");
  const money = useMoney();
  const { unknown, whole, counted } = spending;
  return (
    <section aria-label={t("totals")} className="mb-8">
      <ul className="flex flex-wrap gap-x-10 gap-y-4">
        {totals(spending.items).map((total) => (
          <li key={total.currency}>
            <p className="text-2xl tabular-nums">{money(total)}</p>
            <p className="text-muted text-s">{t("spent", { days, tasks: total.tasks })}</p>
          </li>
        ))}
      </ul>
      {unknown > 0 && (
        <p className="mt-4 flex items-center gap-2 rounded-m bg-doubt-soft px-3 py-2 text-doubt">
          <CircleHelp aria-hidden size={16} className="shrink-0" />
          {t("unknown", { count: unknown })}
        </p>
      )}
      {!whole && <p className="mt-4 text-muted text-s">{t("newestOnly", { count: counted })}</p>}
    </section>
  );
}
