/** What a person does with the canvas. Each of these is one edit, so one undo takes it back. */

import { copy, fromText, paste, toText } from "@/document/clipboard";
import { addNode, connect, group, moveNodes, removeEdges, removeNodes, ungroup } from "@/document/commands";
import { newId } from "@/document/ids";
import { type Alignment, align, distribute } from "@/document/layout";
import type { CanvasNode, NodeKind, Position } from "@/document/types";
import { roleFor } from "../logic/connecting";
import { membersOf } from "../logic/flow";
import { firstModel } from "../logic/models";
import { bounds, freePlace, GAP, newNode, SIZES } from "../logic/new-nodes";
import { selectedIds } from "./board-store";
import type { OpenCanvas } from "./context";
import { lastModel } from "./last-model";

const HEAD = 44;
const PADDING = 24;

/** Add a node around a point of the canvas, connected with another one if that can be; it is selected. Its id. */
export function add(
  canvas: OpenCanvas,
  kind: NodeKind,
  around: Position,
  from?: string,
  rest: Partial<CanvasNode> = {},
): string {
  const { session, board } = canvas;
  const models = canvas.models.getState().models;
  const model = kind === "text" ? undefined : firstModel(models, kind, lastModel(kind));
  const { document } = session.store.getState();
  const place = freePlace(document, around, SIZES[kind]);
  const id = newId("node");
  const node = newNode(kind, place, { ...(model ? { model } : {}), ...rest });
  session.edit("node.add", (graph) => {
    const withNode = { nodes: { ...graph.nodes, [id]: node }, edges: graph.edges };
    const found = from === undefined ? undefined : roleFor(withNode, models, from, id);
    const edge = found && "role" in found ? connect(withNode, { from: from ?? "", to: id, role: found.role }) : [];
    return [...addNode(id, node), ...edge];
  });
  board.getState().select([id]);
  return id;
}

/** The ids of what is selected. */
export function chosen({ board }: OpenCanvas): string[] {
  return selectedIds(board.getState().nodes);
}

/** What is selected, and what is inside the groups among it. */
export function chosenWithMembers(canvas: OpenCanvas): string[] {
  const { document } = canvas.session.store.getState();
  const ids = chosen(canvas);
  const groups = ids.filter((id) => document.nodes[id]?.kind === "group");
  return [...new Set([...ids, ...groups.flatMap((id) => [...membersOf(document, id)])])];
}

export function removeChosen(canvas: OpenCanvas): void {
  const edges = canvas.board.getState().edges.flatMap((edge) => (edge.selected ? [edge.id] : []));
  const nodes = chosen(canvas);
  if (nodes.length === 0 && edges.length === 0) return;
  canvas.session.edit("node.remove", (graph) => {
    const gone = removeNodes(graph, nodes);
    const taken = new Set(gone.map(({ id }) => id));
    return [...removeEdges(edges.filter((id) => !taken.has(id))), ...gone];
  });
}

/** What is selected, as text for the clipboard. */
export function clipping(canvas: OpenCanvas): string | undefined {
  const ids = chosenWithMembers(canvas);
  return ids.length > 0 ? toText(copy(canvas.session.store.getState().document, ids)) : undefined;
}

/** Add the nodes of a text that `clipping` made. False for any other text. */
export function pasteText(canvas: OpenCanvas, text: string, at: Position): boolean {
  const found = fromText(text);
  if (!found) return false;
  const { ops, ids } = paste(found, at);
  if (canvas.session.edit("paste", ops) !== undefined) canvas.board.getState().select(ids);
  return true;
}

export function duplicateChosen(canvas: OpenCanvas): void {
  const { document } = canvas.session.store.getState();
  const ids = chosenWithMembers(canvas);
  const box = bounds(document, ids);
  if (!box) return;
  const { ops, ids: made } = paste(copy(document, ids), { x: box.x + GAP, y: box.y + GAP });
  if (canvas.session.edit("duplicate", ops) !== undefined) canvas.board.getState().select(made);
}

export function groupChosen(canvas: OpenCanvas): void {
  const { document } = canvas.session.store.getState();
  const ids = chosen(canvas);
  const box = bounds(document, ids);
  if (!box) return;
  const frame: CanvasNode = {
    kind: "group",
    position: { x: box.x - PADDING, y: box.y - HEAD },
    size: { width: box.width + 2 * PADDING, height: box.height + HEAD + PADDING },
  };
  const id = newId("node");
  if (canvas.session.edit("group", group(document, ids, frame, id)) !== undefined) canvas.board.getState().select([id]);
}

export function ungroupChosen(canvas: OpenCanvas): void {
  const groups = chosen(canvas).filter((id) => canvas.session.store.getState().document.nodes[id]?.kind === "group");
  if (groups.length > 0) canvas.session.edit("ungroup", (graph) => groups.flatMap((id) => ungroup(graph, id)));
}

export function alignChosen(canvas: OpenCanvas, side: Alignment): void {
  const ids = chosen(canvas);
  canvas.session.edit("node.align", (graph) => moveNodes(graph, align(graph, ids, side)));
}

export function distributeChosen(canvas: OpenCanvas, along: "horizontal" | "vertical"): void {
  const ids = chosen(canvas);
  canvas.session.edit("node.align", (graph) => moveNodes(graph, distribute(graph, ids, along)));
}
