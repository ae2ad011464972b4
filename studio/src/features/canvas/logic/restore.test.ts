/** Going back to a version gives exactly that version, by operations that can be done in their order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { take } from "@/document/apply";
import type { CanvasEdge, CanvasNode, Graph } from "@/document/types";
import { inEdits, opsBetween } from "./restore";

const place = fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) });
const node = fc.record(
  {
    kind: fc.constantFrom("text" as const, "image" as const),
    position: place,
    size: fc.constant({ width: 10, height: 10 }),
    prompt: fc.string({ maxLength: 3 }),
    params: fc.dictionary(fc.constantFrom("n", "seed"), fc.integer(), { minKeys: 1 }),
    group: fc.constantFrom("g1", "g2"),
  },
  { requiredKeys: ["kind", "position", "size"] },
);
const groups = fc.uniqueArray(fc.constantFrom("g1", "g2"));

/** A graph that could be: members have a group that is there, edges lead from texts to images. */
const graph: fc.Arbitrary<Graph> = fc
  .tuple(
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), node),
    groups,
    fc.uniqueArray(fc.constantFrom("ab", "cd", "ad")),
  )
  .map(([free, frames, pairs]) => {
    const nodes: { [id: string]: CanvasNode } = {};
    for (const id of frames) nodes[id] = { kind: "group", position: { x: 0, y: 0 }, size: { width: 9, height: 9 } };
    for (const [id, { group, ...rest }] of Object.entries(free)) {
      nodes[id] = { ...rest, ...(group && frames.includes(group) ? { group } : {}) } as CanvasNode;
    }
    const edges: { [id: string]: CanvasEdge } = {};
    for (const [from = "", to = ""] of pairs) {
      if (nodes[from]?.kind === "text" && nodes[to]?.kind === "image")
        edges[from + to] = { from, to, role: "prompt", order: 0 };
    }
    return { nodes, edges };
  });

test("the operations between two versions lead from one to the other", () => {
  fc.assert(
    fc.property(graph, graph, (now, then) => {
      // The kind of a node never changes: one that does is another node.
      for (const id of Object.keys(now.nodes)) fc.pre(!then.nodes[id] || then.nodes[id].kind === now.nodes[id]?.kind);
      const done = take(now, opsBetween(now, then));
      if ("refused" in done) throw new Error(`${done.refused.index}: ${done.refused.reason}`);
      expect({ nodes: { ...done.graph.nodes }, edges: { ...done.graph.edges } }).toEqual(then);
    }),
  );
});

test("what is too much for one edit is several, in the same order", () => {
  const ops = opsBetween(
    { nodes: {}, edges: {} },
    {
      nodes: Object.fromEntries(
        Array.from({ length: 1001 }, (_, i) => [
          `n${i}`,
          { kind: "note" as const, position: { x: 0, y: 0 }, size: { width: 1, height: 1 } },
        ]),
      ),
      edges: {},
    },
  );
  expect(inEdits(ops).map(({ length }) => length)).toEqual([500, 500, 1]);
  expect(inEdits(ops).flat()).toEqual(ops);
});
