/** The board draws again only what has changed. */
import { expect, test } from "vitest";
import { aDocument, aNode } from "../../../../tests/open-canvas";
import { flowOf, placesAfter } from "./flow";

const edge = { from: "a", to: "b", role: "prompt" as const, order: 0 };
const canvas = aDocument({ a: aNode({ kind: "text" }), b: aNode() }, { e: edge });
const NONE = { nodes: [], edges: [] };

test("typing changes no node of the flow, because it knows places and sizes only", () => {
  const flow = flowOf(canvas, NONE);
  const typed = { ...canvas, nodes: { ...canvas.nodes, b: { ...aNode(), prompt: "a lighthouse" } } };
  expect(flowOf(typed, flow).nodes).toBe(flow.nodes);
});

test("what is being dragged stays under the hand while others change the canvas", () => {
  const flow = flowOf(canvas, NONE);
  const held = flow.nodes.map((node) =>
    node.id === "a" ? { ...node, dragging: true, position: { x: 50, y: 50 } } : node,
  );
  const changed = { ...canvas, nodes: { ...canvas.nodes, b: aNode({ position: { x: 9, y: 9 } }) } };
  const now = flowOf(changed, { ...flow, nodes: held }).nodes;
  expect(now.find(({ id }) => id === "a")?.position).toEqual({ x: 50, y: 50 });
  expect(now.find(({ id }) => id === "b")?.position).toEqual({ x: 9, y: 9 });
});

test("a group takes along all that is in it, groups too, and moves nothing twice", () => {
  const nested = aDocument({
    g: aNode({ kind: "group" }),
    h: aNode({ kind: "group", group: "g", position: { x: 10, y: 10 } }),
    n: aNode({ group: "h", position: { x: 20, y: 20 } }),
    other: aNode({ position: { x: 500, y: 0 } }),
  });
  const moved = [
    { id: "g", position: { x: 100, y: 0 } },
    { id: "n", position: { x: 120, y: 20 } },
  ];
  expect(placesAfter(nested, moved)).toEqual({
    g: { x: 100, y: 0 },
    h: { x: 110, y: 10 },
    n: { x: 120, y: 20 },
  });
});
