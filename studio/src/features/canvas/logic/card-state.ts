/** In which state is a node, in the words that its card and the list use? */

import type { RequestProblem } from "@/document/request";
import type { NodeState } from "@/document/stale";
import type { CanvasNode } from "@/document/types";
import { originOf, type Task } from "./results";

/** What this tab knows of a run that it has asked for, until its task is seen. */
export interface OwnRun {
  run: string;
  state: "saving" | "sending" | "retrying" | "asks" | "refused" | "sent";
  message?: string;
}

/** Money: `charged` is what a failed task has cost. */
export type CardState =
  | { name: "still" }
  | { name: "unready"; problem: RequestProblem }
  | { name: "ready" }
  | { name: "saving" }
  | { name: "asks" }
  | { name: "refused"; message?: string }
  | { name: "queued"; task: Task }
  | { name: "working"; task: Task; percent?: number; phase: string }
  | { name: "doubt"; task: Task; open: boolean }
  | { name: "failed"; task: Task; charged: "no" | "yes" | "unknown" }
  | { name: "current" }
  | { name: "stale" };

export type StateName = CardState["name"];

/** How a state is to be taken: the colour of its word. */
export const TONE: { [name in StateName]: "quiet" | "busy" | "good" | "doubt" | "bad" } = {
  still: "quiet",
  unready: "quiet",
  ready: "quiet",
  saving: "busy",
  asks: "doubt",
  refused: "bad",
  queued: "busy",
  working: "busy",
  doubt: "doubt",
  failed: "bad",
  current: "good",
  stale: "doubt",
};

interface Known {
  node: CanvasNode;
  tasks: readonly Task[];
  run: OwnRun | undefined;
  /** Of a node that generates; undefined for one that does not. */
  made: NodeState | undefined;
  problem: RequestProblem | undefined;
}

/** What runs counts before what has ended, and the newest run before older ones. */
export function cardState({ node, tasks, run, made, problem }: Known): CardState {
  const newest = tasks[0];
  const seen = run !== undefined && tasks.some((task) => originOf(task).run === run.run);
  if (run && !seen) {
    if (run.state === "asks") return { name: "asks" };
    if (run.state === "refused") return { name: "refused", ...(run.message ? { message: run.message } : {}) };
    return { name: "saving" };
  }
  const running = tasks.find(isOpen);
  if (running) return whileOpen(running);
  if (made === undefined) return { name: "still" };
  if (newest?.status === "failed" && !isPickedSince(node, newest) && !isCalledOff(newest)) return afterFailure(newest);
  if (made !== "missing") return { name: made };
  if (problem) return { name: "unready", problem };
  return { name: "ready" };
}

export function isOpen(task: Task): boolean {
  return task.status === "pending" || task.status === "processing";
}

/** Whether something may be asked for now: nothing of the node is under way. */
export function canRun(state: CardState): boolean {
  return ["ready", "refused", "failed", "current", "stale"].includes(state.name);
}

function whileOpen(task: Task): CardState {
  const phase = task.phase ?? "queued";
  if (phase === "in_doubt") return { name: "doubt", task, open: true };
  if (task.status === "pending") return { name: "queued", task };
  return { name: "working", task, phase, ...(task.progress === undefined ? {} : { percent: task.progress }) };
}

/** A call of unknown outcome is a doubt, not a failure: it may have been paid for, and a person decides. */
function afterFailure(task: Task): CardState {
  if (task.error?.code === "outcome_unknown" && !task.late_results?.length) return { name: "doubt", task, open: false };
  return { name: "failed", task, charged: task.error?.charged ?? "unknown" };
}

/** Somebody stopped it before it cost anything: there is nothing to be told. */
function isCalledOff({ error }: Task): boolean {
  return error?.code === "cancelled" && error.charged === "no";
}

/** A failure that was answered by a choice is over. */
function isPickedSince(node: CanvasNode, failed: Task): boolean {
  return node.pick?.task === failed.id;
}
