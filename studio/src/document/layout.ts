/** Where do nodes stand when they are lined up? The new positions of those that move. */

import type { Positions } from "./commands";
import { type CanvasNode, entry, type Graph } from "./types";

export type Alignment = "left" | "center" | "right" | "top" | "middle" | "bottom";
export type Direction = "horizontal" | "vertical";

type Axis = { at: "x" | "y"; along: "width" | "height" };
const AXES: { readonly [direction in Direction]: Axis } = {
  horizontal: { at: "x", along: "width" },
  vertical: { at: "y", along: "height" },
};

/** Line up by an edge or the middle of the box around all of them. */
export function align(graph: Graph, ids: Iterable<string>, alignment: Alignment): Positions {
  const nodes = chosen(graph, ids);
  const { at, along } = AXES[["left", "center", "right"].includes(alignment) ? "horizontal" : "vertical"];
  const start = Math.min(...nodes.map(([, node]) => node.position[at]));
  const end = Math.max(...nodes.map(([, node]) => node.position[at] + node.size[along]));
  const share = { left: 0, top: 0, center: 0.5, middle: 0.5, right: 1, bottom: 1 }[alignment];
  return placed(nodes, at, (node) => start + (end - start - node.size[along]) * share);
}

/** Equal gaps between neighbours; the first and the last stay. */
export function distribute(graph: Graph, ids: Iterable<string>, direction: Direction): Positions {
  const { at, along } = AXES[direction];
  const nodes = chosen(graph, ids).sort(([, one], [, other]) => one.position[at] - other.position[at]);
  const [first, last] = [nodes[0]?.[1], nodes.at(-1)?.[1]];
  if (!first || !last || nodes.length < 3) return {};
  const room = last.position[at] + last.size[along] - first.position[at];
  const filled = nodes.reduce((sum, [, node]) => sum + node.size[along], 0);
  const gap = (room - filled) / (nodes.length - 1);
  let next = first.position[at];
  return placed(nodes, at, (node) => {
    const here = next;
    next += node.size[along] + gap;
    return here;
  });
}

function chosen(graph: Graph, ids: Iterable<string>): [string, CanvasNode][] {
  return [...ids].flatMap((id): [string, CanvasNode][] => {
    const node = entry(graph.nodes, id);
    return node ? [[id, node]] : [];
  });
}

function placed(nodes: [string, CanvasNode][], at: "x" | "y", place: (node: CanvasNode) => number): Positions {
  const moved = nodes.map(([id, node]) => [id, { ...node.position, [at]: Math.round(place(node)) }, node] as const);
  return Object.fromEntries(moved.filter(([, position, node]) => position[at] !== node.position[at]));
}
