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

  /** A task of the canvas as it is now. */
  seen(task: TaskSeen): void {
    if (this.isKeeping) this.runs.place(task);
  }

  /** Look at the tasks: choose results, and find runs that have none. */
  async findTasks(): Promise<void> {
    if (!this.isKeeping) return;
    const tasks: TaskSeen[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.transport.tasks(this.desk.canvas, cursor);
      if (answer.kind !== "yes") return;
      tasks.push(...answer.data.tasks);
      cursor = answer.data.next_cursor ?? undefined;
      if (cursor === undefined) break;
    }
    if (this.closing.signal.aborted) return;
    for (const task of tasks) this.runs.place(task);
    if (cursor === undefined) this.runs.recover(tasks); // else a run without a task may have an older one
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
