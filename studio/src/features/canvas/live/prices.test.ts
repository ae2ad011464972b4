/** A price is asked for once, for all nodes together, and never invented. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Fact, Facts } from "../logic/facts";
import { followPrices, type Price } from "./prices";

const fact = (price: string): Fact => ({
  parts: [],
  made: "missing",
  request: { kind: "image", body: { prompt: price }, price },
});
const KNOWN: Price = { state: "known", cost: { amount: "0.04", currency: "USD" } };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function following(facts: Facts, answer: (count: number) => Promise<Price[]>) {
  const store = createStore(() => ({ facts }));
  const asked: string[][] = [];
  const followed = followPrices(store, async (requests) => {
    asked.push(requests.map(({ price }) => price));
    return answer(requests.length);
  });
  return { store, asked, ...followed };
}

test("the same request of two nodes is asked for once", async () => {
  const { asked, prices, stop } = following({ a: fact("x"), b: fact("x"), c: fact("y") }, async (count) =>
    Array(count).fill(KNOWN),
  );
  await vi.runAllTimersAsync();
  expect(asked).toEqual([["x", "y"]]);
  expect(prices.getState().prices.x).toEqual(KNOWN);
  stop();
});

test("while somebody types, only the last request is asked for", async () => {
  const { store, asked, stop } = following({}, async (count) => Array(count).fill(KNOWN));
  for (const price of ["a", "ab", "abc"]) {
    store.setState({ facts: { n: fact(price) } });
    await vi.advanceTimersByTimeAsync(50);
  }
  await vi.runAllTimersAsync();
  expect(asked).toEqual([["abc"]]);
  stop();
});

test("when Pixel can't be asked the price stays open, and is asked for again", async () => {
  let tries = 0;
  const { prices, stop } = following({ a: fact("x") }, async () => {
    tries += 1;
    if (tries === 1) throw new Error("offline");
    return [KNOWN];
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(prices.getState().prices.x).toBeUndefined();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(prices.getState().prices.x).toEqual(KNOWN);
  stop();
});

test("a new price list is asked for, too", async () => {
  const { asked, forget, stop } = following({ a: fact("x") }, async () => [KNOWN]);
  await vi.runAllTimersAsync();
  forget();
  await vi.runAllTimersAsync();
  expect(asked).toEqual([["x"], ["x"]]);
  stop();
});
