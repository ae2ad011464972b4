/** Which tasks does the task centre show? The answer stands in its address. */
import { oneOf, useUrlState } from "@/ui/url-state";
import type { Filters, Kind } from "./task-queries";

export const SHOWN = ["doubts", "running", "failed", "done"] as const;
export const KINDS: readonly Kind[] = ["image", "video", "audio", "llm"];
export type Shown = (typeof SHOWN)[number];

export function useTaskFilters() {
  const [found, change] = useUrlState();
  const kind = oneOf(found.get("kind"), KINDS);
  const model = found.get("model") || undefined;
  const project = found.get("project") || undefined;
  const show = oneOf(found.get("show"), SHOWN);
  const filters: Filters = { ...(kind ? { kind } : {}), ...(model ? { model } : {}), ...(project ? { project } : {}) };
  return { filters, show, change, narrowed: Boolean(kind ?? model ?? project ?? show) };
}
