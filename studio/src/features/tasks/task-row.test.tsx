/** A task in a list says in words how it stands, what it costs and what can be done, in both languages. */
import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import en from "../../../messages/en/tasks.json";
import zh from "../../../messages/zh/tasks.json";
import { LOCALES, stage } from "../../../tests/stage";
import { TaskRow } from "./task-row";
import type { Task } from "./task-state";

const WORDS = { en, zh };
const BASE: Task = {
  id: "task_1",
  type: "image",
  status: "pending",
  model: "sandbox/image",
  params: { prompt: "a lighthouse" },
  created_at: "2026-03-01T11:59:00Z",
  updated_at: "2026-03-01T11:59:00Z",
};

describe.each(LOCALES)("%s", (locale) => {
  const words = WORDS[locale];

  test("one that runs shows how far it is, what it costs at most, and can be stopped", () => {
    const estimate = { amount: "0.20", currency: "CNY", price_revision: 1, lines: [], source: "estimate" as const };
    stage(
      <TaskRow task={{ ...BASE, status: "processing", phase: "working", progress: 40, estimated_cost: estimate }} />,
      {
        locale,
      },
    );
    expect(screen.getByText(words.state.making)).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: "a lighthouse" }).getAttribute("value")).toBe("40");
    expect(screen.getByText(/¥0\.20/)).toBeTruthy();
    expect(screen.getByRole("button", { name: words.way.cancel })).toBeTruthy();
  });

  test("a price that nobody knows is said to be unknown, and never a zero", () => {
    stage(<TaskRow task={BASE} />, { locale });
    expect(screen.getByText(words.cost.unknownPrice)).toBeTruthy();
    expect(screen.queryByText(/0\.00/)).toBeNull();
  });

  test("one whose charge is unknown has no button that would pay again", () => {
    const error = { code: "result_lost", message: "", retryable: false, charged: "unknown" as const };
    stage(<TaskRow task={{ ...BASE, status: "failed", error }} />, { locale });
    expect(screen.getByText(words.state.chargeUnknown)).toBeTruthy();
    expect(screen.getByText(words.failure.result_lost)).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });

  test("one that failed for free says why, that it was free, and can be made again", () => {
    const error = { code: "rate_limited", message: "", retryable: true, charged: "no" as const };
    stage(<TaskRow task={{ ...BASE, status: "failed", error }} />, { locale });
    expect(screen.getByText(words.failure.rate_limited)).toBeTruthy();
    expect(screen.getByText(words.cost.notCharged)).toBeTruthy();
    expect(screen.getByRole("button", { name: words.way.rerun })).toBeTruthy();
  });
});
