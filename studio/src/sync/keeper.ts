/** Who looks after a canvas? One of the tabs in which it is open: it sends what tabs that are gone have left, sends runs
 * again that were not sent, and chooses results that arrive. */

import type { Desk } from "./desk";
import { type Hold, hasLocks, hold } from "./locks";
import type { Outbox } from "./outbox";
import type { Runs } from "./runs";
import type { Sender } from "./sender";
import { nameOf } from "./tab";
import { adopt } from "./tracker";
import type { TaskSeen, Transport } from "./transport";

/** A tab that is being reloaded is gone for a moment: its edits are left to it. */
const RELOAD_MS = 2000;
const LOOK_MS = 15_000;
const SILENT_MS = 60_000;
const MAX_PAGES = 10;

export class Keeper {
  private readonly closing = new AbortController();
  private readonly holds: Hold[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isKeeping = false;
  private hasLooked = false;

  constructor(
    private readonly desk: Desk,
    private readonly outbox: Outbox,
    private readonly sender: Sender,
    private readonly runs: Runs,
    private readonly transport: Transport,
    private readonly reloadMs = RELOAD_MS,
  ) {}

  /** Wait until no other tab keeps this canvas, and keep it. */
  async start(): Promise<void> {
    const held = await hold(`keeper ${this.desk.canvas}`, this.closing.signal);
    if (!held) return;
    this.holds.push(held);
    if (this.closing.signal.aborted) return this.close();
    this.isKeeping = true;
    void this.look(new Set());
    await this.findTasks();
  }

  /** Look at all tasks: choose results, and find runs that have none. */
  private async findTasks(): Promise<void> {
    const tasks: TaskSeen[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.transport.tasks(this.desk.canvas, cursor);
      if (answer.kind !== "yes") return;
      tasks.push(...answer.data.tasks);
      cursor = answer.data.next_cursor ?? undefined;
      if (cursor === undefined) break;
    }
    this.hasLooked = true;
    for (const task of tasks) this.seen(task);
    // Beyond the last page a run may have a task that was not looked at.
    if (this.isKeeping && cursor === undefined) this.runs.recover(tasks);
  }

  /** A task of the canvas as it is now. */
  seen(task: TaskSeen): void {
    if (this.isKeeping) this.runs.place(task);
  }

  /** Look at the newest tasks, when news may have been missed. */
  async findNewest(): Promise<void> {
    if (this.isKeeping && !this.hasLooked) return this.findTasks();
    const answer = this.isKeeping ? await this.transport.tasks(this.desk.canvas) : undefined;
    if (answer?.kind === "yes") for (const task of answer.data.tasks) this.seen(task);
  }

  close(): void {
    this.isKeeping = false;
    this.closing.abort();
    clearTimeout(this.timer);
    for (const held of this.holds.splice(0)) held.release();
  }

  /** Take over edits of sessions that were gone when it looked last, and still are. */
  private async look(before: ReadonlySet<string>): Promise<void> {
    const gone = new Set<string>();
    const kept = new Set(this.desk.tracked.queue.map(({ session }) => session));
    const edits = await this.outbox.edits();
    for (const session of new Set(edits.map((edit) => edit.session))) {
      if (session === this.desk.session || kept.has(session)) continue;
      const held = await hold(nameOf(session));
      if (!held) continue;
      const left = edits.filter((edit) => edit.session === session);
      const isSilent = hasLocks() || Date.now() - Date.parse(left.at(-1)?.at ?? "") > SILENT_MS;
      if (isSilent) gone.add(session);
      if (!isSilent || !before.has(session) || this.closing.signal.aborted) {
        held.release();
        continue;
      }
      this.holds.push(held); // so that a tab that comes back does not send them, too
      this.desk.set(adopt(this.desk.tracked, left));
      this.sender.flush();
    }
    if (this.closing.signal.aborted) return;
    this.timer = setTimeout(() => void this.look(gone), gone.size > 0 ? this.reloadMs : LOOK_MS);
  }
}
