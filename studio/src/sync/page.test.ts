// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useSession } from "@/api/session";
import { addNode, setField } from "@/document/commands";
import { nodeOf } from "../../tests/people";
import { PixelServer } from "../../tests/pixel-server";
import { Browser, FAST, until } from "../../tests/sync-tabs";
import { Live } from "./live";
import { CanvasUnavailable, openCanvas } from "./open";
import { openTab } from "./tab";

let server: PixelServer;
let browser: Browser;

beforeEach(async () => {
  server = await PixelServer.start();
  server.edit(addNode("a", { ...nodeOf("text", 0), prompt: "cat" }));
  browser = new Browser(server);
});

afterEach(async () => {
  await browser.close();
  await server.stop();
  vi.unstubAllGlobals();
  useSession.getState().signedIn();
});

const type = (text: string) => (graph: Parameters<typeof setField>[0]) => setField(graph, "a", "prompt", text);

test("a page that is hidden sends at once, in a way that outlives it; when there is a network again it tries at once", async () => {
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: "visible" })];
  vi.stubGlobal("window", window);
  vi.stubGlobal("document", document);
  const sent: (boolean | undefined)[] = [];
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (...asked: Parameters<typeof fetch>) => {
    if (asked[1]?.method === "POST") sent.push(asked[1].keepalive);
    return fetch(...asked);
  });
  const slow = { id: server.id, origin: server.origin, tab: await openTab(undefined), database: browser.database };
  const canvas = await openCanvas({ ...slow, timing: { ...FAST, quiet: 60_000, longest: 60_000, retry: 60_000 } });
  canvas.edit("node.prompt", type("dog"));
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(sent).toEqual([true]);
  await canvas.settled();
  server.faults = (method) => (method === "POST" ? "request_lost" : undefined);
  document.visibilityState = "visible";
  canvas.edit("node.prompt", type("cow"));
  void canvas.settled();
  await until(() => canvas.store.getState().outbox.status === "offline", "offline is said");
  server.faults = () => undefined;
  window.dispatchEvent(new Event("online"));
  await until(() => server.canvas().nodes.a?.prompt === "cow", "it was sent");
  await canvas.close();
});

test("an edit waits until nobody types, and no longer than it may", async () => {
  const slow = { id: server.id, origin: server.origin, tab: await openTab(undefined), database: browser.database };
  const canvas = await openCanvas({ ...slow, timing: { ...FAST, quiet: 100, longest: 300 } });
  const begin = Date.now();
  let text = "";
  while (server.log.length === 1 && Date.now() < begin + 5000) {
    text += "x";
    canvas.edit("node.prompt", type(text), { merge: "a.prompt" });
    await new Promise((next) => setTimeout(next, 10));
  }
  expect(Date.now() - begin).toBeGreaterThanOrEqual(300);
  expect(server.log[1]?.ops).toHaveLength(1);
  await canvas.settled();
  expect(server.canvas().nodes.a?.prompt).toBe(text);
  await canvas.close();
});

describe("a page by plain http from another machine, which has no locks", () => {
  beforeEach(() => vi.stubGlobal("navigator", {}));

  test("edits, comes back after a crash and hears the news", async () => {
    const live = new Live(server.origin, undefined, `news ${crypto.randomUUID()}`);
    try {
      const tab = await browser.open(live);
      tab.canvas.edit("node.prompt", type("dog"));
      await tab.canvas.stored();
      await tab.crash();
      await tab.load();
      await tab.canvas.settled();
      expect(server.canvas().nodes.a?.prompt).toBe("dog");
      server.edit([{ op: "node.set", id: "a", field: "title", was: null, now: "Pet" }]);
      await until(() => tab.canvas.document.nodes.a?.title === "Pet", "the news are shown");
    } finally {
      live.close();
    }
  });
});

test("a browser that stores nothing says so, and still sends", async () => {
  const refuse = () => {
    throw new DOMException("not in a private window", "SecurityError");
  };
  vi.stubGlobal("indexedDB", { open: refuse });
  const tab = await browser.open();
  expect(tab.state.outbox.durable).toBe(false);
  tab.canvas.edit("node.prompt", type("dog"));
  await tab.canvas.settled();
  expect(server.canvas().nodes.a?.prompt).toBe("dog");
});

test("a canvas that is left and opened again at once has everything", async () => {
  server.faults = (method) => (method === "POST" ? "request_lost" : undefined);
  const opening = { id: server.id, origin: server.origin, tab: await openTab(undefined), database: browser.database };
  const first = await openCanvas({ ...opening, timing: FAST });
  first.edit("node.prompt", type("dog"));
  void first.close();
  const second = await openCanvas({ ...opening, timing: FAST });
  expect(second.document.nodes.a?.prompt).toBe("dog");
  server.faults = () => undefined;
  await second.settled();
  await second.close();
});

test("a clock that was put back makes no edit take the place of another", async () => {
  server.faults = (method) => (method === "POST" ? "request_lost" : undefined);
  const tab = await browser.open();
  for (const text of ["dog", "cow"]) tab.canvas.edit("node.prompt", type(text));
  await tab.reload();
  const now = Date.now() - 3_600_000;
  const clock = vi.spyOn(Date, "now").mockReturnValue(now);
  tab.canvas.edit("node.prompt", type("owl"));
  clock.mockRestore();
  await tab.reload();
  server.faults = () => undefined;
  await tab.canvas.settled();
  const typed = server.log.slice(1).map(({ ops: [op] }) => op?.op === "node.set" && op.now);
  expect(typed).toEqual(["dog", "cow", "owl"]);
});

test("a canvas that can't be opened says why", async () => {
  server.faults = () => ({ status: 404, message: "There is no such canvas." });
  await expect(browser.open()).rejects.toThrow(new CanvasUnavailable(404, "There is no such canvas."));
});
