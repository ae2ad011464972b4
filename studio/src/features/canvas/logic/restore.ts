/** Which operations make a canvas what it was? They are an edit like any other: nothing of the time since is lost. */

import { fieldOf, withValue } from "@/document/apply";
import { equal } from "@/document/equal";
import type { CanvasNode, Field, Graph, Op } from "@/document/types";

export const MOST_OPS = 500;

const FIELDS: readonly Field[] = ["position", "size", "title", "model", "prompt", "pick", "run", "group", "note"];

/** In an order in which each can be done: edges are taken away before their nodes, and added after them. */
export function opsBetween(now: Graph, then: Graph): Op[] {
  const { nodes, edges } = now;
  const isSameEdge = (id: string) => equal(edges[id], then.edges[id]);
  const goneEdges = Object.keys(edges).filter((id) => !isSameEdge(id));
  const goneNodes = Object.keys(nodes).filter((id) => !then.nodes[id]);
  const madeNodes = Object.entries(then.nodes).filter(([id]) => !nodes[id]);
  const madeEdges = Object.entries(then.edges).filter(([id]) => !isSameEdge(id));
  const left = new Set(goneNodes);
  const orphans = Object.entries(nodes).filter(([, { group }]) => group !== undefined && left.has(group));
  return [
    ...goneEdges.map((id): Op => ({ op: "edge.remove", id })),
    ...orphans.map(([id, { group }]): Op => ({ op: "node.set", id, field: "group", was: group ?? null, now: null })),
    ...goneNodes.map((id): Op => ({ op: "node.remove", id })),
    // First without their groups, which may be made after them.
    ...madeNodes.map(([id, node]): Op => ({ op: "node.add", id, node: withValue(node, "group", null) })),
    ...madeNodes.flatMap(([id, { group }]): Op[] =>
      group ? [{ op: "node.set", id, field: "group", was: null, now: group }] : [],
    ),
    ...Object.entries(then.nodes).flatMap(([id, node]) =>
      nodes[id] ? changes(id, unorphaned(nodes[id], left), node) : [],
    ),
    ...madeEdges.map(([id, edge]): Op => ({ op: "edge.add", id, edge })),
  ];
}

function unorphaned(node: CanvasNode, left: ReadonlySet<string>): CanvasNode {
  return node.group !== undefined && left.has(node.group) ? withValue(node, "group", null) : node;
}

function changes(id: string, node: CanvasNode, then: CanvasNode): Op[] {
  const params = new Set([...Object.keys(node.params ?? {}), ...Object.keys(then.params ?? {})]);
  const fields: Field[] = [...FIELDS, ...[...params].map((name): Field => `params.${name}`)];
  return fields.flatMap((field): Op[] => {
    const [was, now] = [fieldOf(node, field), fieldOf(then, field)];
    return equal(was, now) ? [] : [{ op: "node.set", id, field, was, now }];
  });
}

/** In pieces that Pixel takes as one edit each. */
export function inEdits(ops: readonly Op[]): Op[][] {
  const edits: Op[][] = [];
  for (let start = 0; start < ops.length; start += MOST_OPS) edits.push(ops.slice(start, start + MOST_OPS));
  return edits;
}
