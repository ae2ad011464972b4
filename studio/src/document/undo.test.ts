// @vitest-environment node
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { act, action, EMPTY, nodeOf, opsOf } from "../../tests/people";
import { apply, fieldOf, take } from "./apply";
import { removeNodes, setField } from "./commands";
import { equal } from "./equal";
import { invert } from "./invert";
import type { Graph, Op } from "./types";
import { type Step, undo } from "./undo";

const graph = apply(EMPTY, [{ op: "node.add", id: "a", node: { ...nodeOf("image", 0), prompt: "cat" } }]);

function step(before: Graph, ops: readonly Op[]): Step {
  return { edit: "edit", label: "test", ops, inverse: invert(before, ops) };
}

describe("an undo", () => {
  test("of a removal brings the node back with its picture and its edges", () => {
    const full = apply(graph, [
      ...setField(graph, "a", "pick", { asset: "asset_1.png" }),
      { op: "node.add", id: "v", node: nodeOf("video", 0) },
      { op: "edge.add", id: "e", edge: { from: "a", to: "v", role: "first_frame", order: 0 } },
    ]);
    const removal = removeNodes(full, ["a"]);
    const { ops, skipped } = undo(apply(full, removal), step(full, removal));
    expect(skipped).toEqual([]);
    expect(equal(apply(apply(full, removal), ops), full)).toBe(true);
  });

  test("leaves what somebody else changed since", () => {
    const mine = [...setField(graph, "a", "prompt", "dog"), ...setField(graph, "a", "title", "Pet")];
    const now = apply(apply(graph, mine), [{ op: "node.set", id: "a", field: "prompt", was: "dog", now: "cow" }]);
    const { ops, skipped } = undo(now, step(graph, mine));
    expect(skipped).toEqual(["changed_by_others"]);
    expect(apply(now, ops).nodes.a).toEqual({ ...nodeOf("image", 0), prompt: "cow" });
  });

  test("leaves a node on which a run was started, and the choice of its only result", () => {
    const addition: Op = { op: "node.add", id: "b", node: nodeOf("image", 0) };
    const added = apply(graph, [addition]);
    const run = { id: "run_1", at: "2026-01-01T00:00:00Z", kind: "image", body: {} };
    const pick = setField(added, "b", "pick", { asset: "asset_1.png" });
    for (const paid of [setField(added, "b", "run", run), pick]) {
      expect(undo(apply(added, paid), step(graph, [addition]))).toEqual({ ops: [], skipped: ["has_result"] });
    }
    expect(undo(apply(added, pick), step(added, pick))).toEqual({ ops: [], skipped: ["has_result"] });
  });

  test("leaves a node that somebody connected", () => {
    const addition: Op = { op: "node.add", id: "b", node: nodeOf("video", 0) };
    const edge: Op = { op: "edge.add", id: "e", edge: { from: "a", to: "b", role: "first_frame", order: 0 } };
    expect(undo(apply(graph, [addition, edge]), step(graph, [addition]))).toEqual({
      ops: [],
      skipped: ["changed_by_others"],
    });
  });

  test("of mine, over whatever others did since, changes nothing that is not mine, and takes no result away", () => {
    const actions = fc.array(action, { maxLength: 15 });
    fc.assert(
      fc.property(actions, action, actions, (before, mine, others) => {
        const start = act(EMPTY, before, "s").graph;
        const ops = opsOf(start, mine, "mine");
        const taken = take(start, ops);
        if (!("graph" in taken)) return;
        const now = act(taken.graph, others, "o").graph;
        const back = undo(now, step(start, ops));
        const left = take(now, back.ops);
        if (!("graph" in left)) throw new Error("an undo that can't be done");
        const own = new Set(ops.map(({ id }) => id));
        for (const [id, node] of Object.entries(now.nodes)) {
          const after = left.graph.nodes[id];
          if (!own.has(id)) expect(after).toBe(node);
          if (fieldOf(node, "pick") !== null && !taken.graph.nodes[id]?.pick) expect(after?.pick).toEqual(node.pick);
        }
        for (const [id, edge] of Object.entries(now.edges)) if (!own.has(id)) expect(left.graph.edges[id]).toBe(edge);
      }),
    );
  });
});
