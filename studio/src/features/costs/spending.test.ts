/** Sums are exact, currencies are never mixed, and a day without a cost is a day all the same. */
import { expect, test } from "vitest";
import { type Budget, byDay, largestFirst, percentOf, range, type Spent, shares, totals } from "./spending";

const of = (key: string, currency: string, spent: string, tasks = 1): Spent => ({
  key,
  currency,
  spent,
  running: "0",
  unknown: "0",
  tasks,
});

test("a period counts today, and its days are those of UTC", () => {
  expect(range(7, new Date("2026-03-01T23:59:00Z"))).toEqual({ from: "2026-02-23", to: "2026-03-01" });
});

test("the sums are exact where floats are not, and one a currency", () => {
  const running = { ...of("b", "CNY", "0.2", 2), running: "0.7", unknown: "0.1" };
  const items = [{ ...of("a", "CNY", "0.1", 3), running: "0.1" }, running, of("a", "USD", "0.04")];
  expect(totals(items)).toEqual([
    { currency: "CNY", amount: "0.3", running: "0.8", unknown: "0.1", tasks: 5 },
    { currency: "USD", amount: "0.04", running: "0", unknown: "0", tasks: 1 },
  ]);
});

test("days on which nothing was spent are there, in order", () => {
  const days = byDay([of("2026-03-01", "CNY", "2"), of("2026-03-01", "USD", "9")], "CNY", "2026-02-27", "2026-03-02");
  expect(days.map(({ key, spent }) => [key, spent])).toEqual([
    ["2026-02-27", "0"],
    ["2026-02-28", "0"],
    ["2026-03-01", "2"],
    ["2026-03-02", "0"],
  ]);
});

test("the largest is first by its amount, not by its text", () => {
  const sorted = largestFirst([of("nine", "CNY", "9"), of("ten", "CNY", "10.5")], "CNY");
  expect(sorted.map(({ key }) => key)).toEqual(["ten", "nine"]);
});

test("bars are shares of the largest; without a cost there are none", () => {
  expect(shares([of("a", "CNY", "2"), of("b", "CNY", "1")])).toEqual([1, 0.5]);
  expect(shares([of("a", "CNY", "0")])).toEqual([0]);
});

test("a budget is full at its limit and beyond, also where the limit is nothing", () => {
  const state = (committed: string, most: string) => ({ committed, most }) as Budget;
  expect([state("1", "4"), state("4.0", "4"), state("5", "4"), state("0", "0")].map(percentOf)).toEqual([
    25, 100, 100, 100,
  ]);
});
