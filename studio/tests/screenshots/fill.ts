/** Fills an empty Pixel with a story: projects, a canvas on which everything is made, media, and tasks in all states. */
import { setField } from "@/document/commands";
import { requestOf } from "@/document/request";
import { topological } from "@/document/topology";
import type { CanvasNode, Graph, Op } from "@/document/types";
import { documentOf, edit } from "../e2e/canvas";
import type { Pixel } from "../e2e/pixel";
import { ask, ended } from "../e2e/sandbox";
import { EDGES, type Story } from "./story";

type Output = { asset_id: string };
type View = { status: string; result?: { images?: Output[]; videos?: Output[]; audios?: Output[] } };

export type Filled = { canvas: string; task: string };

export async function fill(pixel: Pixel, story: Story): Promise<Filled> {
  for (const name of story.others) await project(pixel, name, story.gallery.slice(0, 1));
  await media(pixel, story);
  const { id } = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: story.project });
  const made = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", { project: id, name: story.canvas });
  const task = await draw(pixel, made.id, id, story);
  await ask(pixel, "video", { prompt: story.slow, projectId: id }, { latency: 600 });
  const refused = { prompt: story.refused, projectId: id };
  await ended(pixel, await ask(pixel, "image", refused, { fault: "content_rejected" }));
  const doubtful = { model: "modelscope/qwen-image", prompt: story.doubtful, projectId: id };
  const lost = await pixel.ask<{ task_id: string }>("POST", "/api/v1/generations/image", doubtful);
  await ended(pixel, lost.task_id);
  return { canvas: made.id, task };
}

async function project(pixel: Pixel, name: string, prompts: readonly string[]): Promise<void> {
  const { id } = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name });
  const canvas = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", { project: id, name });
  for (const prompt of prompts) {
    const task = await ask(pixel, "image", { prompt: `${prompt}, ${name}`, projectId: id, aspectRatio: "16:9" });
    const asset = firstOf((await ended(pixel, task)) as View);
    const node: CanvasNode = { kind: "reference", position: { x: 0, y: 0 }, size: { width: 320, height: 180 } };
    await edit(pixel, canvas.id, [{ op: "node.add", id: "cover", node: { ...node, pick: { asset } } }]);
  }
}

const SHAPES = ["16:9", "1:1", "9:16", "4:3"];

async function media(pixel: Pixel, { gallery }: Story): Promise<void> {
  const shots = gallery.flatMap((prompt) => SHAPES.slice(0, 2 + (prompt.length % 3)).map((shape) => [prompt, shape]));
  for (const [prompt, aspectRatio] of shots) {
    const model = "dashscope/qwen-image-2.0-pro";
    await ended(pixel, await ask(pixel, "image", { model, prompt, aspectRatio, resolution: "1K" }));
  }
}

/** Make all nodes of the canvas, as a person would run them one after another. Answers the task of the film. */
async function draw(pixel: Pixel, canvas: string, projectId: string, { nodes }: Story): Promise<string> {
  await edit(pixel, canvas, [
    ...Object.entries(nodes).map(([id, node]): Op => ({ op: "node.add", id, node })),
    ...Object.entries(EDGES).map(([id, edge]): Op => ({ op: "edge.add", id, edge })),
  ]);
  const tasks: Record<string, string> = {};
  for (const id of topological(await documentOf(pixel, canvas))) {
    const document: Graph = await documentOf(pixel, canvas);
    const run = `run_${id}`;
    const wish = requestOf({ ...document, id: canvas, project: projectId }, id, run);
    if ("problem" in wish) continue;
    const { task_id } = await pixel.ask<{ task_id: string }>("POST", `/api/v1/generations/${wish.kind}`, wish.body);
    const asset = firstOf((await ended(pixel, task_id)) as View);
    const { digest } = wish.body.metadata as { digest: string };
    await edit(pixel, canvas, setField(document, id, "pick", { task: task_id, output: 0, asset, digest }));
    tasks[id] = task_id;
  }
  return tasks.film ?? "";
}

function firstOf({ status, result }: View): string {
  const [first] = [...(result?.images ?? []), ...(result?.videos ?? []), ...(result?.audios ?? [])];
  if (!first) throw new Error(`nothing was made: ${status}`);
  return first.asset_id;
}
