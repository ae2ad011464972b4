/** Asking for, issuing and ending API keys. */
import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { type Session, sessionQuery } from "@/api/queries";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";

export type ApiKey = components["schemas"]["KeyView"];
export type Scope = components["schemas"]["Scope"];
export type NewKey = components["schemas"]["NewKey"];

const SIGN_IN_TRIES = 10;
const SIGN_IN_PAUSE_MS = 300;

export const SCOPES: readonly Scope[] = ["client", "auditor", "analyst", "admin"];

export const keysQuery = infiniteQueryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal, pageParam }) => unwrap(api.GET("/api/v1/admin/keys", { signal, params: { query: pageParam } })),
  initialPageParam: {} as { cursor?: string },
  getNextPageParam: ({ next_cursor: cursor }) => (cursor ? { cursor } : undefined),
});

/** Issue a key. The first one closes Pixel: whoever issues it here is signed in with it, or would be asked for it before
 * it could be copied. */
export function useIssueKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wish: NewKey) => {
      const wasOpen = queries.getQueryData(sessionQuery.queryKey)?.open;
      const issued = await unwrap(api.POST("/api/v1/admin/keys", { body: wish }));
      if (wasOpen) queries.setQueryData(sessionQuery.queryKey, await signInOnceClosed(issued.text));
      return issued;
    },
    onSuccess: () => {
      useSession.getState().signedIn();
      return queries.invalidateQueries();
    },
  });
}

/** Sign in with the first key, which every process knows within a second. */
async function signInOnceClosed(key: string): Promise<Session> {
  const headers = { Authorization: `Bearer ${key}` };
  for (let tries = 1; ; tries += 1) {
    const session = await unwrap(api.POST("/api/v1/session", { headers }));
    if (!session.open || tries === SIGN_IN_TRIES) return session;
    await new Promise((resolve) => setTimeout(resolve, SIGN_IN_PAUSE_MS));
  }
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
