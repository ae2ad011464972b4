/** What the task centre and the page of a task ask Pixel. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";

export type Kind = components["schemas"]["TaskView"]["type"];
export type Status = components["schemas"]["TaskView"]["status"];
export type DoubtfulCall = components["schemas"]["InDoubtCall"];
export type Filters = { kind?: Kind; model?: string; project?: string };

export const PAGE = 20;
const MOST_EVENTS = 500;

/** All that is asked about tasks stands below this key: news of a task makes it old. */
export const TASKS = ["tasks"] as const;

export function taskListQuery(status: Status, { kind, model, project }: Filters) {
  const wanted = {
    status,
    ...(kind ? { type: kind } : {}),
    ...(model ? { model } : {}),
    ...(project ? { projectId: project } : {}),
  };
  return infiniteQueryOptions({
    queryKey: [...TASKS, "list", wanted],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { ...wanted, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(api.GET("/api/v1/tasks", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** The calls that nobody knows the outcome of. Only who administers Pixel may ask. */
export const doubtsQuery = infiniteQueryOptions({
  queryKey: [...TASKS, "doubts"],
  initialPageParam: "",
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      api.GET("/api/v1/admin/calls", {
        params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
        signal,
      }),
    ),
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  retry: false,
});

export function taskQuery(task: string) {
  return queryOptions({
    queryKey: [...TASKS, "task", task],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/tasks/{task_id}", { params: { path: { task_id: task } }, signal })),
  });
}

/** A task as it was known at a version. That never changes. */
export function pastTaskQuery(task: string, version: number) {
  return queryOptions({
    queryKey: ["past task", task, version],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/tasks/{task_id}", { params: { path: { task_id: task }, query: { version } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function historyQuery(task: string) {
  return infiniteQueryOptions({
    queryKey: [...TASKS, "history", task],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET("/api/v1/tasks/{task_id}/history", {
          params: { path: { task_id: task }, query: { after: pageParam, limit: MOST_EVENTS } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_after ?? undefined,
  });
}
