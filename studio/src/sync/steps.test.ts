// @vitest-environment node
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply } from "@/document/apply";
import { equal } from "@/document/equal";
import { invert } from "@/document/invert";
import type { Canvas, Op } from "@/document/types";
import { act, action, EMPTY, nodeOf } from "../../tests/people";
import type { Change, Pending } from "./edits";
import { NO_STEPS, newest, rebuild, record } from "./steps";
import { acknowledge, add, begin, freeze, hear, type Tracked } from "./tracker";

const CANVAS: Canvas = {
  ...{ id: "canvas_1", project: "project_1", name: "Test", version: 1, archived: false, names: [] },
  ...{ created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z", ...EMPTY },
};

describe("the steps of a person", () => {
  test("are the same when they are found in the history", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(action, fc.constantFrom("undo" as const, "redo" as const)), { maxLength: 30 }),
        (all) => {
          let [graph, steps, version] = [EMPTY, NO_STEPS, 1];
          const changes: Change[] = [];
          const perform = (label: string, ops: readonly Op[]) => {
            const edit = `edit${++version}`;
            changes.push({ version, edit, session: version % 5 === 0 ? "other" : "mine", label, ops: [...ops] });
            const inverse = invert(graph, ops);
            if (version % 5 !== 0) steps = record(steps, label, { edit, ops, inverse });
            graph = apply(graph, ops);
          };
          for (const [i, each] of all.entries()) {
            if (typeof each === "string") {
              const found = newest(steps[each], graph);
              if (!found || found.ops.length === 0 || (version + 1) % 5 === 0) continue;
              perform(`${each}:${found.step.edit}`, found.ops);
            } else {
              for (const { ops } of act(graph, [each], `n${i}`).edits) perform("test", ops);
            }
          }
          expect(rebuild(EMPTY, changes, "mine")).toEqual(steps);
        },
      ),
    );
  });
});

describe("a document and the edits on top of it", () => {
  test("news in any order and twice lead to the same document, or are known to have a gap", () => {
    const edits = fc.array(action, { minLength: 1, maxLength: 20 }).map((actions) => act(EMPTY, actions, "n").edits);
    fc.assert(
      fc.property(edits, fc.array(fc.nat(19)), (made, order) => {
        const changes = made.map(({ ops }, i): Change => ({ version: i + 2, edit: `e${i}`, ops }));
        let now = begin(CANVAS, [], []);
        for (const i of [...order, ...changes.keys()]) {
          const change = changes[i];
          const heard = change ? hear(now, change) : now;
          if (change && change.version > now.base.version + 1) expect(heard).toBe("gap");
          else if (heard !== "gap") now = heard;
        }
        expect(now.base.version).toBe(changes.length + 1);
        const whole = changes.reduce((graph, { ops = [] }) => apply(graph, ops), EMPTY);
        expect(equal({ nodes: now.graph.nodes, edges: now.graph.edges }, whole)).toBe(true);
      }),
    );
  });

  test("an edit that was sent stays as it is until it is answered, whatever others do", () => {
    const edit = pending(1, [{ op: "node.add", id: "a", node: nodeOf("image", 0) }]);
    const sent = freeze(add(begin(CANVAS, [], []), edit) as Tracked, edit.edit);
    const theirs = hear(sent, {
      version: 2,
      edit: "theirs",
      ops: [{ op: "node.add", id: "b", node: nodeOf("image", 0) }],
    });
    if (theirs === "gap") throw new Error("a gap");
    expect(theirs.queue[0]).toMatchObject({ edit: edit.edit, ops: edit.ops, base: 1, sent: true });
    expect(Object.keys(theirs.graph.nodes)).toEqual(["b", "a"]);
    expect(acknowledge(theirs, edit, 3)).toMatchObject({ queue: [], base: { version: 3 } });
  });
});

function pending(seq: number, ops: Op[]): Pending {
  const place = { canvas: CANVAS.id, session: "mine", seq, edit: `edit_${seq}`, label: "test", at: CANVAS.created_at };
  return { ...place, ops, inverse: [], seen: {}, sent: false, base: 1 };
}
