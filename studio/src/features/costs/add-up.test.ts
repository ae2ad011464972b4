/** Costs are added exactly, no currency is mixed with another, and what nobody knows is counted apart. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addUp, type Costing, WAYS } from "./add-up";

const TASK: Costing = {
  status: "completed",
  created_at: "2026-03-01T23:30:00Z",
  model: "dashscope/qwen-image",
  project: "project_1",
  cost: { amount: "0.1", currency: "CNY" },
  charged: undefined,
};

test("floats would be wrong here", () => {
  const { items } = addUp([TASK, { ...TASK, cost: { amount: "0.2", currency: "CNY" } }], "model");
  expect(items).toEqual([{ key: "dashscope/qwen-image", currency: "CNY", spent: "0.3", tasks: 2 }]);
});

test("a day is one of UTC, and a task without a project is there all the same", () => {
  const shifted = { ...TASK, created_at: "2026-03-02T00:30:00+01:00", project: undefined };
  expect(addUp([shifted], "day").items[0]?.key).toBe("2026-03-01");
  expect(addUp([shifted], "project").items[0]?.key).toBe("");
  expect(addUp([shifted], "provider").items[0]?.key).toBe("dashscope");
});

test("unknown is what has ended without a cost, unless it failed for free; what runs is not asked yet", () => {
  const costless = { ...TASK, cost: undefined };
  const tasks: Costing[] = [
    costless,
    { ...costless, status: "failed", charged: "unknown" },
    { ...costless, status: "failed", charged: "yes" },
    { ...costless, status: "failed", charged: "no" },
    { ...costless, status: "processing" },
  ];
  expect(addUp(tasks, "day")).toEqual({ items: [], unknown: 3 });
});

test("every way of looking at the same tasks has the same sums and counts", () => {
  const costs = fc.record({ cents: fc.nat(10_000), currency: fc.constantFrom("CNY", "USD"), model: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(costs), (given) => {
      const tasks = given.map(({ cents, currency, model }) => ({
        ...TASK,
        model: `provider${model % 2}/model${model}`,
        cost: { amount: (cents / 100).toFixed(2), currency },
      }));
      const whole = (currency: string) =>
        given.filter((each) => each.currency === currency).reduce((sum, { cents }) => sum + cents, 0);
      for (const by of WAYS) {
        const { items } = addUp(tasks, by);
        expect(items.reduce((sum, each) => sum + each.tasks, 0)).toBe(given.length);
        for (const currency of ["CNY", "USD"]) {
          const own = items.filter((each) => each.currency === currency);
          expect(own.reduce((sum, { spent }) => sum + Math.round(Number(spent) * 100), 0)).toBe(whole(currency));
        }
      }
    }),
  );
});
