/** What was spent in a period? Pixel adds it up, exactly and over all of its tasks. */
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Way } from "./spending";

export const SPENDING = ["spending"] as const;
const MOST_PROJECTS = 200;

/** `first` and `last` are dates of UTC. */
export function spendingQuery(by: Way, first: string, last: string) {
  return queryOptions({
    queryKey: [...SPENDING, by, first, last],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/spending", { params: { query: { by, first, last } }, signal })),
  });
}

export const projectNamesQuery = queryOptions({
  queryKey: ["projects", "names"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/projects", { params: { query: { limit: MOST_PROJECTS } }, signal })),
});
