/** People at a canvas, for properties: whatever they do in any order, as operations on the graph that they see. */

import fc from "fast-check";
import { take } from "@/document/apply";
import { connect, group, moveNodes, removeEdges, removeNodes, reorder, setField } from "@/document/commands";
import { rolesBetween } from "@/document/topology";
import type { CanvasNode, Field, Graph, NodeKind, Op, Value } from "@/document/types";

export const EMPTY: Graph = { nodes: {}, edges: {} };

/** One thing that a person does. The numbers choose among what is there; ids are given by `name`. */
export interface Action {
  verb: "add" | "remove" | "type" | "move" | "connect" | "cut" | "reorder" | "group" | "pick" | "tune";
  one: number;
  other: number;
  text: string;
}

export const action: fc.Arbitrary<Action> = fc.record({
  verb: fc.constantFrom<Action["verb"]>(
    ...(["add", "add", "add", "remove", "type", "type", "move", "connect", "connect"] as const),
    ...(["cut", "reorder", "group", "pick", "tune"] as const),
  ),
  one: fc.nat(30),
  other: fc.nat(30),
  text: fc.constantFrom("cat", "dog", "猫", "", "__proto__", "constructor"),
});

const KINDS: readonly NodeKind[] = ["text", "image", "video", "audio", "upload", "reference", "frame", "group", "note"];

/** The operations of an action, none when it can't be done here. */
export function opsOf(graph: Graph, { verb, one, other, text }: Action, name: string): Op[] {
  const [ids, edges] = [Object.keys(graph.nodes).sort(), Object.keys(graph.edges).sort()];
  const a = ids[one % ids.length];
  const b = ids[other % ids.length];
  const edge = edges[one % edges.length];
  if (verb === "add") return [{ op: "node.add", id: name, node: nodeOf(KINDS[other % KINDS.length] ?? "text", one) }];
  if (verb === "cut") return edge === undefined ? [] : removeEdges([edge]);
  if (a === undefined || b === undefined) return [];
  switch (verb) {
    case "remove":
      return removeNodes(graph, one % 4 === 0 ? [a, b] : [a]);
    case "type":
      return setField(graph, a, (["prompt", "title", "note"] as const)[other % 3] ?? "prompt", text || null);
    case "tune":
      return setField(
        graph,
        a,
        (["model", "params.n", `params.${text || "x"}`] as Field[])[other % 3] ?? "model",
        text || null,
      );
    case "move":
      return moveNodes(graph, { [a]: { x: other, y: one }, [b]: { x: one, y: other } });
    case "pick":
      return setField(graph, a, "pick", { asset: `asset_${text}.png` } as Value);
    case "group":
      return graph.nodes[b]?.kind === "group"
        ? setField(graph, a, "group", a === b ? null : b)
        : group(graph, [a], nodeOf("group", 1), name);
    case "reorder": {
      const into = edge === undefined ? undefined : graph.edges[edge];
      return into ? reorder(graph, into.to, into.role, [...edges].reverse()) : [];
    }
    case "connect": {
      const [from, to] = [graph.nodes[a], graph.nodes[b]];
      const role = from && to && rolesBetween(from, to)[0];
      return role ? connect(graph, { from: a, to: b, role }, name) : [];
    }
  }
}

export function nodeOf(kind: NodeKind, at: number): CanvasNode {
  return { kind, position: { x: at, y: at }, size: { width: 240, height: 160 } };
}

/** Do these one after another. All that could be done, each edit with the graph that it was made on. */
export function act(
  start: Graph,
  actions: readonly Action[],
  names: string,
): { graph: Graph; edits: { before: Graph; ops: Op[] }[] } {
  const edits: { before: Graph; ops: Op[] }[] = [];
  let graph = start;
  for (const [i, next] of actions.entries()) {
    const ops = opsOf(graph, next, `${names}${i}`);
    const taken = take(graph, ops);
    if (!("graph" in taken) || ops.length === 0) continue;
    edits.push({ before: graph, ops });
    graph = taken.graph;
  }
  return { graph, edits };
}
