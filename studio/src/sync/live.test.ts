// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addNode } from "@/document/commands";
import { nodeOf } from "../../tests/people";
import { PixelServer } from "../../tests/pixel-server";
import { Browser, until } from "../../tests/sync-tabs";
import { Live } from "./live";

const TIMING = { retry: 10, poll: 30, silence: 5000 };

let server: PixelServer;
let tabs: Live[];
let name: string;

beforeEach(async () => {
  server = await PixelServer.start();
  tabs = [];
  name = `news ${crypto.randomUUID()}`;
});

afterEach(async () => {
  for (const tab of tabs) tab.close();
  await server.stop();
});

function open(): { live: Live; heard: number[]; stale: (number | undefined)[] } {
  const live = new Live(server.origin, TIMING, name);
  tabs.push(live);
  const [heard, stale]: [number[], (number | undefined)[]] = [[], []];
  live.on("task", (data) => heard.push((data as { n: number }).n));
  live.onStale((position) => stale.push(position));
  return { live, heard, stale };
}

describe("news", () => {
  test("come to all tabs over one connection", async () => {
    const [one, two, three] = [open(), open(), open()];
    await until(() => tabs.every(({ status }) => status === "live"), "all are live");
    server.say("task", { n: 1 });
    await until(() => [one, two, three].every(({ heard }) => heard.length === 1), "all have heard");
    expect(server.listeners.size).toBe(1);
    expect(server.begins).toEqual([null]);
  });

  test("go on without a gap or a repeat when the leading tab is closed, and when the connection is cut", async () => {
    const [one, two] = [open(), open()];
    await until(() => two.live.status === "live", "both are live");
    server.say("task", { n: 1 });
    await until(() => two.heard.length === 1, "the first is heard");
    one.live.close();
    server.say("task", { n: 2 });
    await until(() => two.heard.length === 2, "the second is heard");
    for (let n = 3; n < 30; n++) {
      if (n % 5 === 0) server.cut();
      server.say("task", { n });
      await new Promise((next) => setTimeout(next, 3));
    }
    await until(() => two.heard.at(-1) === 29, "the last is heard");
    expect(two.heard).toEqual(Array.from({ length: 29 }, (_, i) => i + 1));
  });

  test("that are too far back make everything be asked for anew", async () => {
    const one = open();
    await until(() => one.stale.length === 1, "the stream has begun: what was before it is asked for");
    server.say("reset", { position: 7 });
    await until(() => one.stale.length === 2, "the reset is told");
    expect(one.stale.at(-1)).toBe(7);
  });

  test("are asked for now and then while there is no stream, and not while there is", async () => {
    server.faults = (_, path) => (path === "/events" ? { status: 503 } : undefined);
    const one = open();
    await until(() => one.stale.length >= 2, "it is polled");
    expect(one.live.status).toBe("polling");
    server.faults = () => undefined;
    await until(() => one.live.status === "live", "it is live");
    const polls = one.stale.length;
    await new Promise((next) => setTimeout(next, 4 * TIMING.poll));
    expect(one.stale.length).toBe(polls);
  });
});

describe("a canvas that is open", () => {
  test("shows what others do, whether it hears every version or not", async () => {
    const browser = new Browser(server);
    const { live } = open();
    try {
      const { canvas } = await browser.open(live);
      await until(() => live.status === "live", "it is live");
      server.edit(addNode("a", nodeOf("image", 0)));
      await until(() => "a" in canvas.document.nodes, "the news is shown");
      const [listener] = server.listeners;
      server.listeners.clear();
      server.edit(addNode("b", nodeOf("image", 0)));
      if (listener) server.listeners.add(listener);
      server.edit(addNode("c", nodeOf("image", 0)));
      await until(() => "c" in canvas.document.nodes, "the gap is filled");
      expect(canvas.document.nodes).toEqual(server.canvas().nodes);
    } finally {
      await browser.close();
    }
  });

  test("does not ask Pixel again and again while the stream stands", async () => {
    const browser = new Browser(server);
    const { live, stale } = open();
    try {
      await browser.open(live);
      await until(() => stale.length === 1, "the stream has begun");
      await new Promise((next) => setTimeout(next, 20 * TIMING.poll));
      const asked = (request: string) => server.requests.filter((each) => each === request).length;
      expect(asked("GET /canvases/canvas_1/history")).toBeLessThanOrEqual(1); // once the stream has begun
      expect(asked("GET /tasks")).toBeLessThanOrEqual(2); // when it is opened, and once the stream has begun
      expect(asked("GET /events")).toBe(1);
    } finally {
      await browser.close();
    }
  });
});
