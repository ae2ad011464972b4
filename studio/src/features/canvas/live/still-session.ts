/** A canvas that is only looked at: it shows one document, and nothing that is done to it does anything. */

import { createStore } from "zustand/vanilla";
import type { CanvasState } from "@/sync/state";
import type { Session } from "../board/context";

export function stillSession(state: CanvasState): Session {
  const nothing = () => undefined;
  return {
    store: createStore(() => state),
    edit: nothing,
    undo: nothing,
    redo: nothing,
    keepMine: nothing,
    takeTheirs: nothing,
    dismiss: nothing,
    run: async () => ({ problem: "not_generating" }),
    resendRun: async () => ({ problem: "not_generating" }),
    dropRun: nothing,
    pick: nothing,
    settled: async () => state.document.version,
    retry: nothing,
  };
}
