/** While the stream stands, answers are asked for again because of news, and for nothing else. */
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Live, NewsName } from "./live";
import { refreshOn } from "./use-refresh";

/** A stream that says what the test wants. */
function stream() {
  const listeners = new Map<string, () => void>();
  const live: Pick<Live, "on" | "onStale"> = {
    on: (name, listener) => {
      listeners.set(name, () => listener({}, 1));
      return () => listeners.delete(name);
    },
    onStale: (listener) => {
      listeners.set("stale", () => listener());
      return () => listeners.delete("stale");
    },
  };
  return { live, say: (name: NewsName | "stale") => listeners.get(name)?.(), left: () => listeners.size };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function shown() {
  const queries = new QueryClient();
  let asked = 0;
  const end = new QueryObserver(queries, {
    queryKey: ["tasks", "list"],
    queryFn: () => Promise.resolve(++asked),
    staleTime: Number.POSITIVE_INFINITY,
  }).subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(10);
  return { queries, asked: () => asked, end };
}

test("a swarm of news is one question, and silence is none", async () => {
  const { queries, asked, end } = await shown();
  const { live, say } = stream();
  refreshOn(live, queries, ["task"], [["tasks"]]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
  for (let news = 0; news < 100; news++) say("task");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  end();
});

test("whoever missed something asks again; who has left does not", async () => {
  const { queries, asked, end } = await shown();
  const { live, say, left } = stream();
  const leave = refreshOn(live, queries, ["task"], [["tasks"]]);
  say("stale");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  say("task");
  leave();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked()).toBe(2);
  expect(left()).toBe(0);
  end();
});
