// @vitest-environment node
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { act, action, EMPTY, nodeOf } from "../../tests/people";
import { apply, fieldOf, take } from "./apply";
import { removeNodes, setField } from "./commands";
import { equal } from "./equal";
import { rebase, touched } from "./rebase";
import type { Graph, Op } from "./types";

const graph = apply(EMPTY, [
  { op: "node.add", id: "a", node: { ...nodeOf("text", 0), prompt: "cat" } },
  { op: "node.add", id: "b", node: nodeOf("image", 0) },
  { op: "edge.add", id: "e", edge: { from: "a", to: "b", role: "prompt", order: 0 } },
]);

/** What becomes of mine when theirs came first; both were made on the same graph. */
function rebased(theirs: readonly Op[], mine: readonly Op[], on: Graph = graph) {
  return rebase(apply(on, theirs), mine, touched(on, mine));
}

describe("edits of two people", () => {
  test("who change different things get both", () => {
    const { graph: both, conflicts } = rebased(
      setField(graph, "a", "prompt", "dog"),
      setField(graph, "a", "title", "Pet"),
    );
    expect(conflicts).toEqual([]);
    expect(both.nodes.a).toMatchObject({ prompt: "dog", title: "Pet" });
  });

  test("who type into the same text are asked, and nothing is overwritten", () => {
    const {
      graph: theirs,
      conflicts,
      ops,
    } = rebased(setField(graph, "a", "prompt", "dog"), setField(graph, "a", "prompt", "cow"));
    expect(ops).toEqual([]);
    expect(theirs.nodes.a?.prompt).toBe("dog");
    expect(conflicts).toEqual([{ id: "a", field: "prompt", mine: "cow", theirs: "dog" }]);
  });

  test("who type the same are not asked", () => {
    const same = setField(graph, "a", "prompt", "dog");
    expect(rebased(same, same)).toMatchObject({ ops: [], conflicts: [] });
  });

  test("who move the same node: the later one wins", () => {
    const mine = setField(graph, "a", "position", { x: 5, y: 5 });
    const { graph: both, conflicts } = rebased(setField(graph, "a", "position", { x: 9, y: 9 }), mine);
    expect(conflicts).toEqual([]);
    expect(both.nodes.a?.position).toEqual({ x: 5, y: 5 });
  });

  test("a removal of what they changed is asked as a whole, and so is a change of what they removed", () => {
    const removal = removeNodes(graph, ["a", "b"]);
    const typing = setField(graph, "a", "prompt", "dog");
    expect(rebased(typing, removal)).toMatchObject({
      ops: [],
      conflicts: [{ id: "a", field: "removed", theirs: { prompt: "dog" } }],
    });
    expect(rebased(removal, typing).conflicts).toMatchObject([
      { id: "a", field: "node", mine: { prompt: "dog" }, theirs: null },
    ]);
  });

  test("a removal of what they only moved goes on, and so does one of what they removed, too", () => {
    const removal = removeNodes(graph, ["a"]);
    expect(rebased(setField(graph, "a", "position", { x: 9, y: 9 }), removal).graph.nodes).not.toHaveProperty("a");
    expect(rebased(removal, removal)).toMatchObject({ ops: [], conflicts: [] });
  });

  test("a node that they connected meanwhile is not removed without a question", () => {
    const connected: Op = { op: "edge.add", id: "f", edge: { from: "a", to: "c", role: "prompt", order: 0 } };
    const theirs: Op[] = [{ op: "node.add", id: "c", node: nodeOf("video", 0) }, connected];
    expect(rebased(theirs, removeNodes(graph, ["a"])).conflicts).toMatchObject([{ id: "a", field: "removed" }]);
  });

  test("two runs of one node at once: mine is not made, and nobody pays", () => {
    const run = (id: string) => ({ id, at: "2026-01-01T00:00:00Z", kind: "image", body: {} });
    const [theirs, mine] = [setField(graph, "b", "run", run("one")), setField(graph, "b", "run", run("two"))];
    expect(rebased(theirs, mine)).toMatchObject({ ops: [], conflicts: [{ id: "b", field: "run" }] });
  });
});

describe("for whatever two people do", () => {
  const people = fc.tuple(
    fc.array(action, { maxLength: 25 }),
    fc.array(action, { maxLength: 12 }),
    fc.array(action, { maxLength: 12 }),
  );

  test("what is left of mine can be done, and nothing that they typed is overwritten", () => {
    fc.assert(
      fc.property(people, ([before, theirs, mine]) => {
        const start = act(EMPTY, before, "s").graph;
        const others = act(start, theirs, "t");
        let now = others.graph;
        for (const edit of act(start, mine, "m").edits) {
          const result = rebase(now, edit.ops, touched(edit.before, edit.ops));
          expect(take(now, result.ops)).toHaveProperty("graph");
          expect(equal(apply(now, result.ops), result.graph)).toBe(true);
          for (const op of result.ops) {
            if (op.op !== "node.set" || ["position", "size", "group"].includes(op.field)) continue;
            const node = now.nodes[op.id];
            expect(node === undefined || equal(fieldOf(node, op.field), op.was) || result.ops.indexOf(op) > 0).toBe(
              true,
            );
          }
          now = result.graph;
        }
      }),
    );
  });

  test("what I typed is in the graph or in a conflict, unless I changed it again", () => {
    fc.assert(
      fc.property(people, ([before, theirs]) => {
        const start = act(EMPTY, [{ verb: "add", one: 0, other: 0, text: "" }, ...before], "s").graph;
        const id = Object.keys(start.nodes)[0];
        if (id === undefined) return;
        const mine = setField(start, id, "prompt", "typed by me");
        const { graph: now, conflicts } = rebase(act(start, theirs, "t").graph, mine, touched(start, mine));
        const kept = now.nodes[id]?.prompt === "typed by me";
        expect(kept || JSON.stringify(conflicts).includes("typed by me")).toBe(true);
      }),
    );
  });

  test("rebased on what did not change, an edit stays as it was", () => {
    fc.assert(
      fc.property(people, ([before, , mine]) => {
        const start = act(EMPTY, before, "s").graph;
        for (const edit of act(start, mine, "m").edits) {
          const result = rebase(edit.before, edit.ops, touched(edit.before, edit.ops));
          expect(result.conflicts).toEqual([]);
          expect(equal(result.graph, apply(edit.before, edit.ops))).toBe(true);
        }
      }),
    );
  });
});
