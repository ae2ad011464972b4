/** Sums as bars. For those who can't see them the same stands in the table view; here they are one picture with a name. */
import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { type Spent, shares } from "./spending";

const LEAST = 0.01; // of the height: something was spent

/** One bar a day, from the left to the right. */
export function DayBars({ days, nameOf }: { days: readonly Spent[]; nameOf: (key: Spent["key"]) => string }) {
  const t = useTranslations("costs");
  const money = useMoney();
  const heights = shares(days);
  const [first, last] = [days[0], days.at(-1)];
  const most = days.reduce((one, other) => (Number(other.spent) > Number(one.spent) ? other : one), days[0] as Spent);
  return (
    <figure>
      <div
        role="img"
        aria-label={t("chart.days", {
          most: money({ amount: most.spent, currency: most.currency }),
          day: nameOf(most.key),
        })}
        className="flex h-44 items-end gap-0.5 border-line border-b sm:gap-1"
      >
        {days.map((each, index) => (
          <div
            key={each.key}
            title={t("chart.bar", {
              name: nameOf(each.key),
              sum: money({ amount: each.spent, currency: each.currency }),
            })}
            className="group flex h-full min-w-0 grow items-end"
          >
            <div
              className={Number(each.spent) > 0 ? "w-full rounded-t-s bg-accent group-hover:bg-accent-hover" : "w-full"}
              style={{ height: `${Math.max(LEAST, heights[index] ?? 0) * 100}%` }}
            />
          </div>
        ))}
      </div>
      <figcaption className="mt-1 flex justify-between text-muted text-s">
        <span>{first && nameOf(first.key)}</span>
        <span>{last && nameOf(last.key)}</span>
      </figcaption>
    </figure>
  );
}

/** One bar a model, project or provider, the largest first. */
export function NamedBars({ items, nameOf }: { items: readonly Spent[]; nameOf: (key: Spent["key"]) => string }) {
  const money = useMoney();
  const widths = shares(items);
  return (
    <ul className="flex flex-col gap-2.5">
      {items.map((item, index) => (
        <li key={item.key}>
          <div className="mb-1 flex justify-between gap-4">
            <span className="min-w-0 truncate">{nameOf(item.key)}</span>
            <span className="shrink-0 tabular-nums">{money({ amount: item.spent, currency: item.currency })}</span>
          </div>
          <div aria-hidden className="h-2 overflow-hidden rounded-full bg-sunken">
            <div
              className="h-full rounded-full bg-accent"
              style={{ width: `${Math.max(LEAST, widths[index] ?? 0) * 100}%` }}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
