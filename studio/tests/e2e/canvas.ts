/** What the tests of the canvas do with it: make one, fill it, and find its cards. */
import type { BrowserContext, Locator, Page } from "playwright-core";
import type { CanvasEdge, CanvasNode, Op } from "@/document/types";
import type { Pixel } from "./pixel";

export interface Task {
  id: string;
  status: string;
  source_id?: string;
  metadata?: { node?: string; run?: string };
}

type Nodes = { [id: string]: Partial<CanvasNode> & Pick<CanvasNode, "kind"> };

/** A new canvas in a new project, with these nodes side by side. Its id. */
export async function makeCanvas(
  pixel: Pixel,
  nodes: Nodes = {},
  edges: { [id: string]: CanvasEdge } = {},
): Promise<string> {
  const project = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: "Harbour film" });
  const canvas = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", {
    project: project.id,
    name: "Episode 1",
  });
  const ops: Op[] = [
    ...Object.entries(nodes).map(([id, node], index): Op => {
      const place = { position: { x: index * 420, y: 0 }, size: { width: 320, height: 420 } };
      return { op: "node.add", id, node: { ...place, ...node } };
    }),
    ...Object.entries(edges).map(([id, edge]): Op => ({ op: "edge.add", id, edge })),
  ];
  for (let start = 0; start < ops.length; start += 500) await edit(pixel, canvas.id, ops.slice(start, start + 500));
  return canvas.id;
}

let edits = 0;

/** An edit as somebody else would make it. */
export async function edit(pixel: Pixel, canvas: string, ops: Op[]): Promise<void> {
  const { version } = await pixel.ask<{ version: number }>("GET", `/api/v1/canvases/${canvas}`);
  edits += 1;
  const body = { base: version, edit: `edit_${edits}`, session: "session_other", label: "node.add", ops };
  await pixel.ask("POST", `/api/v1/canvases/${canvas}/edits`, body);
}

export const documentOf = (pixel: Pixel, canvas: string) =>
  pixel.ask<{ version: number; nodes: { [id: string]: CanvasNode }; edges: { [id: string]: CanvasEdge } }>(
    "GET",
    `/api/v1/canvases/${canvas}`,
  );

export async function tasksOf(pixel: Pixel, canvas: string): Promise<Task[]> {
  return (await pixel.ask<{ tasks: Task[] }>("GET", `/api/v1/tasks?source=canvas&sourceId=${canvas}`)).tasks;
}

/** A node on the board. */
export const card = (page: Page, id: string): Locator => page.locator(`.react-flow__node[data-id="${id}"]`);

/** The node on the board that has the focus of attention: there is only one of its kind. */
export const onlyCard = (page: Page): Locator => page.locator(".react-flow__node").first();

export const promptOf = (within: Locator): Locator => within.locator("textarea").first();

export const runButton = (within: Locator): Locator => within.getByRole("button", { name: "Run", exact: true });

/** Wait until all that was done is acknowledged. */
export const saved = (page: Page): Promise<void> => page.locator('[data-save="saved"]').waitFor();

/** Count the clicks of the person on all pages that are opened from now on. */
export async function countClicks(context: BrowserContext): Promise<() => number> {
  let clicks = 0;
  await context.exposeBinding("__click", () => {
    clicks += 1;
  });
  await context.addInitScript(() => {
    const tell = (event: MouseEvent) => {
      if (event.isTrusted && event.detail > 0) (globalThis as unknown as { __click: () => void }).__click();
    };
    addEventListener("click", tell, true);
  });
  return () => clicks;
}
