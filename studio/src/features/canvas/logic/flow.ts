/** How does React Flow see the document? As nodes that know their place, size and kind only: what they show, each reads
 * from the document by its id, so that typing into one draws one. */

import type { Edge, Node } from "@xyflow/react";
import type { CanvasEdge, CanvasNode, Graph, NodeKind, Position } from "@/document/types";

export type BoardNode = Node<Record<string, never>, NodeKind>;
export type BoardEdge = Edge<{ edge: CanvasEdge }, "role">;

export interface Flow {
  nodes: BoardNode[];
  edges: BoardEdge[];
}

const NO_DATA: Record<string, never> = {};

/** The flow of a document. What did not change keeps its identity; a node that is being dragged stays under the hand. */
export function flowOf(graph: Graph, before: Flow): Flow {
  return { nodes: nodesOf(graph, before.nodes), edges: edgesOf(graph, before.edges) };
}

function nodesOf(graph: Graph, before: BoardNode[]): BoardNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const nodes = Object.entries(graph.nodes).map(([id, node]) => flowNode(id, node, known.get(id)));
  return sameList(nodes, before) ? before : nodes;
}

function flowNode(id: string, node: CanvasNode, known: BoardNode | undefined): BoardNode {
  const { width, height } = node.size;
  const position = known?.dragging ? known.position : node.position;
  const isSame =
    known?.type === node.kind && known.width === width && known.height === height && isAt(known.position, position);
  if (isSame) return known;
  return {
    ...known,
    id,
    type: node.kind,
    position: { ...position },
    width,
    height,
    data: NO_DATA,
    zIndex: node.kind === "group" ? -1 : 0,
    ariaRole: "group",
  };
}

function edgesOf(graph: Graph, before: BoardEdge[]): BoardEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const edges = Object.entries(graph.edges).map(([id, edge]): BoardEdge => {
    const old = known.get(id);
    if (old?.data?.edge === edge) return old;
    return {
      ...old,
      id,
      type: "role",
      source: edge.from,
      target: edge.to,
      sourceHandle: "out",
      targetHandle: edge.role,
      data: { edge },
    };
  });
  return sameList(edges, before) ? before : edges;
}

/** The places of nodes after a drag. A group takes its members along. */
export function placesAfter(
  graph: Graph,
  moved: readonly { id: string; position: Position }[],
): { [id: string]: Position } {
  const places: { [id: string]: Position } = {};
  for (const { id, position } of moved) {
    const node = graph.nodes[id];
    if (node?.kind !== "group") continue;
    const [dx, dy] = [position.x - node.position.x, position.y - node.position.y];
    for (const member of membersOf(graph, id)) {
      const at = graph.nodes[member]?.position;
      if (at) places[member] = { x: at.x + dx, y: at.y + dy };
    }
  }
  for (const { id, position } of moved) if (graph.nodes[id]) places[id] = { x: position.x, y: position.y };
  return places;
}

/** All that is inside a group, and inside the groups in it. */
export function membersOf(graph: Graph, group: string): Set<string> {
  const inside = new Set<string>();
  const groups = [group];
  for (const next of groups) {
    for (const [id, node] of Object.entries(graph.nodes)) {
      if (node.group !== next || inside.has(id)) continue;
      inside.add(id);
      if (node.kind === "group") groups.push(id);
    }
  }
  return inside;
}

function isAt(one: Position, other: Position): boolean {
  return one.x === other.x && one.y === other.y;
}

function sameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
