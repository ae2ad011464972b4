/** What would each node cost? One question for all nodes that changed, after a moment of quiet; requests that are the same
 * have the same price, so that nothing is asked twice. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";
import type { Cost } from "@/document/cost";
import type { Fact } from "../logic/facts";
import type { FactsStore } from "./facts-store";

export type FieldProblem = components["schemas"]["FieldProblem"];

/** `unknown`: nobody can say, which is not free. `refused`: the request would not be taken as it is. */
export type Price =
  | { state: "known"; cost: Cost }
  | { state: "unknown" }
  | { state: "refused"; problems: readonly FieldProblem[] };

export interface PricesState {
  prices: { readonly [price: string]: Price };
}

export type PricesStore = StoreApi<PricesState>;
type Request = NonNullable<Fact["request"]>;
type Ask = (requests: readonly Request[]) => Promise<Price[]>;

const QUIET_MS = 400;
const AGAIN_MS = 5_000;
const MOST_AT_ONCE = 200;
const MOST_KNOWN = 2_000;

/** Keep the prices of these facts known until `stop` is called. After `forget` all are asked for again. */
export function followPrices(
  facts: FactsStore,
  ask: Ask = askPixel,
): { prices: PricesStore; forget: () => void; stop: () => void } {
  const prices: PricesStore = createStore<PricesState>()(() => ({ prices: {} }));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let stopped = false;

  const soon = (ms: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void turn(), ms);
  };
  const turn = async () => {
    if (asking) return;
    const open = missing(facts, prices).slice(0, MOST_AT_ONCE);
    if (open.length === 0) return;
    asking = true;
    try {
      const answers = await ask(open);
      const found = open.flatMap(({ price }, index) => (answers[index] ? [[price, answers[index]] as const] : []));
      prices.setState((state) => ({ prices: bounded({ ...state.prices, ...Object.fromEntries(found) }) }));
      asking = false;
      soon(0);
    } catch {
      // A price that can't be asked for stays open: the card says that it is being asked for.
      asking = false;
      soon(AGAIN_MS);
    }
  };
  const unsubscribe = facts.subscribe(() => soon(QUIET_MS));
  soon(0);
  return {
    prices,
    forget: () => {
      prices.setState({ prices: {} });
      soon(0);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

function missing(facts: FactsStore, prices: PricesStore): Request[] {
  const known = prices.getState().prices;
  const open = new Map<string, Request>();
  for (const { request } of Object.values(facts.getState().facts)) {
    if (request && !known[request.price]) open.set(request.price, request);
  }
  return [...open.values()];
}

function bounded(prices: PricesState["prices"]): PricesState["prices"] {
  const names = Object.keys(prices);
  return names.length <= MOST_KNOWN ? prices : Object.fromEntries(Object.entries(prices).slice(-MOST_KNOWN / 2));
}

async function askPixel(requests: readonly Request[]): Promise<Price[]> {
  const body = { requests: requests.map(({ kind, body: fields }) => ({ ...fields, kind })) };
  const { items } = await unwrap(api.POST("/api/v1/estimates", { body: body as never }));
  return items.map(({ cost, problems = [] }): Price => {
    if (problems.length > 0) return { state: "refused", problems };
    return cost ? { state: "known", cost } : { state: "unknown" };
  });
}
