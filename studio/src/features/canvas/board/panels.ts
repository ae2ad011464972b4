/** What is open beside the canvas. Nothing of it is kept: it is gone with the tab. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Position } from "@/document/types";
import type { Candidate } from "../logic/results";

export type Side = "history" | "unplaced";

/** Where the menu of new nodes is open, and what the new node is to be connected with. */
export interface Adding {
  at: Position;
  screen: Position;
  from?: string;
}

export interface PanelsState {
  view: "board" | "list";
  side: Side | undefined;
  /** The version that is looked at, when it is not the newest. */
  past: number | undefined;
  inspector: boolean;
  palette: boolean;
  keys: boolean;
  adding: Adding | undefined;
  /** Outputs of a node that are looked at in full size; two and more are compared. */
  viewing: { node: string; candidates: readonly Candidate[] } | undefined;
  running: readonly string[] | undefined;
  /** The node for which a model, a reference or a frame of a film is being chosen. */
  picking: string | undefined;
  referencing: string | undefined;
  framing: string | undefined;
  /** Nodes whose file is on its way. */
  uploading: readonly string[];
  show: (change: Partial<Omit<PanelsState, "show">>) => void;
}

export type PanelsStore = StoreApi<PanelsState>;

export function createPanelsStore(view: "board" | "list" = "board"): PanelsStore {
  return createStore<PanelsState>()((set) => ({
    view,
    side: undefined,
    past: undefined,
    inspector: true,
    palette: false,
    keys: false,
    adding: undefined,
    viewing: undefined,
    running: undefined,
    picking: undefined,
    referencing: undefined,
    framing: undefined,
    uploading: [],
    show: (change) => set(change),
  }));
}
