/** Which document does a person see? What the server has acknowledged, and their own edits on top of it.
 *
 * Pure: each function gives the next state. `graph` is always `base` with the whole queue applied. */

import { apply, take } from "@/document/apply";
import { invert } from "@/document/invert";
import { type Conflict, rebase, touched } from "@/document/rebase";
import type { Canvas, Graph, Op } from "@/document/types";
import { type Change, type Draft, nextId, type Pending } from "./edits";

export interface Tracked {
  readonly base: Canvas;
  readonly queue: readonly Pending[];
  readonly drafts: readonly Draft[];
  readonly graph: Graph;
  /** The graph below the last edit of the queue. */
  readonly below: Graph;
}

/** The document with these edits on top of it. */
export function begin(base: Canvas, queue: readonly Pending[], drafts: readonly Draft[]): Tracked {
  return settle({ base, queue, drafts, graph: base, below: base });
}

/** An edit at the end of the queue; undefined when it can't be done. One that goes on with the last, as typing does,
 * becomes a part of it. */
export function add(tracked: Tracked, edit: Pending): Tracked | undefined {
  const last = tracked.queue.at(-1);
  const goesOn = last !== undefined && !last.sent && last.merge !== undefined && last.merge === edit.merge;
  const merged = goesOn && last.session === edit.session ? { ...last, ops: joined(last.ops, edit.ops) } : undefined;
  const below = merged ? tracked.below : tracked.graph;
  const taken = take(below, merged?.ops ?? edit.ops);
  if (!("graph" in taken)) return undefined;
  const whole = completed(below, merged ?? edit);
  const before = merged ? tracked.queue.slice(0, -1) : tracked.queue;
  return { ...tracked, queue: [...before, whole], graph: taken.graph, below };
}

/** The next version of the canvas. "gap" when others lie between; one that is known already changes nothing but that
 * its edit, if it is one of mine, has arrived. */
export function hear(tracked: Tracked, change: Change): Tracked | "gap" {
  if (change.version > tracked.base.version + 1) return "gap";
  const queue = change.edit === undefined ? tracked.queue : tracked.queue.filter(({ edit }) => edit !== change.edit);
  if (change.version <= tracked.base.version) {
    return queue.length === tracked.queue.length ? tracked : settle({ ...tracked, queue });
  }
  return settle({ ...tracked, base: next(tracked.base, change), queue });
}

/** My edit is in the canvas as this version. "gap" when others lie between that are not known yet. */
export function acknowledge(tracked: Tracked, edit: Pending, version: number): Tracked | "gap" {
  return hear(tracked, { version, edit: edit.edit, ops: edit.ops, at: tracked.base.updated_at });
}

/** The document as the server has it now. */
export function replace(tracked: Tracked, base: Canvas): Tracked {
  return settle({ ...tracked, base });
}

/** The first edit is on its way: it stays as it is until it is answered. */
export function freeze(tracked: Tracked, id: string): Tracked {
  const base = tracked.base.version;
  const queue = tracked.queue.map((edit) => (edit.edit === id && !edit.sent ? { ...edit, sent: true, base } : edit));
  return { ...tracked, queue };
}

/** An edit was certainly not taken: it is made anew on what is there now, under another id. */
export function renew(tracked: Tracked, id: string, ops?: readonly Op[]): Tracked {
  return settle({
    ...tracked,
    queue: tracked.queue.map((edit) =>
      edit.edit === id ? { ...edit, edit: nextId(edit.edit), sent: false, ops: [...(ops ?? edit.ops)] } : edit,
    ),
  });
}

/** An edit is given up; what a person has to decide about it becomes a draft. */
export function drop(tracked: Tracked, id: string, conflicts: readonly Conflict[] = []): Tracked {
  const edit = tracked.queue.find((each) => each.edit === id);
  const drafts = edit && conflicts.length > 0 ? withDraft(tracked.drafts, edit, conflicts) : tracked.drafts;
  return settle({ ...tracked, queue: tracked.queue.filter((each) => each.edit !== id), drafts });
}

/** An edit was too large for one request, and goes on as two. It has more than one operation. */
export function split(tracked: Tracked, id: string): Tracked {
  const queue = tracked.queue.flatMap((edit, i) => {
    if (edit.edit !== id) return [edit];
    const half = Math.ceil(edit.ops.length / 2);
    const behind = tracked.queue.slice(i + 1).find(({ session }) => session === edit.session)?.seq ?? edit.seq + 1;
    const part = { ...edit, sent: false };
    return [
      { ...part, edit: nextId(id), ops: edit.ops.slice(0, half) },
      { ...part, edit: nextId(id), ops: edit.ops.slice(half), seq: (edit.seq + behind) / 2 },
    ];
  });
  return settle({ ...tracked, queue });
}

/** Edits of a tab that is gone. */
export function adopt(tracked: Tracked, edits: readonly Pending[]): Tracked {
  return settle({ ...tracked, queue: [...tracked.queue, ...edits] });
}

export function withoutDraft(tracked: Tracked, id: string): Tracked {
  return { ...tracked, drafts: tracked.drafts.filter((draft) => draft.id !== id) };
}

/** Put the queue on the base again. What others changed meanwhile becomes drafts, what is done already is left out. */
function settle(tracked: Tracked): Tracked {
  let graph: Graph = tracked.base;
  let below = graph;
  let drafts = tracked.drafts;
  const queue: Pending[] = [];
  for (const edit of tracked.queue) {
    if (edit.sent) {
      below = graph;
      graph = apply(graph, edit.ops);
      queue.push(edit);
      continue;
    }
    const result = rebase(graph, edit.ops, edit.seen);
    if (result.conflicts.length > 0) drafts = withDraft(drafts, edit, result.conflicts);
    if (result.ops.length === 0) continue;
    below = graph;
    queue.push(completed(below, { ...edit, ops: result.ops }));
    graph = result.graph;
  }
  return { base: tracked.base, queue, drafts, graph, below };
}

/** The edit with what has to be known to rebase it, and to take it back. */
function completed(below: Graph, edit: Pending): Pending {
  return { ...edit, seen: touched(below, edit.ops), inverse: invert(below, edit.ops) };
}

/** One draft about a field at a time: the newest wish counts. A run that somebody else started first is no question. */
function withDraft(drafts: readonly Draft[], edit: Pending, conflicts: readonly Conflict[]): readonly Draft[] {
  const asked = conflicts.filter(({ field }) => field !== "run");
  if (asked.length === 0) return drafts;
  const about = (one: Conflict) => asked.some(({ id, field }) => id === one.id && field === one.field);
  const others = drafts.flatMap((draft) => {
    const left = draft.conflicts.filter((conflict) => !about(conflict));
    return left.length > 0 ? [{ ...draft, conflicts: left }] : [];
  });
  const id = `draft_${edit.edit}`;
  const left = others.find((draft) => draft.id === id)?.conflicts ?? [];
  const draft = { id, edit: edit.edit, label: edit.label, at: edit.at, conflicts: [...left, ...asked] };
  return [...others.filter((each) => each.id !== id), draft];
}

/** Two edits in a row as one: a field that both set goes from what it was first to what it is last. */
function joined(first: readonly Op[], second: readonly Op[]): Op[] {
  const ops = [...first];
  for (const op of second) {
    const before = op.op === "node.set" ? ops.findIndex((each) => isSame(each, op)) : -1;
    const known = ops[before];
    if (known?.op === "node.set" && op.op === "node.set") ops[before] = { ...op, was: known.was };
    else ops.push(op);
  }
  return ops;
}

function isSame(one: Op, other: Op): boolean {
  return one.op === "node.set" && other.op === "node.set" && one.id === other.id && one.field === other.field;
}

function next(base: Canvas, change: Change): Canvas {
  const graph = apply(base, change.ops ?? []);
  const { version, name, named, archived, at = base.updated_at } = change;
  const names = named !== undefined && name !== undefined ? [...base.names, { version: named, name, at }] : base.names;
  return {
    ...base,
    nodes: graph.nodes,
    edges: graph.edges,
    version,
    updated_at: at,
    names: named === undefined ? names : names.filter((each, i) => each.version !== named || i === names.length - 1),
    ...(name !== undefined && named === undefined ? { name } : {}),
    ...(archived === undefined ? {} : { archived }),
  };
}
