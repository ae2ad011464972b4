/** A canvas that is open in this tab: what can be done with it. Screens read its store and call these. */

import type { StoreApi } from "zustand/vanilla";
import { removeNodes, setField } from "@/document/commands";
import type { Conflict } from "@/document/rebase";
import { type Canvas, type CanvasNode, entry, type Graph, type Op, type Pick, type Value } from "@/document/types";
import type { SkipReason } from "@/document/undo";
import type { Desk } from "./desk";
import type { RunOutcome, Runs } from "./runs";
import type { Sender } from "./sender";
import type { CanvasState } from "./state";
import { newest } from "./steps";
import { withoutDraft } from "./tracker";

export class CanvasSession {
  readonly store: StoreApi<CanvasState>;

  constructor(
    private readonly desk: Desk,
    private readonly sender: Sender,
    private readonly runs: Runs,
    private readonly ends: (() => unknown)[],
  ) {
    this.store = desk.store;
  }

  get document(): Canvas {
    return this.store.getState().document;
  }

  /** Draw an edit at once, and send it soon. Its id; undefined when there is nothing to do or it can't be done.
   *
   * Edits in a row with the same `merge` become one, until they are sent: the letters of a text, the way of a drag. */
  edit(label: string, ops: readonly Op[] | ((graph: Graph) => readonly Op[]), { merge }: { merge?: string } = {}) {
    const edit = this.desk.edit(label, typeof ops === "function" ? ops(this.desk.graph) : ops, merge);
    if (edit !== undefined) this.sender.poke();
    return edit;
  }

  /** Take my newest edit back. What others changed since, or what was paid for, stays, and is told. */
  undo(): { label: string; skipped: SkipReason[] } | undefined {
    return this.turn("undo");
  }

  redo(): { label: string; skipped: SkipReason[] } | undefined {
    return this.turn("redo");
  }

  /** Of a draft: what I wanted, on top of what is there now. */
  keepMine(id: string): void {
    const draft = this.desk.tracked.drafts.find((each) => each.id === id);
    if (!draft) return;
    for (const conflict of draft.conflicts) this.edit(draft.label, (graph) => asWished(graph, conflict));
    this.takeTheirs(id);
  }

  /** Of a draft: leave it. */
  takeTheirs(id: string): void {
    this.desk.set(withoutDraft(this.desk.tracked, id));
  }

  /** A refusal was seen. */
  dismiss(id: string): void {
    this.desk.dismiss(id);
  }

  /** Generate on a node, as the canvas stands: see `Runs.run`. */
  run(node: string): Promise<RunOutcome> {
    return this.runs.run(node);
  }

  /** An old wish still holds. */
  resendRun(node: string): Promise<RunOutcome> {
    return this.runs.resend(node);
  }

  /** An old wish holds no longer. */
  dropRun(node: string): void {
    this.runs.withdraw(node);
  }

  /** Choose a result of a node. A wish that is still under way will not put its own in the place of it. */
  pick(node: string, pick: Pick): void {
    this.edit("node.pick", (graph) => [
      ...setField(graph, node, "pick", pick as Value),
      ...(this.runs.isUnderWay(node) ? [] : setField(graph, node, "run", null)),
    ]);
  }

  /** Once all that was done would survive a crash of this device's browser. */
  stored(): Promise<void> {
    return this.desk.stored();
  }

  /** The version of the canvas once all edits are acknowledged. */
  settled(): Promise<number> {
    this.sender.flush();
    return this.desk.settled();
  }

  /** Somebody signed in again: what was kept is sent. */
  signedIn(): void {
    if (this.sender.isWaitingForSignIn) this.retry();
  }

  /** Try now. */
  retry(): void {
    this.sender.resume();
    this.runs.resume();
  }

  /** Leave the canvas. What is not acknowledged stays on this device, and is sent when it is opened again. */
  async close(): Promise<void> {
    this.sender.close();
    await Promise.all(this.ends.map((end) => end()));
  }

  private turn(verb: "undo" | "redo"): { label: string; skipped: SkipReason[] } | undefined {
    const found = newest(this.desk.steps[verb], this.desk.graph);
    if (!found) return undefined;
    const { step, ops, skipped } = found;
    const edit = ops.length > 0 ? this.edit(`${verb}:${step.edit}`, ops) : undefined;
    if (edit === undefined) this.desk.pass(verb);
    return { label: step.label, skipped };
  }
}

/** The operations that make a conflict end as I wished. */
function asWished(graph: Graph, { id, field, mine }: Conflict): Op[] {
  if (field === "removed") return removeNodes(graph, [id]);
  if (field !== "node") return setField(graph, id, field, mine);
  if (entry(graph.nodes, id)) return [];
  const { group, ...node } = mine as unknown as CanvasNode;
  const isThere = group !== undefined && entry(graph.nodes, group);
  return [{ op: "node.add", id, node: isThere ? { ...node, group } : node }];
}
