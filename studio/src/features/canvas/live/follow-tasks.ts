/** The tasks of a canvas: read once, then kept up to date by what Pixel tells. */

import { api, unwrap } from "@/api/client";
import type { Live } from "@/sync/live";
import type { Task } from "../logic/results";
import type { ResultsStore } from "./results-store";

const PAGE = 200;
const MOST_PAGES = 10;
const AGAIN_MS = 5_000;

/** Read all tasks of a canvas, the newest first and no more than 2,000. */
async function readTasks(canvas: string, put: (tasks: readonly Task[]) => void, signal: AbortSignal): Promise<void> {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { source: "canvas", sourceId: canvas, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const answer = await unwrap(api.GET("/api/v1/tasks", { params: { query }, signal }));
    put(answer.tasks);
    if (!answer.next_cursor) return;
    cursor = answer.next_cursor;
  }
}

/** Follow the tasks of a canvas until `stop` is called. */
export function followTasks(
  canvas: string,
  live: Live,
  results: ResultsStore,
): { refresh: () => void; stop: () => void } {
  const ended = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const { put } = results.getState();

  const refresh = async () => {
    clearTimeout(timer);
    try {
      await readTasks(canvas, put, ended.signal);
      results.getState().markLoaded();
    } catch {
      if (!ended.signal.aborted) timer = setTimeout(() => void refresh(), AGAIN_MS);
    }
  };
  const offTask = live.on("task", (task) => {
    const seen = task as Task;
    if (seen.source === "canvas" && seen.source_id === canvas) put([seen]);
  });
  const offStale = live.onStale(() => void refresh());
  void refresh();
  return {
    refresh: () => void refresh(),
    stop: () => {
      ended.abort();
      clearTimeout(timer);
      offTask();
      offStale();
    },
  };
}
