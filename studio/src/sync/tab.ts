/** Whose edits are these? Each tab has a session, which survives a reload and is held as long as the tab lives. */

import { newId } from "@/document/ids";
import { type Hold, hold } from "./locks";

export interface Tab {
  session: string;
  /** It was there before the page was loaded. */
  isBack: boolean;
  held: Hold | undefined;
}

type Memory = Pick<Storage, "getItem" | "setItem">;

const KEY = "pixel.session";
const RELEASE_MS = 300;
let tab: Promise<Tab> | undefined;

/** This tab. */
export function thisTab(): Promise<Tab> {
  tab ??= openTab(typeof sessionStorage === "undefined" ? undefined : sessionStorage);
  return tab;
}

/** The tab that remembers its session there. A tab that was duplicated remembers the other's, and gets its own. */
export async function openTab(memory: Memory | undefined): Promise<Tab> {
  const known = memory?.getItem(KEY);
  // The page before a reload may let go of it a moment later.
  const kept = known ? await hold(nameOf(known), AbortSignal.timeout(RELEASE_MS)) : undefined;
  if (known && kept) return { session: known, isBack: true, held: kept };
  const session = newId("session");
  memory?.setItem(KEY, session);
  return { session, isBack: false, held: await hold(nameOf(session)) };
}

export function nameOf(session: string): string {
  return `tab ${session}`;
}
