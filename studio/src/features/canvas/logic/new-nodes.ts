/** What does a new node look like, and where does it go? */

import type { CanvasNode, Graph, NodeKind, Position, Size } from "@/document/types";

export const SIZES: { readonly [kind in NodeKind]: Size } = {
  text: { width: 320, height: 260 },
  image: { width: 320, height: 460 },
  video: { width: 400, height: 385 },
  audio: { width: 320, height: 280 },
  upload: { width: 280, height: 280 },
  reference: { width: 280, height: 280 },
  frame: { width: 280, height: 280 },
  group: { width: 720, height: 520 },
  note: { width: 240, height: 180 },
};

/** From which size a card may not be made smaller. */
export const LEAST: { readonly [kind in NodeKind]: Size } = {
  text: { width: 240, height: 180 },
  image: { width: 260, height: 300 },
  video: { width: 280, height: 300 },
  audio: { width: 260, height: 220 },
  upload: { width: 180, height: 160 },
  reference: { width: 180, height: 160 },
  frame: { width: 200, height: 200 },
  group: { width: 200, height: 140 },
  note: { width: 140, height: 100 },
};

export const GAP = 48;
const TRIES = 200;

export function newNode(kind: NodeKind, position: Position, rest: Partial<CanvasNode> = {}): CanvasNode {
  const { x, y } = position;
  return { kind, position: { x: Math.round(x), y: Math.round(y) }, size: { ...SIZES[kind] }, ...rest };
}

/** The place for a card around a point, or the next one to the right and below that is free. */
export function freePlace(graph: Graph, around: Position, size: Size): Position {
  const start = { x: around.x - size.width / 2, y: around.y - size.height / 2 };
  for (let step = 0; step < TRIES; step++) {
    const place = {
      x: start.x + (step % 4) * (size.width + GAP),
      y: start.y + Math.floor(step / 4) * (size.height + GAP),
    };
    if (!Object.values(graph.nodes).some((node) => node.kind !== "group" && overlaps(place, size, node))) return place;
  }
  return start;
}

/** The rectangle around nodes; undefined for none. */
export function bounds(graph: Graph, ids: Iterable<string>): (Position & Size) | undefined {
  const nodes = [...ids].flatMap((id) => graph.nodes[id] ?? []);
  if (nodes.length === 0) return undefined;
  const left = Math.min(...nodes.map(({ position }) => position.x));
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const right = Math.max(...nodes.map(({ position, size }) => position.x + size.width));
  const bottom = Math.max(...nodes.map(({ position, size }) => position.y + size.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function overlaps(place: Position, size: Size, node: CanvasNode): boolean {
  return (
    place.x < node.position.x + node.size.width &&
    node.position.x < place.x + size.width &&
    place.y < node.position.y + node.size.height &&
    node.position.y < place.y + size.height
  );
}
