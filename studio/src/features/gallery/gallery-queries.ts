/** What the gallery asks Pixel: media a page at a time, and the projects and canvases that they belong to. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { MediaKind } from "@/ui/thumbnail";

export type AssetItem = components["schemas"]["AssetItem"];
export type Origin = AssetItem["origin"];
export type Wish = { q?: string; kind?: MediaKind; origin?: Origin; project?: string };

export const ASSETS = ["assets"] as const;
const PAGE = 60;
const MOST = 200;

export function assetsQuery({ q, kind, origin, project }: Wish) {
  const wanted = {
    ...(q ? { q } : {}),
    ...(kind ? { kind } : {}),
    ...(origin ? { origin } : {}),
    ...(project ? { projectId: project } : {}),
  };
  return infiniteQueryOptions({
    queryKey: [...ASSETS, wanted],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { ...wanted, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(api.GET("/api/v1/assets", { params: { query }, signal }));
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export const projectsQuery = queryOptions({
  queryKey: ["projects", "names"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/projects", { params: { query: { limit: MOST } }, signal })),
});

export const canvasesQuery = queryOptions({
  queryKey: ["canvases", "names"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/canvases", { params: { query: { limit: MOST } }, signal })),
});

/** The task that made a medium: what was asked for, from what, and what it cost. */
export function makerQuery(task: string) {
  return queryOptions({
    queryKey: ["tasks", "task", task],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/tasks/{task_id}", { params: { path: { task_id: task } }, signal })),
  });
}
