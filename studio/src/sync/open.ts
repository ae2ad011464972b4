/** How is a canvas opened? The document from Pixel, and on top of it what this tab had not handed over. */

import { useSession } from "@/api/session";
import { CanvasSession } from "./canvas";
import { CatchUp } from "./catch-up";
import { Desk } from "./desk";
import { Keeper } from "./keeper";
import type { Live } from "./live";
import { Outbox } from "./outbox";
import { Runs } from "./runs";
import { Sender, TIMING, type Timing } from "./sender";
import { rebuild } from "./steps";
import { type Tab, thisTab } from "./tab";
import { type TaskSeen, Transport } from "./transport";

export interface Opening {
  id: string;
  live?: Live;
  /** For tests: another place than this page. */
  origin?: string;
  tab?: Tab;
  timing?: Timing & { reload: number };
  database?: string;
}

/** What Pixel refused; `status` 0: it did not answer. */
export class CanvasUnavailable extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The canvases that this tab is leaving: what was done on them is still on its way to the disk. */
const leaving = new Map<string, Promise<void>>();
const KNOWN_VERSIONS = 200; // of the history, in which my own edits are looked for

/** Raises CanvasUnavailable. */
export async function openCanvas(opening: Opening): Promise<CanvasSession> {
  const { id, live, timing = TIMING } = opening;
  const tab = opening.tab ?? (await thisTab());
  const transport = new Transport(opening.origin);
  const place = `${opening.database} ${id} ${tab.session}`;
  await leaving.get(place);
  const outbox = await Outbox.open(id, opening.database);
  const [answer, queue, asides] = await Promise.all([transport.canvas(id), outbox.edits(tab.session), outbox.asides()]);
  if (answer.kind !== "yes") {
    await outbox.close();
    throw new CanvasUnavailable(answer.status, answer.kind === "refused" ? answer.message : "");
  }
  const drafts = asides.flatMap((aside) => ("draft" in aside ? [aside.draft] : []));
  const refused = asides.flatMap((aside) => ("refusal" in aside ? [aside.refusal] : []));
  const desk = new Desk(tab.session, outbox, answer.data, queue, drafts, refused);
  const catchUp = new CatchUp(desk, transport, (status, message) => {
    sender.pause(status === 401 ? "signed_out" : "gone", message);
  });
  const onSignedOut = () => useSession.getState().ranOut();
  const sender = new Sender(desk, outbox, transport, () => catchUp.now(), onSignedOut, timing);
  const runs = new Runs(desk, sender, transport, timing.retry);
  const keeper = new Keeper(desk, outbox, sender, runs, transport, opening.timing?.reload);
  const listening = live ? listen(live, desk, sender, catchUp, keeper) : [];
  const session = new CanvasSession(desk, sender, runs, [
    ...listening,
    ...watchPage(
      sender,
      () => session.retry(),
      () => session.signedIn(),
    ),
    () => keeper.close(),
    () => runs.close(),
    () => transport.close(),
    () => {
      const left = outbox.close().finally(() => leaving.get(place) === left && leaving.delete(place));
      leaving.set(place, left);
      return left;
    },
  ]);
  if (tab.isBack) void findSteps(desk, transport);
  void keeper.start();
  sender.flush();
  return session;
}

/** Find what this tab can take back: its own edits in the history, and those on their way. */
async function findSteps(desk: Desk, transport: Transport): Promise<void> {
  const { version } = desk.tracked.base;
  const begin = Math.max(1, version - KNOWN_VERSIONS);
  const [then, since] = await Promise.all([
    transport.canvas(desk.canvas, begin),
    transport.history(desk.canvas, begin, KNOWN_VERSIONS),
  ]);
  if (then.kind !== "yes" || since.kind !== "yes") return;
  const changes = since.data.items.filter((change) => change.version <= version);
  desk.found(rebuild(then.data, changes, desk.session), new Set(changes.map(({ edit }) => edit)));
}

function listen(live: Live, desk: Desk, sender: Sender, catchUp: CatchUp, keeper: Keeper): (() => void)[] {
  return [
    live.on("canvas", (data) => {
      const change = data as Parameters<Desk["hear"]>[0] & { canvas: string };
      if (change.canvas !== desk.canvas) return;
      if (!desk.hear(change)) void catchUp.now();
      if (change.archived === false) sender.resume();
    }),
    live.on("task", (data) => {
      const task = data as TaskSeen;
      if (task.source_id === desk.canvas) keeper.seen(task);
    }),
    live.onStatus((status) => status === "live" && sender.nudge()),
    live.onStale(() => {
      void catchUp.now();
      void keeper.findNewest();
    }),
  ];
}

/** What the page tells: it is hidden or left, it has a network again, somebody looks at it, somebody signed in. */
function watchPage(sender: Sender, retry: () => void, signedIn: () => void): (() => void)[] {
  const ends = [useSession.subscribe((now, before) => before.needed && !now.needed && signedIn())];
  if (typeof window === "undefined") return ends;
  const leave = () => document.visibilityState === "hidden" && sender.flush(true);
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", leave);
  window.addEventListener("pagehide", leave);
  return [
    ...ends,
    () => {
      window.removeEventListener("online", retry);
      document.removeEventListener("visibilitychange", leave);
      window.removeEventListener("pagehide", leave);
    },
  ];
}
