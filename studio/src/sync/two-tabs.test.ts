// @vitest-environment node
import fc from "fast-check";
import { expect, test } from "vitest";
import { equal } from "@/document/equal";
import { type Action, action, opsOf } from "../../tests/people";
import { type Fault, PixelServer } from "../../tests/pixel-server";
import { Browser, type BrowserTab, until } from "../../tests/sync-tabs";
import type { CanvasSession } from "./canvas";

/** One thing that happens to one of the tabs. */
type Move = { tab: number } & ({ act: Action } | { page: "reload" | "crash" | "flush" | "undo" | "redo" });

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ tab: fc.nat(1), act: action }) },
  {
    weight: 2,
    arbitrary: fc.record({
      tab: fc.nat(1),
      page: fc.constantFrom("reload" as const, "crash" as const, "flush" as const, "undo" as const, "redo" as const),
    }),
  },
);
const FAULTS: Fault[] = ["request_lost", "answer_lost", { status: 503 }, { status: 500 }];
const fault = fc.option(fc.constantFrom(...FAULTS), { nil: undefined, freq: 2 });

test("whatever two tabs do and whatever gets lost, both end with the canvas that Pixel has, and nothing is done twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 30 }), fc.array(fault, { maxLength: 40 }), async (moves, faults) => {
      const server = await PixelServer.start();
      const browsers = [new Browser(server), new Browser(server)];
      try {
        const tabs = await Promise.all(browsers.map((browser) => browser.open()));
        let next = 0;
        server.faults = (method) => (method === "POST" ? faults[next++] : undefined);
        const watched = new Map<CanvasSession, string[]>();
        for (const [i, each] of moves.entries()) {
          await perform(tabs[each.tab] as BrowserTab, each, `n${i}`);
          watch(tabs[each.tab] as BrowserTab, server, watched);
        }
        server.faults = () => undefined;
        await converged(server, tabs);
        const edits = server.log.map(({ edit }) => edit);
        expect(new Set(edits).size).toBe(edits.length);
        expect([...watched.values()].flat()).toEqual([]);
      } finally {
        for (const browser of browsers) await browser.close();
        await server.stop();
      }
    }),
    { numRuns: Number(process.env.TWO_TABS_RUNS ?? 25), endOnFailure: true },
  );
}, 120_000);

test("what is typed while answers get lost and tabs die is in the canvas, or in a draft", async () => {
  const texts = fc.array(
    fc.record({ tab: fc.nat(1), text: fc.string({ minLength: 1, maxLength: 8 }), crash: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 10,
    },
  );
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fault, { maxLength: 30 }), async (typed, faults) => {
      const server = await PixelServer.start();
      server.edit(opsOf({ nodes: {}, edges: {} }, { verb: "add", one: 1, other: 0, text: "" }, "a"));
      const browsers = [new Browser(server), new Browser(server)];
      try {
        const tabs = await Promise.all(browsers.map((browser) => browser.open()));
        let next = 0;
        server.faults = (method) => (method === "POST" ? faults[next++] : undefined);
        const last = new Map<number, string>();
        for (const { tab, text, crash } of typed) {
          const open = tabs[tab] as BrowserTab;
          const was = open.canvas.document.nodes.a?.prompt ?? null;
          const edit = open.canvas.edit("node.prompt", [{ op: "node.set", id: "a", field: "prompt", was, now: text }]);
          if (edit === undefined || was === text) continue;
          last.set(tab, text);
          await open.canvas.stored();
          if (crash) {
            await open.crash();
            await open.load();
          }
        }
        server.faults = () => undefined;
        await converged(server, tabs);
        for (const [tab, text] of last) {
          const known = server.log.some(({ ops }) => JSON.stringify(ops).includes(JSON.stringify(text)));
          const kept = tabs[tab]?.state.drafts.some(({ conflicts }) => conflicts.some(({ mine }) => mine === text));
          if (!known && !kept) throw new Error(`lost: ${JSON.stringify(text)} of tab ${tab}`);
        }
      } finally {
        for (const browser of browsers) await browser.close();
        await server.stop();
      }
    }),
    { numRuns: Number(process.env.TWO_TABS_RUNS ?? 25), endOnFailure: true },
  );
}, 120_000);

/** Note where a tab says "saved" while it shows something else than Pixel has at this version. */
function watch({ canvas }: BrowserTab, server: PixelServer, watched: Map<CanvasSession, string[]>): void {
  if (watched.has(canvas)) return;
  const untrue: string[] = [];
  watched.set(canvas, untrue);
  canvas.store.subscribe(({ document, outbox }) => {
    if (outbox.status !== "saved") return;
    const { nodes, edges } = server.canvas(outbox.version);
    if (!equal(document.nodes, nodes) || !equal(document.edges, edges)) untrue.push(`version ${outbox.version}`);
  });
}

async function perform(tab: BrowserTab, each: Move, name: string): Promise<void> {
  if ("act" in each) {
    tab.canvas.edit("test", (graph) => opsOf(graph, each.act, name));
  } else if (each.page === "flush") {
    tab.canvas.retry();
    await new Promise((next) => setTimeout(next, 3));
  } else if (each.page === "undo" || each.page === "redo") {
    tab.canvas[each.page]();
  } else {
    await tab[each.page === "reload" ? "close" : "crash"]();
    await tab.load();
  }
}

/** Until both tabs have said that all is saved, and have seen what the other did. */
async function converged(server: PixelServer, tabs: readonly BrowserTab[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const { canvas } of tabs) canvas.retry();
    await until(() => tabs.every(({ state }) => state.outbox.status === "saved"), "all is saved");
    for (const tab of tabs) await tab.reload();
  }
  for (const { canvas } of tabs) {
    expect(equal(canvas.document.nodes, server.canvas().nodes)).toBe(true);
    expect(equal(canvas.document.edges, server.canvas().edges)).toBe(true);
  }
}
