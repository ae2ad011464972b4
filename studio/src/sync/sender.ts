/** When is an edit sent, and what follows from the answer? One at a time, in order, again and again until there is one. */

import { take } from "@/document/apply";
import type { Conflict } from "@/document/rebase";
import type { Desk } from "./desk";
import { keyOf, type Pending } from "./edits";
import type { Outbox } from "./outbox";
import type { OutboxState, SaveStatus } from "./state";
import { drop, freeze, renew, split } from "./tracker";
import { type Answer, KEEPALIVE_BYTES, type Transport } from "./transport";

export interface Timing {
  /** Milliseconds without an edit after which what there is is sent. */
  quiet: number;
  /** The longest that an edit waits. */
  longest: number;
  /** The first wait after an answer that decides nothing; each is twice as long as the one before. */
  retry: number;
}

export const TIMING: Timing = { quiet: 800, longest: 3000, retry: 1000 };
const MAX_RETRY = 30_000;
const MAX_RENEWALS = 10;

type Accepted = Awaited<ReturnType<Transport["edit"]>>;
/** Go on with the next, wait so many milliseconds, or until somebody resumes. */
type Next = "go" | "pause" | number;

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private since: number | undefined;
  private due = new Set<string>();
  private isSending = false;
  private isPaused = false;
  private isClosed = false;
  private failures = 0;
  private readonly renewals = new Map<string, number>();

  constructor(
    private readonly desk: Desk,
    private readonly outbox: Outbox,
    private readonly transport: Transport,
    private readonly catchUp: () => Promise<boolean>,
    private readonly onSignedOut: () => void,
    private readonly timing: Timing,
  ) {}

  /** There is a new edit, or one goes on. */
  poke(): void {
    if (this.failures > 0 || this.isPaused) return; // it goes with the others
    this.since ??= Date.now();
    this.wait(Math.max(0, Math.min(this.timing.quiet, this.since + this.timing.longest - Date.now())));
  }

  /** Send all that there is now. `isLeaving`: the page may be closed while it is on its way. */
  flush(isLeaving = false): void {
    if (this.isPaused || this.isClosed) return;
    clearTimeout(this.timer);
    this.since = undefined;
    for (const edit of this.desk.tracked.queue) this.due.add(keyOf(edit));
    void this.send(isLeaving);
  }

  /** Pixel answers again: do not wait any longer. */
  nudge(): void {
    if (this.failures > 0 && !this.isPaused) this.resume();
  }

  /** Go on after a pause, or without waiting any longer. */
  resume(): void {
    this.isPaused = false;
    this.failures = 0;
    this.flush();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  /** Nothing is sent until somebody resumes. */
  pause(status: SaveStatus, message?: string): void {
    this.isPaused = true;
    this.tell(status, message);
    if (status === "signed_out") this.onSignedOut();
  }

  get isWaitingForSignIn(): boolean {
    return this.isPaused && this.desk.store.getState().outbox.status === "signed_out";
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => this.flush(), milliseconds);
  }

  private async send(isLeaving: boolean): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    let next: Next = "go";
    while (next === "go" && !this.isClosed) {
      const edit = this.head();
      if (!edit) break;
      this.tell("sending");
      // A page that is left has no time to wait; its edit is stored while it is sent.
      if (!isLeaving) await this.outbox.written();
      const body = JSON.stringify(wire(edit));
      const answer = await this.transport.edit(edit.canvas, body, isLeaving && body.length <= KEEPALIVE_BYTES);
      if (!this.isClosed) next = await this.take(edit, answer);
    }
    this.isSending = false;
    if (this.isClosed || next === "pause") return;
    if (typeof next === "number") {
      this.wait(next);
    } else if (this.desk.tracked.queue.length > 0) {
      this.tell("pending");
      this.poke();
    }
  }

  /** The first edit, from now on as it is. Those that came after the flush wait for the next. */
  private head(): Pending | undefined {
    const first = this.desk.tracked.queue[0];
    if (!first || !(first.sent || this.due.has(keyOf(first)))) return undefined;
    if (!first.sent) this.desk.set(freeze(this.desk.tracked, first.edit));
    return this.desk.tracked.queue[0];
  }

  private async take(edit: Pending, answer: Accepted): Promise<Next> {
    if (answer.kind === "away") return this.again(answer);
    this.failures = 0;
    if (answer.kind === "yes") return this.accepted(edit, answer.data);
    const { status, message, data } = answer;
    if (status === 401) this.pause("signed_out", message);
    else if (status === 409 && hasConflicts(data)) return this.conflicting(edit, data.conflicts);
    else if (status === 403 || status === 404 || status === 409) this.pause("gone", message);
    else if (status === 413 && edit.ops.length > 1) this.divided(edit);
    else this.refused(edit, status, message);
    return this.isPaused ? "pause" : "go";
  }

  private async accepted(
    edit: Pending,
    { version, missed }: { version: number; missed: Parameters<Desk["hear"]>[0][] },
  ): Promise<Next> {
    const news = [...missed, { version, edit: edit.edit, session: edit.session, ops: edit.ops }];
    if (news.every((change) => this.desk.hear(change))) return "go";
    if (!(await this.catchUp())) return this.later();
    this.desk.set(drop(this.desk.tracked, edit.edit), edit.edit); // it is in what was caught up with
    return "go";
  }

  private async conflicting(edit: Pending, conflicts: Conflict[]): Promise<Next> {
    if (!(await this.catchUp())) return this.later();
    const renewals = (this.renewals.get(keyOf(edit)) ?? 0) + 1;
    this.renewals.set(keyOf(edit), renewals);
    const isNews = this.desk.tracked.base.version > edit.base && renewals <= MAX_RENEWALS;
    const { tracked } = this.desk;
    this.desk.set(isNews ? renew(tracked, edit.edit) : drop(tracked, edit.edit, conflicts));
    const fresh = this.desk.tracked.queue.find((each) => keyOf(each) === keyOf(edit));
    if (fresh) this.due.add(keyOf(fresh));
    return "go";
  }

  private divided(edit: Pending): void {
    this.desk.set(split(this.desk.tracked, edit.edit));
    for (const part of this.desk.tracked.queue) this.due.add(keyOf(part));
  }

  /** The operation that Pixel names is taken out, or the whole edit, where the rest makes no sense without it. */
  private refused(edit: Pending, status: number, message: string): void {
    const named = /ops\[(\d+)\]/.exec(message)?.[1];
    const index = named === undefined ? -1 : Number(named);
    const op = edit.ops[index];
    const rest = edit.ops.filter((_, i) => i !== index);
    const isEnough = op !== undefined && rest.length > 0 && "graph" in take(this.desk.tracked.base, rest);
    const { label, at } = edit;
    const shown = { id: `refusal_${edit.edit}`, label, at, status, message, ops: isEnough ? [op] : edit.ops };
    this.desk.refuse(op ? { ...shown, op } : shown);
    const { tracked } = this.desk;
    this.desk.set(isEnough ? renew(tracked, edit.edit, rest) : drop(tracked, edit.edit));
  }

  private later(): Next {
    return this.isPaused ? "pause" : this.again({ status: 0, retryAfter: 0 });
  }

  private again({ status, retryAfter }: Pick<Answer<never> & { kind: "away" }, "status" | "retryAfter">): number {
    const backOff = Math.min(MAX_RETRY, this.timing.retry * 2 ** this.failures++) * (0.8 + Math.random() * 0.4);
    const milliseconds = Math.max(backOff, Math.min(60, retryAfter) * 1000);
    this.tell(status === 0 ? "offline" : "retrying", undefined, Date.now() + milliseconds);
    return milliseconds;
  }

  private tell(status: SaveStatus, message?: string, retryAt?: number): void {
    const { message: _, retryAt: __, ...before } = this.desk.store.getState().outbox;
    const outbox: OutboxState = { ...before, status, durable: this.outbox.durable };
    if (message !== undefined) outbox.message = message;
    if (retryAt !== undefined) outbox.retryAt = retryAt;
    this.desk.store.setState({ outbox });
  }
}

function wire({ base, edit, session, label, ops }: Pending) {
  return { base, edit, session, label, ops };
}

function hasConflicts(data: unknown): data is { conflicts: Conflict[] } {
  return typeof data === "object" && data !== null && "conflicts" in data && Array.isArray(data.conflicts);
}
