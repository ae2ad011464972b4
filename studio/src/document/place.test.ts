// @vitest-environment node
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { act, action, EMPTY, nodeOf } from "../../tests/people";
import { apply, take } from "./apply";
import { copy, fromText, paste, toText } from "./clipboard";
import { add, compare, sum } from "./cost";
import { newId } from "./ids";
import { align, distribute } from "./layout";
import type { Graph } from "./types";

describe("copies", () => {
  test("have new ids, the edges between them, and what was chosen; the run stays behind", () => {
    const run = { id: "run_1", at: "2026-01-01T00:00:00Z", kind: "image", body: {} } as const;
    const graph = apply(EMPTY, [
      { op: "node.add", id: "g", node: nodeOf("group", 10) },
      { op: "node.add", id: "a", node: { ...nodeOf("image", 20), pick: { asset: "asset_1.png" }, run, group: "g" } },
      { op: "node.add", id: "b", node: nodeOf("video", 30) },
      { op: "node.add", id: "c", node: nodeOf("video", 30) },
      { op: "edge.add", id: "e", edge: { from: "a", to: "b", role: "first_frame", order: 0 } },
      { op: "edge.add", id: "f", edge: { from: "a", to: "c", role: "first_frame", order: 0 } },
    ]);
    const clipping = fromText(toText(copy(graph, ["b", "a", "g"])));
    if (!clipping) throw new Error("not read");
    const { ops, ids } = paste(clipping, { x: 100, y: 200 });
    const taken = take(graph, ops);
    if (!("graph" in taken)) throw new Error(taken.refused.reason);
    const [g, a] = ids;
    expect(Object.keys(taken.graph.edges)).toHaveLength(3);
    expect(taken.graph.nodes[a ?? ""]).toEqual({
      ...nodeOf("image", 0),
      position: { x: 110, y: 210 },
      pick: { asset: "asset_1.png" },
      group: g,
    });
  });

  test("are not connected as no new node could be: the file was chosen after the edge was drawn", () => {
    const graph = apply(EMPTY, [
      { op: "node.add", id: "file", node: nodeOf("upload", 0) },
      { op: "node.add", id: "text", node: nodeOf("text", 0) },
      { op: "edge.add", id: "e", edge: { from: "file", to: "text", role: "prompt", order: 0 } },
      { op: "node.set", id: "file", field: "pick", was: null, now: { asset: "asset_1.png" } },
    ]);
    const { ops } = paste(copy(graph, ["file", "text"]), { x: 0, y: 0 });
    expect(ops.map((op) => op.op)).toEqual(["node.add", "node.add"]);
    expect(take(graph, ops)).toHaveProperty("graph");
  });

  test("of anything can be pasted beside it", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const { graph } = act(EMPTY, actions, "n");
        expect(take(graph, paste(copy(graph, Object.keys(graph.nodes)), { x: 0, y: 0 }).ops)).toHaveProperty("graph");
      }),
    );
  });

  test.each(["", "hello", "null", '{"nodes":{}}', '{"pixel-canvas-nodes":1,"nodes":{"a":{"kind":"bomb"}},"edges":{}}'])(
    "of another text are none: %s",
    (text) => expect(fromText(text)).toBeUndefined(),
  );
});

describe("nodes that are lined up", () => {
  const graph: Graph = {
    nodes: Object.fromEntries(
      [0, 100, 700].map((x, i) => [`n${i}`, { ...nodeOf("image", x), size: { width: 100 + 100 * i, height: 100 } }]),
    ),
    edges: {},
  };
  const ids = ["n0", "n1", "n2", "none"];

  test("by an edge or the middle", () => {
    expect(align(graph, ids, "left")).toEqual({ n1: { x: 0, y: 100 }, n2: { x: 0, y: 700 } });
    expect(align(graph, ids, "right")).toEqual({ n0: { x: 900, y: 0 }, n1: { x: 800, y: 100 } });
    expect(align(graph, ids, "middle")).toEqual({
      n0: { x: 0, y: 350 },
      n1: { x: 100, y: 350 },
      n2: { x: 700, y: 350 },
    });
  });

  test("with equal gaps", () => {
    expect(distribute(graph, ids, "horizontal")).toEqual({ n1: { x: 300, y: 100 } });
    expect(distribute(graph, ["n0", "n1"], "horizontal")).toEqual({});
  });
});

describe("costs", () => {
  test("are added exactly, by currency", () => {
    const costs = ["0.1", "0.2"].map((amount) => ({ amount, currency: "USD" }));
    expect(sum([...costs, { amount: "12", currency: "CNY" }])).toEqual({ USD: "0.3", CNY: "12" });
    expect(add("-0.05", "0.05")).toBe("0");
    expect(compare("0.10", "0.1")).toBe(0);
    expect(compare("2", "10")).toBeLessThan(0);
    expect(() => add("1e3", "1")).toThrow(RangeError);
  });

  test("are whole numbers of the smallest unit", () => {
    const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    const text = (units: bigint) =>
      `${units < 0n ? "-" : ""}${(units < 0n ? -units : units) / 1000n}.${String((units < 0n ? -units : units) % 1000n).padStart(3, "0")}`;
    fc.assert(
      fc.property(amount, amount, (one, other) => compare(add(text(one), text(other)), text(one + other)) === 0),
    );
  });
});

test("ids that are made later sort later, and are as the server makes them", () => {
  const ids = [1, 2, 1_800_000_000_000].map((at) => newId("node", at));
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^node_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
});
