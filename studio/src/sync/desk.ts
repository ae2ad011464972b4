/** Who keeps everything in step? Whatever changes the tracked document changes the outbox, the steps and the store. */

import type { StoreApi } from "zustand/vanilla";
import { newId } from "@/document/ids";
import type { Canvas, Graph, Op } from "@/document/types";
import { type Change, type Draft, keyOf, nextId, type Pending, type Refusal } from "./edits";
import type { Outbox } from "./outbox";
import { type CanvasState, createCanvasStore } from "./state";
import { forget, NO_STEPS, record, refresh, type Steps } from "./steps";
import { add, begin, hear, type Tracked } from "./tracker";

const MAX_OPS = 500; // of one request

export class Desk {
  readonly store: StoreApi<CanvasState>;
  tracked: Tracked;
  steps: Steps = NO_STEPS;
  private seq: number;
  private readonly waiting = new Map<string, (arrived: boolean) => void>();
  private settling: ((version: number) => void)[] = [];

  constructor(
    readonly session: string,
    private readonly outbox: Outbox,
    base: Canvas,
    queue: readonly Pending[],
    drafts: readonly Draft[],
    refused: readonly Refusal[],
  ) {
    this.tracked = begin(base, queue, drafts);
    this.seq = Math.ceil(Math.max(0, ...queue.map(({ seq }) => seq)));
    this.store = createCanvasStore(base);
    this.store.setState({ refused });
    this.keep(queue, drafts, true);
    this.show();
  }

  get canvas(): string {
    return this.tracked.base.id;
  }

  get graph(): Graph {
    return this.tracked.graph;
  }

  /** Take an edit; its first id, or undefined when it can't be done and nothing was changed. */
  edit(label: string, ops: readonly Op[], merge?: string): string | undefined {
    const edit = newId("edit");
    let tracked = this.tracked;
    for (let begins = 0; begins < ops.length; begins += MAX_OPS) {
      const part = this.pending(begins === 0 ? edit : nextId(edit), label, ops.slice(begins, begins + MAX_OPS), merge);
      const added = add(tracked, part);
      if (!added) return undefined;
      tracked = added;
    }
    if (tracked === this.tracked) return undefined;
    const last = this.tracked.queue.at(-1);
    this.set(tracked);
    const goesOn = last !== undefined && !tracked.queue.includes(last);
    return goesOn ? last.edit : edit;
  }

  /** A version of the canvas. False: others lie between, which have to be asked for. */
  hear(change: Change): boolean {
    const heard = hear(this.tracked, change);
    if (heard === "gap") return false;
    this.set(heard, change.edit);
    return true;
  }

  /** Go on with another state. What left the queue arrived if it is named here, or else was given up. */
  set(tracked: Tracked, arrived?: string): void {
    const before = this.tracked;
    if (tracked === before) return;
    this.tracked = tracked;
    this.keep(before.queue, before.drafts);
    const now = new Map(tracked.queue.map((edit) => [keyOf(edit), edit]));
    for (const old of before.queue) {
      const edit = now.get(keyOf(old));
      if (!edit) this.end(old, old.edit === arrived);
      else if (edit.ops !== old.ops || edit.edit !== old.edit) this.steps = refresh(this.steps, old.edit, edit);
    }
    const known = new Set(before.queue.map(keyOf));
    for (const edit of tracked.queue) {
      const isNew = edit.session === this.session && !known.has(keyOf(edit));
      if (isNew) this.steps = record(this.steps, edit.label, edit);
    }
    this.show();
    if (tracked.queue.length > 0) return;
    for (const tell of this.settling.splice(0)) tell(tracked.base.version);
  }

  /** Once an edit is acknowledged (true) or given up (false). */
  arrival(edit: string): Promise<boolean> {
    const pending = this.tracked.queue.find((each) => each.edit === edit);
    return pending ? new Promise((tell) => this.waiting.set(keyOf(pending), tell)) : Promise.resolve(true);
  }

  /** The version of the canvas once everything is acknowledged. */
  settled(): Promise<number> {
    const { queue, base } = this.tracked;
    return queue.length === 0 ? Promise.resolve(base.version) : new Promise((tell) => this.settling.push(tell));
  }

  /** Leave the newest step out: nothing of it can be taken back, or done again. */
  pass(verb: "undo" | "redo"): void {
    this.steps = { ...this.steps, [verb]: this.steps[verb].slice(0, -1) };
    this.show();
  }

  /** These steps were found in the history, with these edits. Those of the queue come behind them. */
  found(steps: Steps, edits: ReadonlySet<string | undefined>): void {
    const own = this.tracked.queue.filter(({ edit, session }) => session === this.session && !edits.has(edit));
    this.steps = own.reduce((all, edit) => record(all, edit.label, edit), steps);
    this.show();
  }

  /** Once all that was done is on the disk, or can't be: `durable` of the outbox tells. */
  stored(): Promise<void> {
    return this.outbox.written();
  }

  refuse(refusal: Refusal): void {
    this.outbox.putAside({ canvas: this.canvas, id: refusal.id, refusal });
    this.store.setState(({ refused }) => ({ refused: [...refused, refusal] }));
  }

  dismiss(id: string): void {
    for (const refusal of this.store.getState().refused.filter((each) => each.id === id)) {
      this.outbox.putAside({ canvas: this.canvas, id, refusal }, true);
    }
    this.store.setState(({ refused }) => ({ refused: refused.filter((each) => each.id !== id) }));
  }

  /** Show how things stand. */
  show(): void {
    const { base, graph, queue, drafts } = this.tracked;
    const { document: shown, outbox } = this.store.getState();
    const isSame = shown.nodes === graph.nodes && shown.edges === graph.edges && shown.version === base.version;
    const changes = queue.reduce((sum, { ops }) => sum + ops.length, 0);
    const before = queue.length === 0 ? { status: "saved" as const } : outbox;
    const status = queue.length > 0 && outbox.status === "saved" ? "pending" : before.status;
    const { durable } = this.outbox;
    this.store.setState({
      document: isSame && shown.name === base.name ? shown : { ...base, nodes: graph.nodes, edges: graph.edges },
      outbox: { ...before, status, pending: queue.length, changes, version: base.version, durable },
      drafts,
      history: { undo: this.steps.undo, redo: this.steps.redo },
    });
  }

  private pending(edit: string, label: string, ops: readonly Op[], merge?: string): Pending {
    const { canvas, session } = this;
    const { version } = this.tracked.base;
    // Never that of another edit of this session: neither one that waits, nor one that another desk has just handed over.
    this.seq = Math.max(this.seq + 1, Date.now());
    const place = { canvas, session, seq: this.seq, at: new Date().toISOString() };
    const made = { ...place, edit, label, ops: [...ops], inverse: [], seen: {}, sent: false, base: version };
    return merge === undefined ? made : { ...made, merge };
  }

  /** Write down what changed. With `all`, what is the same, too: it may have been rebased when it was loaded. */
  private keep(queue: readonly Pending[], drafts: readonly Draft[], all = false): void {
    const { canvas, tracked } = this;
    const now = new Map(tracked.queue.map((edit) => [keyOf(edit), edit]));
    const known = new Map(queue.map((edit) => [keyOf(edit), edit]));
    for (const edit of tracked.queue) if (all || known.get(keyOf(edit)) !== edit) this.outbox.put(edit);
    for (const edit of queue) if (!now.has(keyOf(edit))) this.outbox.remove(edit);
    const aside = (draft: Draft) => ({ canvas, id: draft.id, draft });
    for (const draft of tracked.drafts) if (!drafts.includes(draft)) this.outbox.putAside(aside(draft));
    const ids = new Set(tracked.drafts.map(({ id }) => id));
    for (const draft of drafts) if (!ids.has(draft.id)) this.outbox.putAside(aside(draft), true);
  }

  private end(edit: Pending, hasArrived: boolean): void {
    if (!hasArrived) this.steps = forget(this.steps, edit.edit);
    this.waiting.get(keyOf(edit))?.(hasArrived);
    this.waiting.delete(keyOf(edit));
  }
}
