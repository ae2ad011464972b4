/** What do costs of tasks add up to, by day, model, project or provider? Exactly, by currency, and with what is unknown. */
import { add } from "@/document/cost";

export const WAYS = ["day", "model", "project", "provider"] as const;
export type Way = (typeof WAYS)[number];

export type Costing = {
  status: "pending" | "processing" | "completed" | "failed";
  created_at: string;
  model: string;
  project: string | undefined;
  cost: { amount: string; currency: string } | undefined;
  charged: "yes" | "no" | "unknown" | undefined;
};

/** `key` is a date of UTC, or an id; empty for tasks without a project. `spent` is a decimal. */
export type Spent = { key: string; currency: string; spent: string; tasks: number };

export type Spending = {
  items: Spent[];
  /** Tasks that have ended, and of which nobody knows what they cost. */
  unknown: number;
  /** Whether all tasks of the period are counted, or only the newest. */
  whole: boolean;
  counted: number;
};

export function addUp(tasks: readonly Costing[], by: Way): Pick<Spending, "items" | "unknown"> {
  const sums = new Map<string, Spent>();
  let unknown = 0;
  for (const task of tasks) {
    if (!task.cost) {
      if (isUnknown(task)) unknown += 1;
      continue;
    }
    const { amount, currency } = task.cost;
    const key = keyOf(task, by);
    const sum = sums.get(`${key} ${currency}`) ?? { key, currency, spent: "0", tasks: 0 };
    sums.set(`${key} ${currency}`, { ...sum, spent: add(sum.spent, amount), tasks: sum.tasks + 1 });
  }
  return { items: [...sums.values()].sort((one, other) => (one.key < other.key ? -1 : 1)), unknown };
}

/** What failed for free is known to have cost nothing. */
function isUnknown({ status, charged }: Costing): boolean {
  return status === "completed" || (status === "failed" && charged !== "no");
}

function keyOf({ created_at, model, project }: Costing, by: Way): string {
  if (by === "day") return new Date(created_at).toISOString().slice(0, 10);
  if (by === "model") return model;
  if (by === "project") return project ?? "";
  return model.split("/")[0] ?? model;
}
