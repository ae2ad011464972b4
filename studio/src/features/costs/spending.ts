/** What was spent, as the screen shows it: sums by currency, days without a gap, and the largest first. Amounts are
 * decimal strings; numbers are made of them only to draw bars. */
import type { components } from "@/api/schema";
import { compare, sum } from "@/document/cost";

export type Spent = components["schemas"]["SpendingSum"];
export type Spending = components["schemas"]["SpendingReport"];
export type Budget = components["schemas"]["BudgetState"];
export type Way = Spending["by"];
export const WAYS = ["day", "model", "project", "provider"] as const satisfies readonly Way[];

const DAY_MS = 24 * 3600 * 1000;
export const PERIODS = [7, 30, 90] as const;
export type Period = (typeof PERIODS)[number];

/** Dates of UTC, as budgets have them: the last `days` days, today included. */
export function range(days: number, today: Date): { from: string; to: string } {
  const from = new Date(today.getTime() - (days - 1) * DAY_MS);
  return { from: dayOf(from), to: dayOf(today) };
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** What was spent in one currency; `running` is what unfinished tasks may cost, `unknown` what others may have cost. */
export interface Total {
  currency: string;
  amount: string;
  running: string;
  unknown: string;
  tasks: number;
}

/** The sum of each currency, the one with the most tasks first. */
export function totals(items: readonly Spent[]): Total[] {
  const of = (amount: (item: Spent) => string) =>
    sum(items.map((item) => ({ amount: amount(item), currency: item.currency })));
  const [running, unknown] = [of((item) => item.running), of((item) => item.unknown)];
  return Object.entries(of((item) => item.spent))
    .map(([currency, amount]) => ({
      currency,
      amount,
      running: running[currency] ?? "0",
      unknown: unknown[currency] ?? "0",
      tasks: tasksIn(items, currency),
    }))
    .sort((one, other) => other.tasks - one.tasks);
}

/** How much of a budget is committed, in percent, 100 at most. */
export function percentOf({ committed, most }: Budget): number {
  if (compare(committed, most) >= 0) return 100;
  return (Number(committed) / Number(most)) * 100;
}

function tasksIn(items: readonly Spent[], currency: string): number {
  return items.filter((each) => each.currency === currency).reduce((count, { tasks }) => count + tasks, 0);
}

/** Each day of the range, those on which nothing was spent, too. */
export function byDay(items: readonly Spent[], currency: string, from: string, to: string): Spent[] {
  const found = new Map(items.filter((each) => each.currency === currency).map((each) => [each.key, each]));
  const days: Spent[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) {
    const key = dayOf(new Date(at));
    days.push(found.get(key) ?? { key, currency, spent: "0", running: "0", unknown: "0", tasks: 0 });
  }
  return days;
}

export function largestFirst(items: readonly Spent[], currency: string): Spent[] {
  return items.filter((each) => each.currency === currency).sort((one, other) => compare(other.spent, one.spent));
}

/** How long is each bar, from 0 to 1? */
export function shares(items: readonly Spent[]): number[] {
  const most = Math.max(0, ...items.map(({ spent }) => Number(spent)));
  return items.map(({ spent }) => (most > 0 ? Number(spent) / most : 0));
}
