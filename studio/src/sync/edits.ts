/** What is an edit on its way? From the hand of a person to the history of the canvas. */

import { newId } from "@/document/ids";
import type { Conflict } from "@/document/rebase";
import type { Nodes, Op } from "@/document/types";

/** An edit that is not acknowledged. `seq` orders those of a session.
 *
 * One that was `sent` may have arrived: it is sent again as it was, under the same id, until it is answered. `base` is
 * the version that it was sent with. Until then it is rebased on whatever comes from others. */
export interface Pending {
  canvas: string;
  session: string;
  seq: number;
  edit: string;
  label: string;
  ops: Op[];
  inverse: Op[];
  /** The nodes that it changes or removes, as they were before. */
  seen: Nodes;
  at: string;
  merge?: string;
  sent: boolean;
  base: number;
}

/** An item of the history of a canvas, of `missed`, and of the event `canvas` of the stream. */
export interface Change {
  version: number;
  event?: string;
  edit?: string;
  session?: string;
  label?: string;
  actor?: string;
  at?: string;
  ops?: Op[];
  name?: string;
  named?: number;
  archived?: boolean;
}

/** What a person has to decide: mine is kept here, the canvas shows theirs. */
export interface Draft {
  id: string;
  edit: string;
  label: string;
  at: string;
  conflicts: Conflict[];
}

/** What the server did not take; `op` is the operation that it named. The other edits went on. */
export interface Refusal {
  id: string;
  label: string;
  at: string;
  status: number;
  message: string;
  op?: Op;
  ops: Op[];
}

/** The parts of an edit that was split, and an edit that was sent anew after a conflict, have one root. */
export function rootOf(edit: string): string {
  return edit.split("-", 1)[0] ?? edit;
}

/** Another id with the same root. */
export function nextId(edit: string): string {
  return `${rootOf(edit)}-${newId("part").slice(-8)}`;
}

/** Which edit it is on this device, whatever its id is by now. */
export function keyOf({ session, seq }: Pending): string {
  return `${session} ${seq}`;
}
