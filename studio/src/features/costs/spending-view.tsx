/** The sums of a period, as bars or as a table; one chart a currency, because currencies do not add up. */
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { DayBars, NamedBars } from "./bars";
import { projectNamesQuery } from "./cost-queries";
import { byDay, largestFirst, type Spent, totals, type Way } from "./spending";

type Props = { items: readonly Spent[]; by: Way; form: "chart" | "table"; from: string; to: string };

export function SpendingView({ items, by, form, from, to }: Props) {
  const t = useTranslations("costs");
  const nameOf = useNames(by);
  return (
    <section aria-label={t(`by.${by}`)} className="mb-10 flex flex-col gap-8">
      {form === "table" ? (
        <SpendingTable items={items} by={by} nameOf={nameOf} />
      ) : (
        totals(items).map(({ currency }) => (
          <div key={currency} className="rounded-l border border-line bg-surface p-4">
            <h2 className="mb-4 text-muted text-s">{t("chart.title", { by: t(`by.${by}`), currency })}</h2>
            {by === "day" ? (
              <DayBars days={byDay(items, currency, from, to)} nameOf={nameOf} />
            ) : (
              <NamedBars items={largestFirst(items, currency)} nameOf={nameOf} />
            )}
          </div>
        ))
      )}
    </section>
  );
}

function SpendingTable({ items, by, nameOf }: Pick<Props, "items" | "by"> & { nameOf: (key: Spent["key"]) => string }) {
  const t = useTranslations("costs");
  const format = useFormatter();
  const money = useMoney();
  return (
    <div className="overflow-x-auto rounded-l border border-line bg-surface">
      <table className="w-full">
        <thead className="text-left text-muted text-s">
          <tr>
            <th className="px-4 py-2 font-normal">{t(`by.${by}`)}</th>
            <th className="px-4 py-2 text-right font-normal">{t("table.tasks")}</th>
            <th className="px-4 py-2 text-right font-normal">{t("table.spent")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={`${item.key} ${item.currency}`} className="border-line border-t">
              <td className="px-4 py-2">{nameOf(item.key)}</td>
              <td className="px-4 py-2 text-right tabular-nums">{format.number(item.tasks)}</td>
              <td className="whitespace-nowrap px-4 py-2 text-right tabular-nums">
                {money({ amount: item.spent, currency: item.currency })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The name of what a sum is of: a date, a project by its name, else as Pixel calls it. */
function useNames(by: Way): (key: Spent["key"]) => string {
  const t = useTranslations("costs");
  const format = useFormatter();
  const projects = useQuery({ ...projectNamesQuery, enabled: by === "project" });
  return (key) => {
    if (!key) return t("none");
    if (by === "day") {
      return format.dateTime(new Date(`${key}T00:00:00Z`), { day: "numeric", month: "short", timeZone: "UTC" });
    }
    return projects.data?.projects.find(({ id }) => by === "project" && id === key)?.name ?? key;
  };
}
