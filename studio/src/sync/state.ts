/** What does the canvas show? The store that screens read; only this folder writes it. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Canvas } from "@/document/types";
import type { Draft, Refusal } from "./edits";

/** "saved": all is acknowledged. "gone": the canvas takes no edits, as `message` says; they are kept. */
export type SaveStatus = "saved" | "pending" | "sending" | "retrying" | "offline" | "signed_out" | "gone";

export interface OutboxState {
  status: SaveStatus;
  /** Edits and operations that are not acknowledged. */
  pending: number;
  changes: number;
  /** The version of the canvas that was acknowledged last. */
  version: number;
  /** Whether this device would still have them after a crash. */
  durable: boolean;
  message?: string;
  /** When it is tried again, in milliseconds since 1970. */
  retryAt?: number;
}

/** "asks": the wish is old and has no task; a person says whether it still holds. */
export interface RunState {
  run: string;
  state: "saving" | "sending" | "retrying" | "asks" | "refused" | "sent";
  message?: string;
  task?: string;
}

export interface StepShown {
  edit: string;
  label: string;
}

export interface CanvasState {
  document: Canvas;
  outbox: OutboxState;
  drafts: readonly Draft[];
  refused: readonly Refusal[];
  history: { undo: readonly StepShown[]; redo: readonly StepShown[] };
  runs: { readonly [node: string]: RunState };
}

export function createCanvasStore(document: Canvas): StoreApi<CanvasState> {
  const { version } = document;
  return createStore<CanvasState>()(() => ({
    document,
    outbox: { status: "saved", pending: 0, changes: 0, version, durable: true },
    drafts: [],
    refused: [],
    history: { undo: [], redo: [] },
    runs: {},
  }));
}
