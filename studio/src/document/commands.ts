/** Which operations make what a person did? Each of these gives operations for one edit and changes nothing. */

import { fieldOf } from "./apply";
import { equal } from "./equal";
import { newId } from "./ids";
import { inputs } from "./topology";
import type { Value } from "./types";
import {
  type CanvasEdge,
  type CanvasNode,
  entry,
  type Field,
  type Graph,
  type Op,
  type Position,
  type Role,
  type Size,
} from "./types";

export type Positions = { readonly [id: string]: Position };

export function addNode(id: string, node: CanvasNode): Op[] {
  return [{ op: "node.add", id, node }];
}

/** None when the node is gone or has this value already; `now: null` takes the field away. */
export function setField(graph: Graph, id: string, field: Field, now: Value): Op[] {
  const node = entry(graph.nodes, id);
  if (!node) return [];
  const was = fieldOf(node, field);
  return equal(was, now) ? [] : [{ op: "node.set", id, field, was, now }];
}

export function moveNodes(graph: Graph, positions: Positions): Op[] {
  return Object.entries(positions).flatMap(([id, { x, y }]) => setField(graph, id, "position", { x, y }));
}

export function resizeNode(graph: Graph, id: string, { width, height }: Size): Op[] {
  return setField(graph, id, "size", { width, height });
}

/** Removes nodes with their edges; members of a removed group stay, without it. */
export function removeNodes(graph: Graph, ids: Iterable<string>): Op[] {
  const gone = new Set([...ids].filter((id) => entry(graph.nodes, id)));
  const edges = Object.entries(graph.edges).filter(([, edge]) => gone.has(edge.from) || gone.has(edge.to));
  const members = Object.entries(graph.nodes).filter(([, node]) => node.group !== undefined && gone.has(node.group));
  return [
    ...removeEdges(edges.map(([id]) => id)),
    ...members.flatMap(([id]) => setField(graph, id, "group", null)),
    ...[...gone].map((id): Op => ({ op: "node.remove", id })),
  ];
}

/** A new edge, used behind the others of its role. */
export function connect(graph: Graph, edge: Omit<CanvasEdge, "order">, id: string = newId("edge")): Op[] {
  const last = inputs(graph, edge.to, edge.role).at(-1);
  return [{ op: "edge.add", id, edge: { ...edge, order: last ? last[1].order + 1 : 0 } }];
}

export function removeEdges(ids: Iterable<string>): Op[] {
  return [...ids].map((id): Op => ({ op: "edge.remove", id }));
}

/** Use the edges of one role in this order. */
export function reorder(graph: Graph, to: string, role: Role, edges: readonly string[]): Op[] {
  return inputs(graph, to, role).flatMap(([id, edge]): Op[] => {
    const now = edges.indexOf(id);
    return now < 0 || now === edge.order ? [] : [{ op: "edge.set", id, field: "order", was: edge.order, now }];
  });
}

/** Put nodes into a new group. */
export function group(graph: Graph, ids: Iterable<string>, frame: CanvasNode, id: string = newId("node")): Op[] {
  return [...addNode(id, frame), ...[...ids].flatMap((member) => setField(graph, member, "group", id))];
}

/** Take a group away, and leave its members where they are. */
export function ungroup(graph: Graph, id: string): Op[] {
  return removeNodes(graph, [id]);
}
