/** How does a task stand, in a word, and what can be done about it? */
import type { components } from "@/api/schema";

/** `params` are as they were sent: which there are depends on the model. */
export type Task = Omit<components["schemas"]["TaskView"], "params"> & { params: Record<string, unknown> };
export type Media = components["schemas"]["Media"];
export type Tone = "neutral" | "accent" | "good" | "doubt" | "bad";

/** The states that a person tells apart; each is a message `tasks.state.…`. */
export type TaskState = { word: StateWord; tone: Tone };
export type StateWord =
  | "queued"
  | "submitting"
  | "making"
  | "retrying"
  | "inDoubt"
  | "fetching"
  | "cancelling"
  | "completed"
  | "failed"
  | "chargeUnknown"
  | "cancelled";

const PHASES: Readonly<Record<string, StateWord>> = {
  queued: "queued",
  submitting: "submitting",
  submitted: "making",
  waiting_to_retry: "retrying",
  in_doubt: "inDoubt",
  fetching: "fetching",
  waiting_to_fetch: "fetching",
  cancelling: "cancelling",
};
const TONES: Readonly<Partial<Record<StateWord, Tone>>> = {
  making: "accent",
  fetching: "accent",
  inDoubt: "doubt",
  chargeUnknown: "doubt",
  completed: "good",
  failed: "bad",
};

export function stateOf(task: Pick<Task, "status" | "phase" | "error">): TaskState {
  const word = wordOf(task);
  return { word, tone: TONES[word] ?? "neutral" };
}

function wordOf({ status, phase, error }: Pick<Task, "status" | "phase" | "error">): StateWord {
  if (status === "completed") return "completed";
  if (status === "failed") {
    if (error?.code === "cancelled") return "cancelled";
    return error?.charged === "unknown" ? "chargeUnknown" : "failed";
  }
  if (status === "pending") return "queued";
  return PHASES[phase ?? ""] ?? "making"; // a provider's own word for being at it
}

export function isOpen({ status }: Pick<Task, "status">): boolean {
  return status === "pending" || status === "processing";
}

/** Asked for in the same way, these would be refused again. */
const WANT_A_CHANGE = new Set(["content_rejected_input", "content_rejected_output", "provider_rejected"]);

/** What whoever made the task may do about it now. */
export type Way = "cancel" | "refetch" | "rerun" | "edit";

/** The ways on, the best first. A task that may have been paid for is never repeated by one click. */
export function waysOn(task: Pick<Task, "status" | "phase" | "error">): readonly Way[] {
  if (isOpen(task)) return task.phase === "cancelling" ? [] : ["cancel"];
  if (task.status === "completed" || !task.error) return ["rerun"];
  const { code, charged } = task.error;
  if (code === "outputs_not_fetched") return ["refetch"];
  if (charged !== "no") return [];
  return WANT_A_CHANGE.has(code) ? ["edit"] : ["rerun"];
}

export function promptOf(task: Pick<Task, "params">): string {
  const { prompt, messages } = task.params as { prompt?: unknown; messages?: unknown };
  if (typeof prompt === "string") return prompt;
  if (!Array.isArray(messages)) return "";
  const said = messages.findLast((each: { role?: unknown }) => each?.role === "user") as { content?: unknown };
  return typeof said?.content === "string" ? said.content : "";
}

/** What was made, in order; what came too late at the end. */
export function mediaOf(task: Pick<Task, "result" | "late_results">): Media[] {
  const { images, videos, audios } = task.result ?? {};
  return [...(images ?? []), ...(videos ?? []), ...(audios ?? []), ...(task.late_results ?? [])];
}
