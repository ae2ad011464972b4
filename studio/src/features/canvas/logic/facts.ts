/** What follows from the document for each node that generates: is its result current, and what would be asked for now?
 *
 * Both are needed while the canvas is drawn, so that a fact is found anew only when what it was found from has changed. */

import { type RequestProblem, requestOf } from "@/document/request";
import { type NodeState, statesOf } from "@/document/stale";
import type { Canvas, CanvasEdge, GenerationKind, Value } from "@/document/types";
import { makes } from "./models";

export interface Fact {
  /** What it was found from. */
  parts: readonly unknown[];
  made: NodeState;
  problem?: RequestProblem;
  /** The request, for its price. `price` is the same for requests that cost the same. */
  request?: { kind: GenerationKind; body: { [name: string]: Value }; price: string };
}

export type Facts = { readonly [node: string]: Fact };

/** The facts of a document. Those that did not change keep their identity. */
export function factsOf(canvas: Canvas, before: Facts = {}): Facts {
  const states = statesOf(canvas);
  const into = new Map<string, CanvasEdge[]>();
  for (const edge of Object.values(canvas.edges)) {
    const found = into.get(edge.to);
    if (found) found.push(edge);
    else into.set(edge.to, [edge]);
  }
  const facts: { [node: string]: Fact } = {};
  for (const [id, node] of Object.entries(canvas.nodes)) {
    if (!makes(node.kind) || (node.kind === "text" && !node.model)) continue;
    const edges = into.get(id) ?? [];
    const parts = [node, canvas.project, ...edges.flatMap((edge) => [edge, canvas.nodes[edge.from]])];
    const known = before[id];
    const isSame = known && known.parts.length === parts.length && known.parts.every((part, i) => part === parts[i]);
    facts[id] = isSame ? known : { parts, made: states[id] ?? "missing", ...asked(canvas, id) };
  }
  return facts;
}

function asked(canvas: Canvas, id: string): Pick<Fact, "problem" | "request"> {
  const found = requestOf(canvas, id, "estimate");
  if ("problem" in found) return { problem: found.problem };
  const { metadata, ...body } = found.body;
  const { digest } = metadata as { digest: string };
  return { request: { kind: found.kind, body, price: `${found.kind} ${digest}` } };
}
