/** What does an operation do to a graph, and when can it not be done? */

import { refusal } from "./topology";
import { type CanvasNode, type Edges, entry, type Field, type Graph, type Nodes, type Op, type Value } from "./types";
import { fits } from "./values";

export const MAX_NODES = 5000;
export const MAX_EDGES = 10_000;
const MAX_NESTED = 20; // groups in groups

/** A key of the messages. */
export type Reason =
  | "op.exists"
  | "op.gone"
  | "op.connected"
  | "op.has_members"
  | "op.no_group"
  | "op.value"
  | "op.too_many"
  | NonNullable<ReturnType<typeof refusal>>;

/** The first operation that can't be done. */
export interface Refused {
  index: number;
  reason: Reason;
}

/** The graph after all of these, or the first that can't be done. */
export function take(graph: Graph, ops: readonly Op[]): { graph: Graph } | { refused: Refused } {
  const draft = new Draft(graph);
  for (const [index, op] of ops.entries()) {
    const reason = whyNot(draft, op);
    if (reason) return { refused: { index, reason } };
    draft.change(op);
  }
  return { graph: draft.graph };
}

/** The graph after these. What can't be done is left out: for operations that were decided on already. */
export function apply(graph: Graph, ops: readonly Op[]): Graph {
  const draft = new Draft(graph);
  for (const op of ops) draft.change(op);
  return draft.graph;
}

/** Why an operation can't be done to this graph, or undefined. */
export function whyNot(graph: Graph, op: Op): Reason | undefined {
  const node = entry(graph.nodes, op.id);
  const edge = entry(graph.edges, op.id);
  switch (op.op) {
    case "node.add":
      if (node) return "op.exists";
      if (!fits("node", op.node)) return "op.value";
      if (op.node.group !== undefined && !isGroup(graph, op.id, op.node.group)) return "op.no_group";
      return Object.keys(graph.nodes).length >= MAX_NODES ? "op.too_many" : undefined;
    case "node.remove":
      if (!node) return "op.gone";
      if (Object.values(graph.edges).some(({ from, to }) => from === op.id || to === op.id)) return "op.connected";
      return Object.values(graph.nodes).some(({ group }) => group === op.id) ? "op.has_members" : undefined;
    case "node.set":
      if (!node) return "op.gone";
      if (!fits(op.field, op.now)) return "op.value";
      return op.field === "group" && op.now !== null && !isGroup(graph, op.id, op.now) ? "op.no_group" : undefined;
    case "edge.add":
      if (edge) return "op.exists";
      if (!fits("order", op.edge.order)) return "op.value";
      return refusal(graph, op.edge) ?? (Object.keys(graph.edges).length >= MAX_EDGES ? "op.too_many" : undefined);
    case "edge.remove":
      return edge ? undefined : "op.gone";
    case "edge.set":
      if (!edge) return "op.gone";
      if (!fits(op.field, op.now)) return "op.value";
      return op.field === "role" ? refusal(graph, { ...edge, role: op.now as typeof edge.role }, {}, op.id) : undefined;
  }
}

/** The value of a field of a node, null when it is not there. */
export function fieldOf(node: CanvasNode, field: Field): Value {
  if (field.startsWith("params.")) return entry(node.params ?? {}, field.slice("params.".length)) ?? null;
  return ((node as unknown as { [name: string]: Value | undefined })[field] ?? null) as Value;
}

/** The same node with another value of one field; with null, without it. */
export function withValue(node: CanvasNode, field: Field, now: Value): CanvasNode {
  if (!field.startsWith("params.")) return changed(node, field, now);
  const params = changed(node.params ?? {}, field.slice("params.".length), now);
  return changed(node, "params", Object.keys(params).length > 0 ? params : null);
}

function changed<T extends object>(of: T, name: string, now: Value): T {
  if (now !== null) return { ...of, [name]: now };
  return Object.fromEntries(Object.entries(of).filter(([other]) => other !== name)) as T;
}

/** Whether a node may be in a group: one that is there, not in itself, and not too deep in others. */
function isGroup(graph: Graph, member: string, group: Value): boolean {
  if (typeof group !== "string" || entry(graph.nodes, group)?.kind !== "group") return false;
  let above: string | undefined = group;
  for (let depth = 0; depth < MAX_NESTED && above !== undefined && above !== member; depth++) {
    above = entry(graph.nodes, above)?.group;
  }
  return above === undefined;
}

/** Whether what it changes is there: less than `whyNot`, because the past is not judged again. */
function isPossible(graph: Graph, op: Op): boolean {
  const there = Object.hasOwn(op.op.startsWith("node") ? graph.nodes : graph.edges, op.id);
  return there !== op.op.endsWith(".add");
}

/** A graph that is being changed, by what can be done: each map is copied once, before its first change. */
export class Draft implements Graph {
  nodes: Nodes;
  edges: Edges;
  private readonly copied: { nodes?: { [id: string]: CanvasNode }; edges?: { [id: string]: Edges[string] } } = {};

  constructor(private readonly before: Graph) {
    this.nodes = before.nodes;
    this.edges = before.edges;
  }

  get graph(): Graph {
    const { nodes, edges } = this;
    return nodes === this.before.nodes && edges === this.before.edges ? this.before : { nodes, edges };
  }

  change(op: Op): void {
    if (!isPossible(this, op)) return;
    if (op.op.startsWith("node")) this.nodes = this.copied.nodes ??= copyOf(this.nodes);
    else this.edges = this.copied.edges ??= copyOf(this.edges);
    const { nodes = {}, edges = {} } = this.copied;
    const [node, edge] = [entry(nodes, op.id), entry(edges, op.id)];
    if (op.op === "node.add") nodes[op.id] = op.node;
    else if (op.op === "node.remove") delete nodes[op.id];
    else if (op.op === "node.set" && node) nodes[op.id] = withValue(node, op.field, op.now);
    else if (op.op === "edge.add") edges[op.id] = op.edge;
    else if (op.op === "edge.remove") delete edges[op.id];
    else if (op.op === "edge.set" && edge) edges[op.id] = { ...edge, [op.field]: op.now };
  }
}

/** A copy without a prototype, in which `__proto__` is a name like any other. */
function copyOf<T>(map: { readonly [id: string]: T }): { [id: string]: T } {
  return Object.assign(Object.create(null), map);
}
