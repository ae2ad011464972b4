/** The facts of the document, found anew with each change of it. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { CanvasSession } from "@/sync/canvas";
import { type Facts, factsOf } from "../logic/facts";

export type FactsStore = StoreApi<{ facts: Facts }>;

export function createFactsStore({ store }: Pick<CanvasSession, "store">): { facts: FactsStore; stop: () => void } {
  const facts: FactsStore = createStore<{ facts: Facts }>()(() => ({ facts: factsOf(store.getState().document) }));
  const stop = store.subscribe((state, before) => {
    if (state.document === before.document) return;
    facts.setState({ facts: factsOf(state.document, facts.getState().facts) });
  });
  return { facts, stop };
}
