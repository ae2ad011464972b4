/** What is asked of a canvas beside its edits: its name, its past, and its copies. */

import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { Canvas } from "@/document/types";

export type Change = components["schemas"]["CanvasChange"];

const at = (canvas_id: string) => ({ path: { canvas_id } });
const PAGE = 200;

export async function renameCanvas(canvas: string, name: string): Promise<void> {
  await unwrap(api.PATCH("/api/v1/canvases/{canvas_id}", { params: at(canvas), body: { name } }));
}

/** The changes before a version, oldest first, up to 200 of them. */
export const historyQuery = (canvas: string, version: number) =>
  queryOptions({
    queryKey: ["canvas-history", canvas, version],
    queryFn: ({ signal }) => {
      const query = { after: Math.max(0, version - PAGE), limit: PAGE };
      return unwrap(api.GET("/api/v1/canvases/{canvas_id}/history", { params: { ...at(canvas), query }, signal }));
    },
    placeholderData: (before) => before,
  });

/** The document at a version, which never changes any more. */
export const pastQuery = (canvas: string, version: number | undefined) =>
  queryOptions({
    queryKey: ["canvas-past", canvas, version],
    enabled: version !== undefined,
    queryFn: async ({ signal }) => {
      const params = { ...at(canvas), query: { version: version ?? 1 } };
      const found: unknown = await unwrap(api.GET("/api/v1/canvases/{canvas_id}", { params, signal }));
      return found as Canvas;
    },
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });

export async function nameVersion(canvas: string, version: number, name: string): Promise<void> {
  await unwrap(api.POST("/api/v1/canvases/{canvas_id}/versions", { params: at(canvas), body: { version, name } }));
}

/** A new canvas that begins as this one was. Its id. */
export async function forkCanvas(canvas: Canvas, version: number, name: string): Promise<string> {
  const body = { project: canvas.project, name, from: { canvas: canvas.id, version } };
  return (await unwrap(api.POST("/api/v1/canvases", { body }))).id;
}
