// @vitest-environment node
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { act, action, EMPTY, nodeOf, opsOf } from "../../tests/people";
import { apply, MAX_NODES, take, whyNot } from "./apply";
import { equal } from "./equal";
import { invert } from "./invert";
import { reaches } from "./topology";
import type { Op } from "./types";

const image = nodeOf("image", 0);

/** A graph that people made, and the edits that made it. */
function made(longest: number) {
  return fc.array(action, { maxLength: longest }).map((actions) => act(EMPTY, actions, "n"));
}

describe("edits and their inverses", () => {
  test("an edit and its inverse leave the graph as it was", () => {
    fc.assert(
      fc.property(made(40), action, ({ graph }, next) => {
        const taken = take(graph, opsOf(graph, next, "new"));
        if (!("graph" in taken)) return;
        const back = invert(graph, opsOf(graph, next, "new"));
        expect(take(taken.graph, back)).toHaveProperty("graph");
        expect(equal(apply(taken.graph, back), graph)).toBe(true);
      }),
    );
  });

  test("all edits of a canvas taken back, newest first, leave it empty", () => {
    fc.assert(
      fc.property(made(40), ({ graph, edits }) => {
        const inverses = edits.map(({ before, ops }) => invert(before, ops));
        expect(equal(inverses.reverse().reduce(apply, graph), EMPTY)).toBe(true);
      }),
    );
  });

  test("whatever people do, no edge is without its nodes, none goes in a circle, and no member is without its group", () => {
    fc.assert(
      fc.property(made(60), ({ graph }) => {
        for (const { from, to } of Object.values(graph.edges)) {
          expect(graph.nodes).toHaveProperty([from]);
          expect(reaches(graph.edges, to, from)).toBe(false);
        }
        for (const { group } of Object.values(graph.nodes)) if (group) expect(graph.nodes[group]?.kind).toBe("group");
      }),
    );
  });

  test("what did not change keeps its identity", () => {
    const graph = apply(EMPTY, [add("a"), add("b")]);
    const moved = apply(graph, [
      { op: "node.set", id: "a", field: "position", was: { x: 0, y: 0 }, now: { x: 1, y: 0 } },
    ]);
    expect(moved.nodes.b).toBe(graph.nodes.b);
    expect(moved.edges).toBe(graph.edges);
    expect(apply(graph, [])).toBe(graph);
  });
});

describe("what can't be done", () => {
  const graph = apply(EMPTY, [
    add("text", "text"),
    add("image"),
    add("video", "video"),
    add("frame", "frame"),
    add("group", "group"),
    { op: "edge.add", id: "e", edge: { from: "text", to: "image", role: "prompt", order: 0 } },
    { op: "node.set", id: "video", field: "group", was: null, now: "group" },
  ]);
  const edge = (from: string, to: string, role: "prompt" | "reference" | "video") =>
    ({ op: "edge.add", id: "new", edge: { from, to, role, order: 0 } }) as const;
  test.each<[string, Op, string]>([
    ["a node twice", add("image"), "op.exists"],
    ["a node that is not there", { op: "node.remove", id: "none" }, "op.gone"],
    ["a word that every object has", { op: "node.remove", id: "constructor" }, "op.gone"],
    ["a node with an edge", { op: "node.remove", id: "image" }, "op.connected"],
    ["a group with members", { op: "node.remove", id: "group" }, "op.has_members"],
    [
      "a member of what is no group",
      { op: "node.set", id: "image", field: "group", was: null, now: "text" },
      "op.no_group",
    ],
    ["no position", { op: "node.set", id: "image", field: "position", was: null, now: null }, "op.value"],
    [
      "a prompt of 65,537 bytes",
      { op: "node.set", id: "image", field: "prompt", was: null, now: `${"é".repeat(32768)}x` },
      "op.value",
    ],
    ["an edge to nowhere", edge("text", "none", "prompt"), "edge.missing"],
    ["an edge to itself", edge("image", "image", "reference"), "edge.self"],
    ["the same edge again", edge("text", "image", "prompt"), "edge.twice"],
    ["a picture as a prompt", edge("image", "video", "prompt"), "edge.role"],
    ["a video into a picture", edge("video", "image", "reference"), "edge.role"],
    ["an edge from a group", edge("group", "image", "reference"), "edge.role"],
  ])("%s", (_, op, reason) => {
    expect(whyNot(graph, op)).toBe(reason);
    expect(take(graph, [op])).toEqual({ refused: { index: 0, reason } });
  });

  test("a circle of three", () => {
    const chain = apply(graph, [
      { ...edge("video", "frame", "video"), id: "f" },
      { ...edge("frame", "image", "reference"), id: "g" },
    ]);
    expect(
      whyNot(chain, { op: "edge.add", id: "h", edge: { from: "image", to: "video", role: "first_frame", order: 0 } }),
    ).toBe("edge.cycle");
  });

  test("the 5,001st node", () => {
    const full = apply(
      EMPTY,
      Array.from({ length: MAX_NODES }, (_, i) => add(`n${i}`)),
    );
    expect(whyNot(full, add("one_more"))).toBe("op.too_many");
  });
});

function add(id: string, kind: "image" | "text" | "video" | "group" | "frame" = "image"): Op {
  return { op: "node.add", id, node: { ...image, kind } };
}
