/** Results are never lost, never replaced, and never shown against a person's choice. */
import { describe, expect, test } from "vitest";
import { aNode, anImage, aTask } from "../../../../tests/open-canvas";
import { candidatesOf, NO_RESULTS, outputsOf, unplaced, withTasks } from "./results";

const b = anImage(`asset_${"b".repeat(64)}.png`);
const done = aTask({ result: { images: [anImage(), b] } });

describe("the tasks of a canvas", () => {
  test("an answer that was overtaken changes nothing", () => {
    const now = withTasks(NO_RESULTS, [done]);
    const late = aTask({ status: "processing", updated_at: "2026-11-28T05:00:05Z" });
    expect(withTasks(now, [late])).toBe(now);
  });

  test("a node whose tasks did not change keeps its list, so that its card is not drawn again", () => {
    const other = aTask({ id: "task_2", metadata: { node: "m" } as never });
    const now = withTasks(NO_RESULTS, [done, other]);
    const next = withTasks(now, [{ ...other, updated_at: "2026-11-28T05:01:00Z" }]);
    expect(next.byNode.n).toBe(now.byNode.n);
    expect(next.byNode.m).not.toBe(now.byNode.m);
  });

  test("the newest task of a node comes first", () => {
    const later = aTask({ id: "task_2", created_at: "2026-11-28T06:00:00Z" });
    expect(withTasks(NO_RESULTS, [done, later]).byNode.n?.map(({ id }) => id)).toEqual(["task_2", "task_1"]);
  });
});

describe("candidates", () => {
  test("are all outputs of all tasks, and what came late", () => {
    const late = aTask({ id: "task_2", status: "failed", late_results: [b] });
    const found = candidatesOf(aNode(), [late, done]);
    expect(found.map(({ key }) => key)).toEqual(["task_2:0", "task_1:0", "task_1:1"]);
    expect(found[0]?.late).toBe(true);
  });

  test("have the picked one even if its task belongs to another node", () => {
    const node = aNode({ pick: { task: "task_9", asset: "asset_x.png" } });
    expect(candidatesOf(node, [done]).map(({ asset }) => asset)).toContain("asset_x.png");
  });

  test("of a text are its answer", () => {
    expect(outputsOf(aTask({ type: "llm", result: { text: "Grey waves" } }))[0]?.text).toBe("Grey waves");
  });
});

test("results whose node is gone are offered, and a failure without any is not", () => {
  const failed = aTask({ id: "task_2", status: "failed" });
  expect(unplaced({}, withTasks(NO_RESULTS, [done, failed])).map(({ id }) => id)).toEqual(["task_1"]);
  expect(unplaced({ n: aNode() }, withTasks(NO_RESULTS, [done]))).toEqual([]);
});
