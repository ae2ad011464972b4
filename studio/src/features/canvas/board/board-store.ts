/** What React Flow draws, what is selected, and how a change of either becomes an edit. */

import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import { moveNodes, setField } from "@/document/commands";
import type { Graph, Op } from "@/document/types";
import type { CanvasSession } from "@/sync/canvas";
import { type BoardEdge, type BoardNode, type Flow, flowOf, placesAfter } from "../logic/flow";

export interface BoardState extends Flow {
  /** Take over what the document says. */
  follow: (graph: Graph) => void;
  changeNodes: (changes: NodeChange<BoardNode>[]) => void;
  changeEdges: (changes: EdgeChange<BoardEdge>[]) => void;
  select: (ids: Iterable<string>) => void;
}

export type BoardStore = StoreApi<BoardState>;

export function createBoardStore(session: Pick<CanvasSession, "edit" | "store">): BoardStore {
  const graph = () => session.store.getState().document;

  const store = createStore<BoardState>()((set, get) => ({
    ...flowOf(graph(), { nodes: [], edges: [] }),
    follow: (now) => {
      const { nodes, edges } = get();
      const flow = flowOf(now, { nodes, edges });
      if (flow.nodes !== nodes || flow.edges !== edges) set(flow);
    },
    changeNodes: (changes) => {
      const drawn = changes.filter((change) => change.type !== "remove");
      set({ nodes: applyNodeChanges(withMembers(graph(), drawn, get().nodes), get().nodes) });
      const moved = changes.flatMap((change) =>
        change.type === "position" && change.dragging === false && change.position
          ? [{ id: change.id, position: change.position }]
          : [],
      );
      if (moved.length > 0) session.edit("node.move", moveNodes(graph(), placesAfter(graph(), moved)));
      const sized = changes.flatMap((change) =>
        change.type === "dimensions" && change.resizing === false ? [change.id] : [],
      );
      if (sized.length > 0)
        session.edit(
          "node.size",
          sized.flatMap((id) => sizeOps(graph(), id, get().nodes)),
        );
    },
    changeEdges: (changes) => {
      set({
        edges: applyEdgeChanges(
          changes.filter((change) => change.type !== "remove"),
          get().edges,
        ),
      });
    },
    select: (ids) => {
      const chosen = new Set(ids);
      const nodes = get().nodes.map((node) =>
        (node.selected ?? false) === chosen.has(node.id) ? node : { ...node, selected: chosen.has(node.id) },
      );
      const edges = get().edges.map((edge) => (edge.selected ? { ...edge, selected: false } : edge));
      set({ nodes, edges });
    },
  }));
  return store;
}

export function selectedIds(nodes: readonly BoardNode[]): string[] {
  return nodes.flatMap((node) => (node.selected ? [node.id] : []));
}

/** While a group is dragged, its members go with it. */
function withMembers(
  graph: Graph,
  changes: NodeChange<BoardNode>[],
  nodes: readonly BoardNode[],
): NodeChange<BoardNode>[] {
  const groups = changes.flatMap((change) =>
    change.type === "position" && change.position && graph.nodes[change.id]?.kind === "group"
      ? [{ id: change.id, position: change.position }]
      : [],
  );
  if (groups.length === 0) return changes;
  const own = new Set(changes.map((change) => ("id" in change ? change.id : "")));
  const places = placesAfter(graph, groups);
  const dragging = changes.some((change) => change.type === "position" && change.dragging);
  const along = nodes
    .filter(({ id }) => places[id] && !own.has(id))
    .map(
      ({ id }): NodeChange<BoardNode> => ({
        type: "position",
        id,
        dragging,
        ...(places[id] ? { position: places[id] } : {}),
      }),
    );
  return [...changes, ...along];
}

/** A node may be made larger to the left, too: then its place changes with its size. */
function sizeOps(graph: Graph, id: string, nodes: readonly BoardNode[]): Op[] {
  const drawn = nodes.find((node) => node.id === id);
  if (!drawn) return [];
  const [width, height] = [Math.round(drawn.width ?? 0), Math.round(drawn.height ?? 0)];
  const [x, y] = [Math.round(drawn.position.x), Math.round(drawn.position.y)];
  if (width <= 0 || height <= 0) return [];
  return [...setField(graph, id, "size", { width, height }), ...setField(graph, id, "position", { x, y })];
}
