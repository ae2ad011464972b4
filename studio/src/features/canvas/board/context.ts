/** What the parts of one open canvas share. Cards read it by their id and never ask the server themselves. */

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Canvas, CanvasNode } from "@/document/types";
import type { CanvasSession } from "@/sync/canvas";
import type { Live } from "@/sync/live";
import type { CanvasState } from "@/sync/state";
import type { FactsStore } from "../live/facts-store";
import type { ModelsStore } from "../live/models-store";
import type { Price, PricesStore } from "../live/prices";
import type { ResultsStore } from "../live/results-store";
import { type CardState, cardState } from "../logic/card-state";
import type { Fact } from "../logic/facts";
import { findModel, type Model, type ModelsByType } from "../logic/models";
import type { Task } from "../logic/results";
import { type BoardState, type BoardStore, selectedIds } from "./board-store";
import type { PanelsState, PanelsStore } from "./panels";

/** What of the session is used here; a canvas of the past has one, too, which does nothing. */
export type Session = Pick<
  CanvasSession,
  | "store"
  | "edit"
  | "undo"
  | "redo"
  | "keepMine"
  | "takeTheirs"
  | "dismiss"
  | "run"
  | "resendRun"
  | "dropRun"
  | "pick"
  | "settled"
  | "retry"
>;

export interface OpenCanvas {
  session: Session;
  board: BoardStore;
  results: ResultsStore;
  facts: FactsStore;
  prices: PricesStore;
  models: ModelsStore;
  panels: PanelsStore;
  live: Live;
}

export const OpenCanvasContext = createContext<OpenCanvas | null>(null);

export function useCanvas(): OpenCanvas {
  const canvas = useContext(OpenCanvasContext);
  if (!canvas) throw new Error("no canvas is open here");
  return canvas;
}

export function useDocument<T>(select: (document: Canvas) => T): T {
  return useStore(useCanvas().session.store, (state) => select(state.document));
}

export function useSync<T>(select: (state: CanvasState) => T): T {
  return useStore(useCanvas().session.store, select);
}

export function useBoardState<T>(select: (state: BoardState) => T): T {
  return useStore(useCanvas().board, select);
}

export function usePanels<T>(select: (state: PanelsState) => T): T {
  return useStore(useCanvas().panels, select);
}

export function useNode(id: string): CanvasNode | undefined {
  return useDocument((document) => document.nodes[id]);
}

export function useSelection(): string[] {
  return useStore(
    useCanvas().board,
    useShallow((state: BoardState) => selectedIds(state.nodes)),
  );
}

const NO_TASKS: readonly Task[] = [];

export function useTasks(id: string): readonly Task[] {
  return useStore(useCanvas().results, (state) => state.byNode[id] ?? NO_TASKS);
}

export function useFact(id: string): Fact | undefined {
  return useStore(useCanvas().facts, (state) => state.facts[id]);
}

/** The price of what the node asks for; undefined while it is asked for. */
export function usePrice(id: string): Price | undefined {
  const price = useFact(id)?.request?.price;
  return useStore(useCanvas().prices, (state) => (price === undefined ? undefined : state.prices[price]));
}

export function useModels(): ModelsByType | undefined {
  return useStore(useCanvas().models, (state) => state.models);
}

export function useModel(node: CanvasNode): Model | undefined {
  return useStore(useCanvas().models, (state) => findModel(state.models, node.kind, node.model));
}

export function useCardState(id: string, node: CanvasNode): CardState {
  const tasks = useTasks(id);
  const fact = useFact(id);
  const run = useSync((state) => state.runs[id]);
  return cardState({ node, tasks, run, made: fact?.made, problem: fact?.problem });
}
