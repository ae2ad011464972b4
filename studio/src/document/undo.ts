/** What may be taken back? Only what is mine and unchanged since, and never what was paid for. */

import { Draft, fieldOf, whyNot, withValue } from "./apply";
import { equal } from "./equal";
import { entry, type Graph, type Op } from "./types";

/** A key of the messages. */
export type SkipReason = "changed_by_others" | "has_result" | "gone";

/** An edit of mine. `ops` is what it did, `inverse` what takes it back, in its order. */
export interface Step {
  edit: string;
  label: string;
  ops: readonly Op[];
  inverse: readonly Op[];
}

/** The operations that take a step back as the graph stands, and why some of it stays. */
export function undo(graph: Graph, step: Step): { ops: Op[]; skipped: SkipReason[] } {
  const draft = new Draft(graph);
  const ops: Op[] = [];
  const skipped = new Set<SkipReason>();
  for (const wished of step.inverse) {
    if (wished.op === "node.set" && wished.field === "run") continue; // it is known by its task
    const op = asPossible(draft, wished);
    const reason = whySkip(draft, op, step) ?? (whyNot(draft, op) ? "gone" : undefined);
    if (reason) {
      skipped.add(reason);
    } else {
      ops.push(op);
      draft.change(op);
    }
  }
  return { ops, skipped: [...skipped] };
}

function whySkip(graph: Graph, op: Op, step: Step): SkipReason | undefined {
  const node = entry(graph.nodes, op.id);
  const edge = entry(graph.edges, op.id);
  const added = step.ops.find((done) => done.id === op.id && done.op.endsWith(".add"));
  switch (op.op) {
    case "node.set":
      if (!node) return "gone";
      if (op.field === "pick" && op.now === null) return "has_result";
      return equal(fieldOf(node, op.field), op.was) ? undefined : "changed_by_others";
    case "node.remove": {
      const before = added?.op === "node.add" ? added.node : undefined;
      if (!node) return "gone";
      if (!equal(node.pick, before?.pick) || !equal(node.run, before?.run)) return "has_result";
      return equal(node, before) && !whyNot(graph, op) ? undefined : "changed_by_others";
    }
    case "edge.remove":
      if (!edge) return "gone";
      return equal(edge, added?.op === "edge.add" ? added.edge : undefined) ? undefined : "changed_by_others";
    case "edge.set":
      if (!edge) return "gone";
      return edge[op.field] === op.was ? undefined : "changed_by_others";
    default:
      return undefined;
  }
}

/** A node comes back without a group that is gone. */
function asPossible(graph: Graph, op: Op): Op {
  const isLost = op.op === "node.add" && whyNot(graph, op) === "op.no_group";
  return isLost ? { ...op, node: withValue(op.node, "group", null) } : op;
}
