/** Runs of many nodes, which Pixel does by itself: their plan with its price, their start, and how they stand. */

import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { Cost } from "@/document/cost";

export type Plan = components["schemas"]["PlanView"];
export type Run = components["schemas"]["RunView"];
export type Mode = "missing" | "stale" | "all";

/** `version`: the document that the person has seen. */
export interface RunWish {
  nodes: readonly string[];
  mode: Mode;
  version: number;
  most?: Cost;
}

const at = (canvas_id: string) => ({ path: { canvas_id } });

export async function planRun(canvas: string, { nodes, mode, version }: RunWish, signal?: AbortSignal): Promise<Plan> {
  const body = { nodes: [...nodes], mode, version };
  return unwrap(
    api.POST("/api/v1/canvases/{canvas_id}/plan", { params: at(canvas), body, ...(signal ? { signal } : {}) }),
  );
}

/** The same key twice is one run. */
export async function startRun(canvas: string, { nodes, mode, version, most }: RunWish, key: string): Promise<Run> {
  const body = { nodes: [...nodes], mode, version, ...(most ? { most } : {}) };
  return unwrap(
    api.POST("/api/v1/canvases/{canvas_id}/runs", {
      params: { ...at(canvas), header: { "Idempotency-Key": key } },
      body,
    }),
  );
}

export const runsQuery = (canvas: string) =>
  queryOptions({
    queryKey: ["runs", canvas],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/runs", { params: { query: { canvas } }, signal })),
  });

export async function cancelRun(run_id: string): Promise<void> {
  await unwrap(api.POST("/api/v1/runs/{run_id}/cancel", { params: { path: { run_id } } }));
}

export async function resumeRun(run_id: string): Promise<void> {
  await unwrap(api.POST("/api/v1/runs/{run_id}/resume", { params: { path: { run_id } }, body: {} }));
}

/** Make a failed step once more, or go on without it and what needs it. */
export async function settleStep(run_id: string, node_id: string, how: "retry" | "skip"): Promise<void> {
  const params = { path: { run_id, node_id } };
  await unwrap(
    how === "retry"
      ? api.POST("/api/v1/runs/{run_id}/steps/{node_id}/retry", { params })
      : api.POST("/api/v1/runs/{run_id}/steps/{node_id}/skip", { params }),
  );
}
