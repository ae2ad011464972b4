/** What is asked of a model for a node? Python makes the same requests in `domain/canvas/requests.py`; both are held to
 * `tests/domain/golden/canvas_requests.json`. */

import { digest } from "./digest";
import { inputs } from "./topology";
import { type CanvasNode, entry, type GenerationKind, type Graph, type Role, type Value } from "./types";

type Body = { [name: string]: Value };

/** A key of the messages: the node generates nothing, has no model, nothing to say, or a source without a result. */
export type RequestProblem = "not_generating" | "model_missing" | "prompt_missing" | "input_missing";

/** Which canvas it is, and what is on it. */
export type Place = Graph & { id: string; project: string };

/** The body of `POST /api/v1/generations/{kind}`, or why there is none. */
export type NodeRequest = { kind: GenerationKind; body: Body } | { problem: RequestProblem };

/** The request of a node as the canvas stands, for a run that has this id. */
export function requestOf(canvas: Place, id: string, run: string): NodeRequest {
  const asked = essence(canvas, id);
  if ("problem" in asked) return asked;
  const place = { source: "canvas", sourceId: canvas.id, projectId: canvas.project };
  const metadata = { node: id, run, digest: digest(asked.body) };
  return { kind: asked.kind, body: { ...asked.body, ...place, metadata } };
}

/** The request without what says where it comes from: two that are equal should give the same. */
export function essence(graph: Graph, id: string): NodeRequest {
  const node = entry(graph.nodes, id);
  const kind = node && generates(node);
  if (!node || !kind) return { problem: "not_generating" };
  if (!node.model) return { problem: "model_missing" };
  const [prompt, system, images] = [promptOf(graph, id, node), textsOf(graph, id, "system"), imagesOf(graph, id)];
  if (prompt === undefined || system === undefined || images === undefined) return { problem: "input_missing" };
  if (prompt.trim() === "") return { problem: "prompt_missing" };
  const body: Body = { ...node.params, model: node.model };
  if (kind === "text") {
    const told = system.map(({ text }) => text).join("\n\n");
    body.messages = [...(told ? [{ role: "system", content: told }] : []), { role: "user", content: prompt }];
  } else {
    body.prompt = prompt;
    if (images.length > 0) body.imageInputs = images;
  }
  return { kind, body };
}

/** What a node generates; undefined when it generates nothing, as a text that was typed. */
export function generates(node: CanvasNode): GenerationKind | undefined {
  switch (node.kind) {
    case "text":
      return node.model ? "text" : undefined;
    case "image":
    case "video":
    case "audio":
      return node.kind;
    default:
      return undefined;
  }
}

/** The typed prompt behind the texts that lead to it, but for those that it names: `{{title}}`. */
function promptOf(graph: Graph, id: string, node: CanvasNode): string | undefined {
  const texts = textsOf(graph, id, "prompt");
  if (!texts) return undefined;
  const used = new Set<SourceText>();
  const typed = (node.prompt ?? "").replace(/\{\{([^{}]*)\}\}/g, (whole, name: string) => {
    const named = texts.find(({ title }) => title !== undefined && title === name.trim());
    if (!named) return whole;
    used.add(named);
    return named.text;
  });
  const before = texts.filter((text) => !used.has(text)).map(({ text }) => text);
  return [...before, typed].filter((text) => text.trim() !== "").join("\n\n");
}

interface SourceText {
  title: string | undefined;
  text: string;
}

/** The texts of the edges of a role, blank ones left out. Undefined: one of them is not there yet. */
function textsOf(graph: Graph, id: string, role: Role): SourceText[] | undefined {
  const texts = inputs(graph, id, role).map(([, { from }]) => {
    const source = entry(graph.nodes, from);
    return { title: source?.title, text: source?.pick?.text ?? (source?.model ? undefined : (source?.prompt ?? "")) };
  });
  if (texts.some(({ text }) => text === undefined)) return undefined;
  return texts.flatMap(({ title, text }) => (text?.trim() ? [{ title, text }] : []));
}

/** The assets of the image edges. Undefined: one of them is not there yet. */
function imagesOf(graph: Graph, id: string): string[] | undefined {
  const roles: Role[] = ["first_frame", "reference", "last_frame"];
  const assets = roles.flatMap((role) =>
    inputs(graph, id, role).map(([, { from }]) => entry(graph.nodes, from)?.pick?.asset),
  );
  return assets.every((asset) => asset !== undefined) ? assets : undefined;
}
