/** The sums of the period, one a currency; and how many tasks there are whose cost nobody knows. */
import { CircleHelp } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { type Spending, totals } from "./spending";

export function Totals({ spending, days }: { spending: Spending; days: number }) {
  const t = useTranslations("costs");
  const money = useMoney();
  const { unpriced, complete, sums } = spending;
  const found = totals(sums);
  return (
    <section aria-label={t("totals")} className="mb-8">
      <ul className="flex flex-wrap gap-x-10 gap-y-4">
        {found.map((total) => (
          <li key={total.currency}>
            <p className="text-2xl tabular-nums">{money(total)}</p>
            <p className="text-muted text-s">{t("spent", { days, tasks: total.tasks })}</p>
            {Number(total.running) > 0 && (
              <p className="text-muted text-s">{t("running", { sum: money({ ...total, amount: total.running }) })}</p>
            )}
          </li>
        ))}
      </ul>
      {found
        .filter(({ unknown }) => Number(unknown) > 0)
        .map((total) => (
          <Doubt key={total.currency}>{t("inDoubt", { sum: money({ ...total, amount: total.unknown }) })}</Doubt>
        ))}
      {unpriced > 0 && <Doubt>{t("unknown", { count: unpriced })}</Doubt>}
      {!complete && <p className="mt-4 text-muted text-s">{t("largestOnly", { count: sums.length })}</p>}
    </section>
  );
}

function Doubt({ children }: { children: ReactNode }) {
  return (
    <p className="mt-4 flex items-center gap-2 rounded-m bg-doubt-soft px-3 py-2 text-doubt">
      <CircleHelp aria-hidden size={16} className="shrink-0" />
      {children}
    </p>
  );
}
