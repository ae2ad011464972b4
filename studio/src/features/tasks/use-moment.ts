/** The task as it was known at a version. While an earlier moment is on its way, the last one stays. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { pastTaskQuery } from "./task-queries";
import type { Task } from "./task-state";

export function useMoment(id: string, now: Task | undefined, version: number | undefined): Task | undefined {
  const past = useQuery({
    ...pastTaskQuery(id, version ?? 1),
    enabled: version !== undefined,
    placeholderData: keepPreviousData,
  });
  return version === undefined ? now : (past.data ?? now);
}
