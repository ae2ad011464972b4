/** What happened, in plain words: the message for each event of a task, and what fills its holes. */
import type { components } from "@/api/schema";
import type { Tone } from "./task-state";

export type HistoryEvent = components["schemas"]["HistoryEvent"];

/** Every event of a task that docs/events.md names; `other` stands for those that come later. */
const KNOWN = [
  "TaskRequested",
  "FallbackChosen",
  "ProviderCalled",
  "ProviderAccepted",
  "ProviderProgressed",
  "ProviderJobMissing",
  "ProviderAnswerUnclear",
  "ProviderRefused",
  "ProviderCallInDoubt",
  "CallResolved",
  "ProviderSucceeded",
  "OutputFetchFailed",
  "RefetchRequested",
  "OutputStored",
  "TaskCompleted",
  "TaskFailed",
  "CancellationRequested",
  "TaskCancelled",
  "LateResultSeen",
] as const;

const OUTCOMES = ["happened", "did_not_happen", "unknown"] as const;
const VERDICTS = ["retry", "attach", "abandon"] as const;

export type EventKey =
  | (typeof KNOWN)[number]
  | `ProviderCallReconciled.${(typeof OUTCOMES)[number]}`
  | "ProviderRefusedFinally"
  | "other";

/** `key` is a message `task.event.…`; `detail` what somebody said about it, in their own words. */
export type EventWords = {
  key: EventKey;
  tone: Tone;
  values: Record<string, string | number>;
  detail: string | undefined;
};

const TONES: Partial<Record<string, Tone>> = {
  ProviderAnswerUnclear: "doubt",
  ProviderCallInDoubt: "doubt",
  ProviderJobMissing: "doubt",
  ProviderRefused: "bad",
  OutputFetchFailed: "bad",
  TaskFailed: "bad",
  TaskCompleted: "good",
  ProviderSucceeded: "accent",
  ProviderCalled: "accent",
  LateResultSeen: "accent",
};

export function wordsOf(event: HistoryEvent): EventWords {
  const data = event.data as Record<string, unknown>;
  const text = (name: string): string => (typeof data[name] === "string" ? (data[name] as string) : "");
  const count = (name: string): number => (Array.isArray(data[name]) ? (data[name] as unknown[]).length : 0);
  return {
    key: keyOf(event.type, data),
    tone: toneOf(event.type, data),
    values: {
      model: text("model"),
      provider: text("provider"),
      attempt: Number(data.attempt ?? 1),
      percent: Number(data.percent ?? 0),
      number: Number(data.index ?? 0) + 1,
      outputs: count("outputs"),
      assets: count("assets"),
      by: text("by"),
      verdict: VERDICTS.find((each) => each === data.verdict) ?? "other",
      charged: text("charged") || "no",
      type: event.type,
    },
    detail: text("message") || text("reason") || text("evidence") || text("note") || undefined,
  };
}

function keyOf(type: string, data: Record<string, unknown>): EventKey {
  if (type === "ProviderRefused" && data.retry_at === undefined) return "ProviderRefusedFinally";
  if (type === "ProviderCallReconciled") {
    return `ProviderCallReconciled.${OUTCOMES.find((each) => each === data.outcome) ?? "unknown"}`;
  }
  return KNOWN.find((each) => each === type) ?? "other";
}

function toneOf(type: string, data: Record<string, unknown>): Tone {
  if (type === "ProviderCallReconciled") return data.outcome === "unknown" ? "doubt" : "good";
  if (type === "TaskFailed" && data.charged === "unknown") return "doubt";
  return TONES[type] ?? "neutral";
}
