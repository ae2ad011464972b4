/** The budgets, and how much of each is committed: what was spent, and what unfinished tasks may cost. */
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { projectNamesQuery } from "./cost-queries";
import { type Budget, percentOf } from "./spending";

export function Budgets({ budgets }: { budgets: readonly Budget[] }) {
  const t = useTranslations("costs.budgets");
  const nameOf = useNames(budgets);
  const money = useMoney();
  return (
    <section aria-labelledby="budgets" className="mb-10">
      <h2 id="budgets" className="mb-3 text-m">
        {t("title")}
      </h2>
      <ul className="flex flex-col gap-4 rounded-l border border-line bg-surface p-4">
        {budgets.map((budget) => {
          const { period, provider, project, of_key, most, committed, currency } = budget;
          const name = nameOf(budget);
          return (
            <li key={[period, provider, project, of_key].join(" ")}>
              <div className="mb-1 flex flex-wrap justify-between gap-x-4">
                <span className="min-w-0 truncate">{name}</span>
                <span className="shrink-0 tabular-nums">
                  {t("committed", {
                    committed: money({ amount: committed, currency }),
                    most: money({ amount: most, currency }),
                  })}
                </span>
              </div>
              <progress value={percentOf(budget)} max={100} aria-label={name} className="block h-2 w-full">
                {Math.round(percentOf(budget))}
              </progress>
            </li>
          );
        })}
      </ul>
      <p className="mt-2 text-muted text-s">{t("hint")}</p>
    </section>
  );
}

/** What a budget is of: a period, and the key, the project, the provider, or all that is spent. */
function useNames(budgets: readonly Budget[]): (budget: Budget) => string {
  const t = useTranslations("costs.budgets");
  const projects = useQuery({ ...projectNamesQuery, enabled: budgets.some(({ project }) => project) });
  return ({ period, provider, project, of_key }) => {
    const named = projects.data?.projects.find(({ id }) => id === project)?.name ?? project;
    const of = [named, provider].filter(Boolean).join(", ");
    return t(`period.${period}`, { of: of_key ? t("ofKey") : of || t("ofAll") });
  };
}
