/** How does a medium of the gallery come onto a canvas? As a reference node, by an edit like any other. */
import { addNode } from "@/document/commands";
import { newId } from "@/document/ids";
import type { CanvasNode, Graph } from "@/document/types";
import { openCanvas } from "@/sync/open";
import type { AssetItem } from "./gallery-queries";

const WIDTH = 280;
const GAP = 40;
const OF_A_SOUND = 16 / 9;

/** Resolves when Pixel has it. Raises CanvasUnavailable. */
export async function placeOnCanvas(canvas: string, item: AssetItem): Promise<void> {
  const session = await openCanvas({ id: canvas });
  try {
    session.edit("node.add", (graph) => addNode(newId("node"), referenceTo(item, graph)));
    await session.settled();
  } finally {
    await session.close();
  }
}

/** To the right of all that is there, where nothing is covered. */
export function referenceTo(item: AssetItem, graph: Graph): CanvasNode {
  const nodes = Object.values(graph.nodes);
  const shape = item.width && item.height ? item.width / item.height : OF_A_SOUND;
  const right = Math.max(0, ...nodes.map(({ position, size }) => position.x + size.width + GAP));
  const top = nodes.length === 0 ? 0 : Math.min(...nodes.map(({ position }) => position.y));
  return {
    kind: "reference",
    position: { x: right, y: top },
    size: { width: WIDTH, height: Math.round(WIDTH / shape) },
    ...(item.prompt ? { title: item.prompt.slice(0, 80) } : {}),
    pick: { asset: item.asset },
  };
}
