/** How are nodes copied? With the edges between them and what was chosen of their results, so that nothing is paid for
 * again; without their runs, because a run belongs to one node. */

import { withValue } from "./apply";
import { newId } from "./ids";
import { refusal } from "./topology";
import { entry, type Graph, type Op, type Position } from "./types";
import { fits } from "./values";

const MARK = "pixel-canvas-nodes";

/** Copied nodes and edges by their old ids. */
export type Clipping = Graph;

export function copy(graph: Graph, ids: Iterable<string>): Clipping {
  const chosen = new Set(ids);
  const nodes = Object.entries(graph.nodes).filter(([id]) => chosen.has(id));
  const edges = Object.entries(graph.edges).filter(([, edge]) => chosen.has(edge.from) && chosen.has(edge.to));
  return {
    nodes: Object.fromEntries(nodes.map(([id, node]) => [id, withValue(node, "run", null)])),
    edges: Object.fromEntries(edges),
  };
}

/** The text for the clipboard. */
export function toText(clipping: Clipping): string {
  return JSON.stringify({ [MARK]: 1, ...clipping });
}

/** What `toText` made, or undefined for any other text. */
export function fromText(text: string): Clipping | undefined {
  try {
    const { nodes, edges, [MARK]: mark } = JSON.parse(text);
    const isWhole = mark === 1 && Object.values(nodes).every((node) => fits("node", node)) && typeof edges === "object";
    return isWhole ? { nodes, edges } : undefined;
  } catch {
    return undefined;
  }
}

/** The operations that add a copy whose upper left corner is at a point, and its new ids. */
export function paste(
  clipping: Clipping,
  at: Position,
  make: (word: string) => string = newId,
): { ops: Op[]; ids: string[] } {
  const nodes = Object.entries(clipping.nodes);
  const left = Math.min(...nodes.map(([, node]) => node.position.x));
  const top = Math.min(...nodes.map(([, node]) => node.position.y));
  const ids = new Map(nodes.map(([id]) => [id, make("node")]));
  const ops: Op[] = [];
  // Groups first: their members name them.
  for (const [id, node] of [...nodes].sort(
    ([, one], [, other]) => depth(clipping, one.group) - depth(clipping, other.group),
  )) {
    const position = { x: node.position.x - left + at.x, y: node.position.y - top + at.y };
    const group = (node.group !== undefined && ids.get(node.group)) || null;
    ops.push({ op: "node.add", id: ids.get(id) ?? id, node: withValue({ ...node, position }, "group", group) });
  }
  for (const edge of Object.values(clipping.edges)) {
    const [from, to] = [ids.get(edge.from), ids.get(edge.to)];
    // A file that was chosen after it had been connected may not be what the edge needs, and the server would refuse all.
    const isPossible = !refusal({ nodes: clipping.nodes, edges: {} }, edge);
    if (from && to && isPossible) ops.push({ op: "edge.add", id: make("edge"), edge: { ...edge, from, to } });
  }
  return { ops, ids: [...ids.values()] };
}

/** In how many groups a member of this group is. */
function depth(clipping: Clipping, group: string | undefined): number {
  const seen = new Set<string>();
  for (let next = group; next !== undefined && !seen.has(next); next = entry(clipping.nodes, next)?.group)
    seen.add(next);
  return seen.size;
}
