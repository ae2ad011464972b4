/** A medium comes onto a canvas beside what is there, in its own shape, and as nothing that has to be made. */
import { expect, test } from "vitest";
import type { CanvasNode } from "@/document/types";
import type { AssetItem } from "./gallery-queries";
import { referenceTo } from "./place-on-canvas";

const ITEM: AssetItem = {
  asset: `asset_${"0".repeat(64)}.png`,
  kind: "image",
  media_type: "image/png",
  bytes: 9,
  origin: "output",
  created_at: "2026-03-01T12:00:00Z",
  width: 1600,
  height: 900,
  prompt: "a lighthouse",
};
const NODE: CanvasNode = { kind: "image", position: { x: 100, y: -40 }, size: { width: 300, height: 200 } };

test("on an empty canvas it stands where one begins", () => {
  expect(referenceTo(ITEM, { nodes: {}, edges: {} })).toMatchObject({
    kind: "reference",
    position: { x: 0, y: 0 },
    pick: { asset: ITEM.asset },
    title: "a lighthouse",
  });
});

test("it covers nothing, and keeps its shape", () => {
  const placed = referenceTo(ITEM, { nodes: { a: NODE }, edges: {} });
  expect(placed.position.x).toBeGreaterThanOrEqual(NODE.position.x + NODE.size.width);
  expect(placed.size.width / placed.size.height).toBeCloseTo(16 / 9, 1);
});
