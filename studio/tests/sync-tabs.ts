/** Tabs of one browser, for tests: each is opened, reloaded and closed as a browser does it, at any moment. */

import "fake-indexeddb/auto";
import type { CanvasSession } from "@/sync/canvas";
import type { Live } from "@/sync/live";
import { openCanvas } from "@/sync/open";
import { openTab } from "@/sync/tab";

/** The connections to the database by the time that they were made, to cut those of a tab that dies. */
const connections: IDBDatabase[] = [];
const open = indexedDB.open.bind(indexedDB);
indexedDB.open = (...where) => {
  const request = open(...where);
  request.addEventListener("success", () => connections.push(request.result));
  return request;
};

export const FAST = { quiet: 5, longest: 20, retry: 5, reload: 30 };

/** A browser with its IndexedDB. */
export class Browser {
  private readonly tabs: BrowserTab[] = [];
  readonly database = `pixel-${crypto.randomUUID()}`;

  constructor(readonly server: { id: string; origin: string }) {}

  async open(live?: Live): Promise<BrowserTab> {
    const tab = new BrowserTab(this, live);
    await tab.load();
    this.tabs.push(tab);
    return tab;
  }

  async close(): Promise<void> {
    for (const tab of this.tabs) await tab.close();
  }
}

export class BrowserTab {
  private readonly memory = new Map<string, string>();
  private session: CanvasSession | undefined;
  private own: IDBDatabase[] = [];
  private release: (() => void) | undefined;

  constructor(
    private readonly browser: Browser,
    private readonly live: Live | undefined,
  ) {}

  get canvas(): CanvasSession {
    if (!this.session) throw new Error("the tab is closed");
    return this.session;
  }

  get state() {
    return this.canvas.store.getState();
  }

  async load(): Promise<void> {
    const storage = {
      getItem: (key: string) => this.memory.get(key) ?? null,
      setItem: (key: string, value: string) => void this.memory.set(key, value),
    };
    const tab = await openTab(storage);
    this.release = () => tab.held?.release();
    const { server, database } = this.browser;
    const before = connections.length;
    const opening = { id: server.id, origin: server.origin, tab, timing: FAST, database };
    this.session = await openCanvas(this.live ? { ...opening, live: this.live } : opening);
    this.own = connections.slice(before).filter(({ name }) => name === database);
  }

  async close(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.close();
    this.release?.();
  }

  async reload(): Promise<void> {
    await this.close();
    await this.load();
  }

  /** As when the process dies: nothing is sent or stored any more but what was on its way. */
  async crash(): Promise<void> {
    for (const connection of this.own) connection.close();
    await this.close();
  }
}

/** Wait until something holds; fails after a while, saying what. */
export async function until(holds: () => boolean, what: string, milliseconds = 10_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 5));
  }
}
