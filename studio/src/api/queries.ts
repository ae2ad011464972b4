/** The questions that several screens ask, each with its key in the cache. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ApiError, api, unwrap } from "./client";
import type { components } from "./schema";

export type Session = components["schemas"]["SessionView"];
export type Health = components["schemas"]["Health"];

const MODELS_ARE_FRESH = 5 * 60_000;
const SESSION_IS_FRESH = 60_000;
const PAGE = 48;

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/models", { signal })),
  staleTime: MODELS_ARE_FRESH,
});

/** Who is signed in, and what they may do. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/session", { signal })),
  staleTime: SESSION_IS_FRESH,
});

/** How Pixel is doing; null for whoever may not see figures. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }): Promise<Health | null> => {
    const { data, error } = await api.GET("/health/ready", { signal });
    const health = data ?? error; // 503 has the same body
    if (health === undefined || !("status" in health)) throw new ApiError(0, "no answer");
    return "keys" in health ? (health as Health) : null;
  },
});

/** Projects, newest first: those in use, or those that were put away. */
export function projectsQuery(archived: boolean) {
  return infiniteQueryOptions({
    queryKey: ["projects", { archived }],
    queryFn: ({ signal, pageParam }) =>
      unwrap(api.GET("/api/v1/projects", { signal, params: { query: { ...pageParam, archived, limit: PAGE } } })),
    initialPageParam: {} as { cursor?: string },
    getNextPageParam: ({ next_cursor: cursor }) => (cursor ? { cursor } : undefined),
  });
}

export function projectQuery(project: string) {
  return queryOptions({
    queryKey: ["project", project],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/projects/{project_id}", { signal, params: { path: { project_id: project } } })),
  });
}

/** The canvases of a project, newest first. */
export function canvasesQuery(projectId: string, archived: boolean) {
  return infiniteQueryOptions({
    queryKey: ["canvases", projectId, { archived }],
    queryFn: ({ signal, pageParam }) =>
      unwrap(
        api.GET("/api/v1/canvases", { signal, params: { query: { ...pageParam, projectId, archived, limit: PAGE } } }),
      ),
    initialPageParam: {} as { cursor?: string },
    getNextPageParam: ({ next_cursor: cursor }) => (cursor ? { cursor } : undefined),
  });
}
