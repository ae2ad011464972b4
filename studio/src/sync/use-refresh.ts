/** Which answers are old when there is news? While the stream stands, nothing is asked again without a reason. */
import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Live, type NewsName, thisLive } from "./live";

/** News comes in swarms: the answers to a swarm are asked for once. */
const GATHER_MS = 400;

/** Ask again for what stands below the keys when there is news of these names. Returns what ends it. */
export function refreshOn(
  live: Pick<Live, "on" | "onStale">,
  queries: QueryClient,
  names: readonly NewsName[],
  keys: readonly QueryKey[],
  gatherMs = GATHER_MS,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
    }, gatherMs);
  };
  const ends = [...names.map((name) => live.on(name, refresh)), live.onStale(refresh)];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

/** `names` and `keys` have to be constants. `gatherMs`: how long news is gathered; longer where an answer is dear. */
export function useRefresh(names: readonly NewsName[], keys: readonly QueryKey[], gatherMs?: number): void {
  const queries = useQueryClient();
  useEffect(() => refreshOn(thisLive(), queries, names, keys, gatherMs), [queries, names, keys, gatherMs]);
}
