/** What did the tasks of a period cost? Their sums are made here, of what the list of tasks says of each. */
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { addUp, type Spending, type Way } from "./add-up";

export const SPENDING = ["spending"] as const;
const PAGE = 200;
const MOST_PAGES = 10;
const MOST_PROJECTS = 200;

/** All ways of looking at a period are one question. `from` is a date of UTC. */
export function spendingQuery(by: Way, from: string) {
  return queryOptions({
    queryKey: [...SPENDING, from],
    queryFn: async ({ signal }) => {
      const tasks = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = { createdAfter: `${from}T00:00:00Z`, limit: PAGE, ...(cursor ? { cursor } : {}) };
        const found = await unwrap(api.GET("/api/v1/tasks", { params: { query }, signal }));
        // Only what is added up is kept: prompts and results of 2,000 tasks would be much.
        tasks.push(
          ...found.tasks.map(({ status, created_at, model, served_by, project_id, cost, error }) => ({
            status,
            created_at,
            model: served_by ?? model,
            project: project_id,
            cost: cost && { amount: cost.amount, currency: cost.currency },
            charged: error?.charged,
          })),
        );
        cursor = found.next_cursor ?? undefined;
        if (!cursor) break;
      }
      return { tasks, whole: cursor === undefined };
    },
    select: ({ tasks, whole }): Spending => ({ ...addUp(tasks, by), whole, counted: tasks.length }),
  });
}

export const projectNamesQuery = queryOptions({
  queryKey: ["projects", "names"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/projects", { params: { query: { limit: MOST_PROJECTS } }, signal })),
});
