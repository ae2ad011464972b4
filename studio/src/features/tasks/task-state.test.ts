/** What a person is told of a task, and what they may do about it. */
import { describe, expect, test } from "vitest";
import { isOpen, promptOf, stateOf, type Task, waysOn } from "./task-state";

type Standing = Pick<Task, "status" | "phase" | "error">;
const failed = (code: string, charged: "yes" | "no" | "unknown", retryable = false): Standing => ({
  status: "failed",
  phase: "failed",
  error: { code, message: "", retryable, charged },
});

describe("the state", () => {
  test.for<[Standing, string, string]>([
    [{ status: "pending", phase: "queued" }, "queued", "neutral"],
    [{ status: "processing", phase: "submitting" }, "submitting", "neutral"],
    [{ status: "processing", phase: "painting the sky" }, "making", "accent"],
    [{ status: "processing", phase: "in_doubt" }, "inDoubt", "doubt"],
    [{ status: "completed", phase: "completed" }, "completed", "good"],
    [failed("generation_failed", "no"), "failed", "bad"],
    [failed("result_lost", "unknown"), "chargeUnknown", "doubt"],
    [failed("cancelled", "no"), "cancelled", "neutral"],
  ])("%o", ([task, word, tone]) => {
    expect(stateOf(task)).toEqual({ word, tone });
  });
});

describe("the ways on", () => {
  test("what runs can be stopped, once", () => {
    expect(waysOn({ status: "processing", phase: "submitted" })).toEqual(["cancel"]);
    expect(waysOn({ status: "processing", phase: "cancelling" })).toEqual([]);
  });

  test("what may have been paid for is never made again by one click", () => {
    for (const charged of ["yes", "unknown"] as const) {
      expect(waysOn(failed("generation_failed", charged, true))).toEqual([]);
    }
  });

  test("paid results that could not be fetched are fetched again, not made again", () => {
    expect(waysOn(failed("outputs_not_fetched", "yes", true))).toEqual(["refetch"]);
  });

  test("what was refused for good wants to be changed", () => {
    expect(waysOn(failed("content_rejected_input", "no"))).toEqual(["edit"]);
    expect(waysOn(failed("rate_limited", "no", true))).toEqual(["rerun"]);
  });

  test("every task that is not open has no way to stop it", () => {
    for (const task of [failed("x", "no"), { status: "completed" } as Standing]) {
      expect(isOpen(task)).toBe(false);
      expect(waysOn(task)).not.toContain("cancel");
    }
  });
});

test("the prompt is the last thing that a person said", () => {
  expect(promptOf({ params: { prompt: "a cat" } })).toBe("a cat");
  const messages = [
    { role: "user", content: "first" },
    { role: "assistant", content: "answer" },
    { role: "user", content: "last" },
  ];
  expect(promptOf({ params: { messages } })).toBe("last");
  expect(promptOf({ params: {} })).toBe("");
});
