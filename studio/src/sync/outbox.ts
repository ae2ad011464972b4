/** Where is what is not acknowledged? In IndexedDB, per canvas and session, before it is sent. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Draft, Pending, Refusal } from "./edits";

/** What a person has to decide or to see, per canvas. */
export type Aside = { canvas: string; id: string } & ({ draft: Draft } | { refusal: Refusal });

interface Stored extends DBSchema {
  edits: { key: [string, string, number]; value: Pending };
  asides: { key: [string, string]; value: Aside };
}

type Change = { store: "edits"; value: Pending; gone: boolean } | { store: "asides"; value: Aside; gone: boolean };

/** Writes in the background, the newest state of each thing only. `written` waits until all of it is on the disk. */
export class Outbox {
  /** False when the browser keeps nothing here: then edits live in this tab only. */
  durable = true;
  private readonly waiting = new Map<string, Change>();
  private writing: Promise<void> | undefined;

  private constructor(
    private readonly canvas: string,
    private database: IDBPDatabase<Stored> | undefined,
  ) {}

  static async open(canvas: string, name = "pixel-studio"): Promise<Outbox> {
    const outbox = new Outbox(canvas, await opened(name).catch(() => undefined)); // private windows may have none
    outbox.durable = outbox.database !== undefined;
    return outbox;
  }

  /** The edits of a session, in order; without one, of all sessions. */
  async edits(session?: string): Promise<Pending[]> {
    await this.written();
    const found = await this.database?.getAll("edits", this.ofCanvas(session)).catch(() => undefined);
    return (found ?? []).sort((one, other) => one.seq - other.seq);
  }

  async asides(): Promise<Aside[]> {
    await this.written();
    const ofCanvas = IDBKeyRange.bound([this.canvas], [this.canvas, []]);
    return (await this.database?.getAll("asides", ofCanvas).catch(() => undefined)) ?? [];
  }

  put(edit: Pending): void {
    this.change(`edit ${edit.session} ${edit.seq}`, { store: "edits", value: edit, gone: false });
  }

  remove(edit: Pending): void {
    this.change(`edit ${edit.session} ${edit.seq}`, { store: "edits", value: edit, gone: true });
  }

  putAside(aside: Aside, gone = false): void {
    this.change(`aside ${aside.id}`, { store: "asides", value: aside, gone });
  }

  /** Once all that was put and removed before is stored, or can't be. */
  async written(): Promise<void> {
    while (this.writing) await this.writing;
  }

  async close(): Promise<void> {
    await this.written();
    this.database?.close();
    this.database = undefined;
  }

  private change(key: string, change: Change): void {
    this.waiting.set(key, change);
    this.writing ??= this.write().finally(() => {
      this.writing = undefined;
    });
  }

  private async write(): Promise<void> {
    await undefined; // what is changed at once is stored at once: an edit does not go before its draft is there
    while (this.database && this.waiting.size > 0) {
      const changes = [...this.waiting.values()];
      this.waiting.clear();
      try {
        const transaction = this.database.transaction(["edits", "asides"], "readwrite", { durability: "strict" });
        for (const { store, value, gone } of changes) {
          if (store === "edits") {
            const edits = transaction.objectStore(store);
            void (gone ? edits.delete([value.canvas, value.session, value.seq]) : edits.put(value));
          } else {
            const asides = transaction.objectStore(store);
            void (gone ? asides.delete([value.canvas, value.id]) : asides.put(value));
          }
        }
        await transaction.done;
        this.durable = true;
      } catch {
        this.durable = false; // the disk is full, or the person cleared it; the edits are still in this tab
        return;
      }
    }
  }

  private ofCanvas(session?: string): IDBKeyRange {
    const begin = session === undefined ? [this.canvas] : [this.canvas, session];
    return IDBKeyRange.bound(begin, [...begin, []]);
  }
}

async function opened(name: string): Promise<IDBPDatabase<Stored>> {
  return await openDB<Stored>(name, 1, {
    upgrade(database) {
      database.createObjectStore("edits", { keyPath: ["canvas", "session", "seq"] });
      database.createObjectStore("asides", { keyPath: ["canvas", "id"] });
    },
  });
}
