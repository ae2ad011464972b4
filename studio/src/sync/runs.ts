/** How is something generated on a node, and paid for once?
 *
 * First the wish is an edit of the canvas, with the whole request. When that is acknowledged, the request is sent under
 * a key that is made of canvas, node and run: however often it is sent, it is one task. Who finds a wish without a task
 * sends it again, or asks a person when it is old. */

import { setField } from "@/document/commands";
import { newId } from "@/document/ids";
import { type RequestProblem, requestOf } from "@/document/request";
import { entry, type Run, type Value } from "@/document/types";
import type { Desk } from "./desk";
import type { Sender } from "./sender";
import type { RunState } from "./state";
import type { TaskSeen, Transport } from "./transport";

export const OLD_MS = 10 * 60_000;
const DOUBLE_CLICK_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** "run.elsewhere": the wish did not come into the canvas, because somebody else started a run at the same time. */
export type RunOutcome =
  | { task: string }
  | { problem: RequestProblem | "run.elsewhere" | "run.closed" | "run.too_large" }
  | { refused: { status: number; message: string } };

export class Runs {
  private readonly underWay = new Map<string, Promise<RunOutcome>>();
  private wake: (() => void)[] = [];
  private isClosed = false;

  constructor(
    private readonly desk: Desk,
    private readonly sender: Sender,
    private readonly transport: Transport,
    private readonly retryMs: number,
  ) {}

  /** Run a node. A second call while one is under way, or just was, joins it. */
  run(node: string): Promise<RunOutcome> {
    return this.once(node, async () => {
      const id = newId("run");
      const request = requestOf(this.desk.store.getState().document, node, id);
      if ("problem" in request) return request;
      const before = entry(this.desk.graph.nodes, node)?.run ?? null;
      const run: Run = { id, at: new Date().toISOString(), ...request };
      const edit = this.desk.edit("run", setField(this.desk.graph, node, "run", run as unknown as Value));
      if (edit === undefined) return { problem: "run.too_large" };
      this.show(node, { run: id, state: "saving" });
      const arrival = this.desk.arrival(edit);
      this.sender.flush();
      if (!(await arrival)) {
        this.show(node, undefined);
        return { problem: "run.elsewhere" };
      }
      return this.send(node, run, before as Value);
    });
  }

  /** Send the wish that the node has once more. */
  resend(node: string): Promise<RunOutcome> {
    return this.once(node, async () => {
      const run = entry(this.desk.graph.nodes, node)?.run;
      return run ? this.send(node, run, null) : { problem: "not_generating" };
    });
  }

  /** Take the wish away from the node: it was not sent, or it was refused. */
  withdraw(node: string, before: Value = null): void {
    this.desk.edit("run.withdraw", setField(this.desk.graph, node, "run", before));
    this.show(node, undefined);
    this.sender.poke();
  }

  isUnderWay(node: string): boolean {
    return this.underWay.has(node);
  }

  /** The wishes of the canvas whose tasks are not among these: sent again, or asked about. */
  recover(tasks: readonly TaskSeen[]): void {
    const seen = new Set(tasks.map(({ metadata }) => metadata?.run));
    for (const [node, { run }] of Object.entries(this.desk.tracked.base.nodes)) {
      if (!run || seen.has(run.id) || this.isUnderWay(node)) continue;
      if (Date.now() - Date.parse(run.at) < OLD_MS) void this.resend(node);
      else this.show(node, { run: run.id, state: "asks" });
    }
  }

  /** A task of this canvas: its result is chosen when it is that of the newest wish, and nothing was chosen since. */
  place(task: TaskSeen): void {
    const { node: id, run, digest } = task.metadata ?? {};
    const node = id === undefined ? undefined : entry(this.desk.tracked.base.nodes, id);
    if (id === undefined || task.status !== "completed" || !node || node.run?.id !== run) return;
    const { images, videos, audios, text } = task.result ?? {};
    const asset = [...(images ?? []), ...(videos ?? []), ...(audios ?? [])][0]?.asset_id;
    if (node.pick?.task === task.id || (asset === undefined && text === undefined)) return;
    const made = asset === undefined ? { text } : { asset };
    const pick = { task: task.id, output: 0, ...made, ...(digest === undefined ? {} : { digest }) } as Value;
    if (this.desk.edit("run.result", setField(this.desk.graph, id, "pick", pick)) !== undefined) this.sender.poke();
  }

  /** Go on without waiting any longer. */
  resume(): void {
    for (const go of this.wake.splice(0)) go();
  }

  close(): void {
    this.isClosed = true;
    this.resume();
  }

  private once(node: string, start: () => Promise<RunOutcome>): Promise<RunOutcome> {
    const known = this.underWay.get(node);
    if (known) return known;
    const outcome = start();
    this.underWay.set(node, outcome);
    const pause = new Promise((over) => setTimeout(over, DOUBLE_CLICK_MS));
    void Promise.all([outcome, pause]).finally(() => this.underWay.delete(node));
    return outcome;
  }

  private async send(node: string, run: Run, before: Value): Promise<RunOutcome> {
    this.show(node, { run: run.id, state: "sending" });
    for (let tries = 0; ; tries++) {
      if (this.isClosed) return { problem: "run.closed" };
      const answer = await this.transport.generate(run.kind, run.body, `${this.desk.canvas}/${node}/${run.id}`);
      if (answer.kind === "yes") {
        this.show(node, { run: run.id, state: "sent", task: answer.data.task_id });
        return { task: answer.data.task_id };
      }
      if (answer.kind === "refused" && answer.status !== 401) {
        const { status, message } = answer;
        // 409 and 422 may be about the key, of which there is a task then.
        if (status !== 409 && status !== 422) this.withdraw(node, before);
        this.show(node, { run: run.id, state: "refused", message });
        return { refused: { status, message } };
      }
      if (answer.kind === "refused") this.sender.pause("signed_out", answer.message);
      this.show(node, { run: run.id, state: "retrying" });
      const retryAfter = answer.kind === "away" ? answer.retryAfter * 1000 : MAX_RETRY_MS;
      await this.waited(Math.max(retryAfter, Math.min(MAX_RETRY_MS, this.retryMs * 2 ** tries)));
    }
  }

  private waited(milliseconds: number): Promise<void> {
    return new Promise((go) => {
      const timer = setTimeout(go, milliseconds);
      this.wake.push(() => {
        clearTimeout(timer);
        go();
      });
    });
  }

  private show(node: string, state: RunState | undefined): void {
    this.desk.store.setState(({ runs }) => {
      const others = Object.fromEntries(Object.entries(runs).filter(([id]) => id !== node));
      return { runs: state ? { ...others, [node]: state } : others };
    });
  }
}
