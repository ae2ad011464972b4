/** The studio's synchronisation against a real Pixel: what was acknowledged is there, and nothing is done twice. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addNode, setField } from "@/document/commands";
import { equal } from "@/document/equal";
import type { Canvas } from "@/document/types";
import type { Change } from "@/sync/edits";
import { Live } from "@/sync/live";
import { action, nodeOf, opsOf } from "../people";
import { Browser, type BrowserTab, until } from "../sync-tabs";
import { type Loss, LossyProxy } from "./lossy-proxy";
import { Pixel } from "./pixel";

const PATIENCE_MS = 60_000;

let pixel: Pixel;
let proxy: LossyProxy;
let losses: Loss[] = [];
const lives: Live[] = [];

beforeAll(async () => {
  pixel = await Pixel.start();
  proxy = await LossyProxy.start(
    () => pixel.url,
    () => losses.shift(),
  );
});

afterAll(async () => {
  for (const live of lives) live.close();
  await proxy?.stop();
  await pixel?.remove();
});

test("two people edit one canvas while requests and answers get lost and tabs die", async () => {
  const loss = fc.option(fc.constantFrom<Loss[]>("request", "answer"), { nil: undefined, freq: 3 });
  const move = fc.record({
    tab: fc.nat(1),
    what: fc.oneof({ weight: 6, arbitrary: action }, fc.constant("crash" as const)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 25 }), fc.array(loss, { maxLength: 30 }), async (moves, lost) => {
      const canvas = await create();
      const browsers = [visit(canvas), visit(canvas)];
      try {
        const tabs = [await browsers[0]?.open(follow()), await browsers[1]?.open(follow())] as BrowserTab[];
        losses = [...lost];
        for (const [i, { tab, what }] of moves.entries()) {
          const here = tabs[tab] as BrowserTab;
          if (what !== "crash") {
            here.canvas.edit("test", (graph) => opsOf(graph, what, `n${i}`));
          } else {
            await here.crash();
            await here.load();
          }
        }
        losses = [];
        await settled(canvas, tabs);
      } finally {
        for (const browser of browsers) await browser.close();
      }
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test("what was done while Pixel was killed is there when it is back", async () => {
  const canvas = await create();
  const browser = visit(canvas);
  try {
    const tab = await browser.open(follow());
    tab.canvas.edit("node.add", addNode("a", nodeOf("text", 0)));
    await tab.canvas.settled();
    await pixel.kill();
    tab.canvas.edit("node.prompt", (graph) => setField(graph, "a", "prompt", "typed while it was away"));
    await until(() => tab.state.outbox.status === "offline", "offline is said", PATIENCE_MS);
    await tab.crash();
    await pixel.run();
    await tab.load();
    await settled(canvas, [tab]);
    expect(tab.canvas.document.nodes.a?.prompt).toBe("typed while it was away");
  } finally {
    await browser.close();
  }
});

test("a run is one task, and its picture is on the node", async () => {
  const canvas = await create();
  const browser = visit(canvas);
  try {
    const tab = await browser.open(follow());
    tab.canvas.edit("node.add", addNode("a", { ...nodeOf("image", 0), model: "sandbox/image", prompt: "a cat" }));
    losses = ["answer", "answer", "request", "answer"];
    const [outcome, again] = await Promise.all([tab.canvas.run("a"), tab.canvas.run("a")]);
    expect(again).toEqual(outcome);
    await until(() => tab.canvas.document.nodes.a?.pick !== undefined, "the picture is chosen", PATIENCE_MS);
    expect(tab.canvas.document.nodes.a?.pick).toMatchObject({
      ...outcome,
      asset: expect.stringMatching(/^asset_.*\.png$/),
    });
    const { tasks } = await pixel.ask<{ tasks: object[] }>("GET", `/api/v1/tasks?source=canvas&sourceId=${canvas}`);
    expect(tasks).toHaveLength(1);
    await settled(canvas, [tab]);
  } finally {
    await browser.close();
  }
});

async function create(): Promise<string> {
  const project = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: "Test" });
  const { id } = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", { project: project.id, name: "Test" });
  return id;
}

function visit(id: string): Browser {
  return new Browser({ id, origin: proxy.origin });
}

/** The stream of a browser of its own. */
function follow(): Live {
  const timing = { retry: 50, poll: 500, silence: 40_000 };
  const live = new Live(proxy.origin, timing, `news ${crypto.randomUUID()}`);
  lives.push(live);
  return live;
}

/** Until all tabs have handed over what they had, and show what Pixel has, in which no edit is twice. */
async function settled(canvas: string, tabs: readonly BrowserTab[]): Promise<void> {
  for (const tab of tabs) tab.canvas.retry();
  await until(() => tabs.every(({ state }) => state.outbox.status === "saved"), "all is saved", PATIENCE_MS);
  const document = await pixel.ask<Canvas>("GET", `/api/v1/canvases/${canvas}`);
  const isShown = ({ nodes, edges }: Canvas) => equal(nodes, document.nodes) && equal(edges, document.edges);
  await until(() => tabs.every((tab) => isShown(tab.canvas.document)), "all show it", PATIENCE_MS);
  const { items } = await pixel.ask<{ items: Change[] }>("GET", `/api/v1/canvases/${canvas}/history?limit=500`);
  const edits = items.flatMap(({ edit }) => edit ?? []);
  expect(new Set(edits).size).toBe(edits.length);
}
