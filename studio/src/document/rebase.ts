/** What becomes of my edits when others were first? Each operation says what it replaces (`was`), so it is compared with
 * what is there now: the same is kept, what is done already is left out, and a text, a model or a choice that somebody
 * else changed is not overwritten: it becomes a conflict, which a person decides. */

import { Draft, fieldOf, whyNot, withValue } from "./apply";
import { equal } from "./equal";
import { type CanvasNode, entry, type Field, type Graph, type Nodes, type Op, type Value } from "./types";

/** `field` is "node" when they removed the node that I changed (`mine` is the node as I would have it), and "removed"
 * when I removed the node that they changed (`theirs` is the node). */
export interface Conflict {
  id: string;
  field: Field | "node" | "removed";
  mine: Value;
  theirs: Value;
}

/** What is left of an edit, the graph after it, and what a person has to decide. */
export interface Rebased {
  ops: Op[];
  graph: Graph;
  conflicts: Conflict[];
}

/** Where the later one wins, and nobody is asked: nothing is lost that was typed or paid for. */
const QUIET: ReadonlySet<string> = new Set(["position", "size", "group"]);

/** `seen`: the nodes that the operations change or remove, as they were before. An edit that removes a node which
 * somebody else changed is a conflict as a whole. */
export function rebase(graph: Graph, ops: readonly Op[], seen: Nodes): Rebased {
  const draft = new Draft(graph);
  const kept: Op[] = [];
  const conflicts: Conflict[] = [];
  for (const op of ops) {
    const { keep, ask } = compare(draft, op, seen, conflicts);
    if (ask) note(conflicts, ask);
    if (!keep) continue;
    kept.push(keep);
    draft.change(keep);
  }
  const isWhole = conflicts.some(({ field }) => field === "removed" || field === "run");
  return isWhole ? { ops: [], graph, conflicts } : { ops: kept, graph: draft.graph, conflicts };
}

/** Add a conflict; a second one about the same field says what is wished now. */
export function note(conflicts: Conflict[], found: Conflict): void {
  const known = conflicts.findIndex(({ id, field }) => id === found.id && field === found.field);
  if (known < 0) conflicts.push(found);
  else conflicts[known] = found;
}

/** The nodes of a graph that operations change or remove. */
export function touched(graph: Graph, ops: readonly Op[]): Nodes {
  const ids = ops.flatMap((op) => (op.op === "node.set" || op.op === "node.remove" ? [op.id] : []));
  return Object.fromEntries(
    ids.flatMap((id) => {
      const node = entry(graph.nodes, id);
      return node ? [[id, node]] : [];
    }),
  );
}

interface Compared {
  keep?: Op;
  ask?: Conflict;
}

function compare(graph: Graph, op: Op, seen: Nodes, conflicts: readonly Conflict[]): Compared {
  const node = entry(graph.nodes, op.id);
  switch (op.op) {
    case "node.set":
      return node ? compareValue(graph, node, op) : compareLost(op, seen, conflicts);
    case "node.remove": {
      if (!node) return {};
      const before = entry(seen, op.id);
      const isSame = before !== undefined && equal(content(before), content(node)) && !whyNot(graph, op);
      return isSame ? { keep: op } : { ask: { id: op.id, field: "removed", mine: null, theirs: asValue(node) } };
    }
    case "node.add":
      return ifPossible(
        graph,
        whyNot(graph, op) === "op.no_group" ? { ...op, node: withValue(op.node, "group", null) } : op,
      );
    case "edge.set": {
      const edge = entry(graph.edges, op.id);
      return edge && edge[op.field] !== op.now ? ifPossible(graph, { ...op, was: edge[op.field] }) : {};
    }
    default:
      return ifPossible(graph, op);
  }
}

/** A connection that can't be any more is left out: the nodes are there, and nothing was typed. */
function ifPossible(graph: Graph, op: Op): Compared {
  return whyNot(graph, op) ? {} : { keep: op };
}

function compareValue(graph: Graph, node: CanvasNode, op: Op & { op: "node.set" }): Compared {
  const theirs = fieldOf(node, op.field);
  if (equal(theirs, op.now)) return {};
  if (QUIET.has(op.field)) return ifPossible(graph, { ...op, was: theirs });
  return equal(theirs, op.was) ? { keep: op } : { ask: { id: op.id, field: op.field, mine: op.now, theirs } };
}

function compareLost(op: Op & { op: "node.set" }, seen: Nodes, conflicts: readonly Conflict[]): Compared {
  const wished = conflicts.find(({ id, field }) => id === op.id && field === "node")?.mine;
  const before = (wished as CanvasNode | undefined) ?? entry(seen, op.id);
  if (!before || QUIET.has(op.field)) return {};
  if (op.field === "run") return { ask: { id: op.id, field: "run", mine: op.now, theirs: null } };
  return { ask: { id: op.id, field: "node", mine: asValue(withValue(before, op.field, op.now)), theirs: null } };
}

/** All of a node but where it stands. */
function content(node: CanvasNode): Partial<CanvasNode> {
  const { position: _, size: __, group: ___, ...rest } = node;
  return rest;
}

function asValue(node: CanvasNode): Value {
  return node as unknown as Value;
}
