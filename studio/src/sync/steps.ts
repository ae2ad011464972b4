/** What can be taken back? My own edits, newest first; they are found again in the history of the canvas. */

import { apply } from "@/document/apply";
import { invert } from "@/document/invert";
import type { Graph, Op } from "@/document/types";
import { type Step, undo as undone } from "@/document/undo";
import { type Change, rootOf } from "./edits";

export const MAX_STEPS = 200;

export interface Part {
  edit: string;
  ops: readonly Op[];
  inverse: readonly Op[];
}

/** An edit of mine, or the parts into which it was split. `edit` is their root. */
export interface OwnStep {
  edit: string;
  label: string;
  parts: readonly Part[];
}

export interface Steps {
  undo: readonly OwnStep[];
  redo: readonly OwnStep[];
}

export const NO_STEPS: Steps = { undo: [], redo: [] };

/** The steps after one of my edits. A run and its result are not taken back: they may have been paid for. */
export function record(steps: Steps, label: string, part: Part): Steps {
  if (label.startsWith("run")) return steps;
  const [verb, target] = label.split(":", 2);
  if (verb === "undo" && target !== undefined) return turned(steps, "undo", "redo", target, part);
  if (verb === "redo" && target !== undefined) return turned(steps, "redo", "undo", target, part);
  const edit = rootOf(part.edit);
  if (steps.undo.some((step) => step.edit === edit)) {
    return { ...steps, undo: steps.undo.map((step) => (step.edit === edit ? withPart(step, part) : step)) };
  }
  return { undo: [...steps.undo, { edit, label, parts: [part] }].slice(-MAX_STEPS), redo: [] };
}

/** The steps once an edit that was known as `was` has other operations, or another id, because it was rebased. */
export function refresh(steps: Steps, was: string, part: Part): Steps {
  const fresh = (step: OwnStep) => ({ ...step, parts: step.parts.map((each) => (each.edit === was ? part : each)) });
  return { undo: steps.undo.map(fresh), redo: steps.redo.map(fresh) };
}

/** The steps without an edit that did not come to be. */
export function forget(steps: Steps, edit: string): Steps {
  const without = (all: readonly OwnStep[]) =>
    all
      .map((step) => ({ ...step, parts: step.parts.filter((part) => part.edit !== edit) }))
      .filter(({ parts }) => parts.length > 0);
  return { undo: without(steps.undo), redo: without(steps.redo) };
}

/** The step as one, for `undo` of the document. */
export function whole({ edit, label, parts }: OwnStep): Step {
  return {
    edit,
    label,
    ops: parts.flatMap(({ ops }) => ops),
    inverse: [...parts].reverse().flatMap(({ inverse }) => inverse),
  };
}

/** The steps of a session, by what happened since the document was as `graph` is. */
export function rebuild(graph: Graph, changes: readonly Change[], session: string): Steps {
  let now = graph;
  let steps = NO_STEPS;
  for (const { edit, label = "", ops = [], session: by } of changes) {
    if (edit !== undefined && by === session) steps = record(steps, label, { edit, ops, inverse: invert(now, ops) });
    now = apply(now, ops);
  }
  return steps;
}

/** The newest step that can be taken back or done again, and its operations as the graph stands. */
export function newest(steps: readonly OwnStep[], graph: Graph) {
  const step = steps.at(-1);
  return step && { step, ...undone(graph, whole(step)) };
}

/** A step was taken back, or done again: it goes to the other side with what leads back. */
function turned(steps: Steps, from: "undo" | "redo", to: "undo" | "redo", target: string, part: Part): Steps {
  const step = steps[from].find(({ edit }) => edit === target);
  const before = steps[to].at(-1);
  if (before?.edit === target) return { ...steps, [to]: [...steps[to].slice(0, -1), withPart(before, part)] };
  const other = { edit: target, label: step?.label ?? "", parts: [part] };
  return { ...steps, [from]: steps[from].filter(({ edit }) => edit !== target), [to]: [...steps[to], other] };
}

function withPart(step: OwnStep, part: Part): OwnStep {
  const known = step.parts.findIndex(({ edit }) => edit === part.edit);
  return { ...step, parts: known < 0 ? [...step.parts, part] : step.parts.with(known, part) };
}
