/** How is an edit taken back? */

import { Draft, fieldOf } from "./apply";
import { entry, type Graph, type Op } from "./types";

/** The operations that lead from the graph after these back to the graph before them. */
export function invert(before: Graph, ops: readonly Op[]): Op[] {
  const inverse: Op[] = [];
  const draft = new Draft(before);
  for (const op of ops) {
    const undone = inverseOf(draft, op);
    if (undone) inverse.push(undone);
    draft.change(op);
  }
  return inverse.reverse();
}

function inverseOf(graph: Graph, op: Op): Op | undefined {
  const node = entry(graph.nodes, op.id);
  const edge = entry(graph.edges, op.id);
  switch (op.op) {
    case "node.add":
      return node ? undefined : { op: "node.remove", id: op.id };
    case "node.remove":
      return node && { op: "node.add", id: op.id, node };
    case "node.set":
      return node && { ...op, was: op.now, now: fieldOf(node, op.field) };
    case "edge.add":
      return edge ? undefined : { op: "edge.remove", id: op.id };
    case "edge.remove":
      return edge && { op: "edge.add", id: op.id, edge };
    case "edge.set":
      return edge && { ...op, was: op.now, now: edge[op.field] };
  }
}
