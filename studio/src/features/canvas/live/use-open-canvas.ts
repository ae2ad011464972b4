/** Open a canvas: its document, its tasks, its prices, and the models. All of it ends with the screen. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { modelsQuery } from "@/api/queries";
import { thisLive } from "@/sync/live";
import { openCanvas } from "@/sync/open";
import { createBoardStore } from "../board/board-store";
import type { OpenCanvas } from "../board/context";
import { createPanelsStore } from "../board/panels";
import { createFactsStore } from "./facts-store";
import { followTasks } from "./follow-tasks";
import { createModelsStore } from "./models-store";
import { followPrices } from "./prices";
import { createResultsStore } from "./results-store";

type Opened =
  | { state: "opening" }
  | { state: "failed"; error: unknown; retry: () => void }
  | { state: "open"; canvas: OpenCanvas };

/** Narrower than this, the list is what one can work with. */
const PHONE = "(max-width: 640px)";

export function useOpenCanvas(id: string): Opened {
  const [tries, setTries] = useState(0);
  const [opened, setOpened] = useState<Opened>({ state: "opening" });
  const models = useQuery(modelsQuery);

  useEffect(() => {
    void tries;
    let stop: (() => void) | undefined;
    let isGone = false;
    setOpened({ state: "opening" });
    open(id).then(
      (found) => {
        if (isGone) return found.stop();
        stop = found.stop;
        setOpened({ state: "open", canvas: found.canvas });
      },
      (error: unknown) => {
        if (!isGone) setOpened({ state: "failed", error, retry: () => setTries((count) => count + 1) });
      },
    );
    return () => {
      isGone = true;
      stop?.();
    };
  }, [id, tries]);

  useEffect(() => {
    if (opened.state === "open") opened.canvas.models.setState({ models: models.data });
  }, [opened, models.data]);
  return opened;
}

async function open(id: string): Promise<{ canvas: OpenCanvas; stop: () => void }> {
  const live = thisLive();
  const session = await openCanvas({ id, live });
  const board = createBoardStore(session);
  const results = createResultsStore();
  const { facts, stop: stopFacts } = createFactsStore(session);
  const { prices, forget, stop: stopPrices } = followPrices(facts);
  const tasks = followTasks(id, live, results);
  const stops = [
    session.store.subscribe((state, before) => {
      if (state.document !== before.document) board.getState().follow(state.document);
    }),
    live.on("model", forget),
    stopFacts,
    stopPrices,
    tasks.stop,
    () => void session.close(),
  ];
  const panels = createPanelsStore(matchMedia(PHONE).matches ? "list" : "board");
  const canvas = { session, board, results, facts, prices, panels, live, models: createModelsStore() };
  return {
    canvas,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
