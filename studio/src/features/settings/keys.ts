/** Asking for, issuing and ending API keys. */
import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";

export type ApiKey = components["schemas"]["KeyView"];
export type Scope = components["schemas"]["Scope"];
export type NewKey = components["schemas"]["NewKey"];

export const SCOPES: readonly Scope[] = ["client", "auditor", "analyst", "admin"];

export const keysQuery = infiniteQueryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal, pageParam }) => unwrap(api.GET("/api/v1/admin/keys", { signal, params: { query: pageParam } })),
  initialPageParam: {} as { cursor?: string },
  getNextPageParam: ({ next_cursor: cursor }) => (cursor ? { cursor } : undefined),
});

export function useIssueKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: NewKey) => unwrap(api.POST("/api/v1/admin/keys", { body: wish })),
    // The first key closes Pixel, so who is here may have changed, too.
    onSuccess: () => Promise.all(["keys", "session"].map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
}

export function useRevokeKey(key: ApiKey) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) =>
      unwrap(
        api.POST("/api/v1/admin/keys/{key_id}/revoke", {
          params: { path: { key_id: key.id } },
          body: reason === "" ? {} : { reason },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
}
