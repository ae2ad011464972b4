// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useSession } from "@/api/session";
import { setField } from "@/document/commands";
import type { Value } from "@/document/types";
import { nodeOf } from "../../tests/people";
import { PixelServer } from "../../tests/pixel-server";
import { Browser, until } from "../../tests/sync-tabs";
import { Live } from "./live";

const image = { ...nodeOf("image", 0), model: "sandbox/image", prompt: "a cat" };
const GENERATE = "POST /generations/image";

let server: PixelServer;
let browser: Browser;

beforeEach(async () => {
  server = await PixelServer.start();
  server.edit([{ op: "node.add", id: "a", node: image }]);
  browser = new Browser(server);
});

afterEach(async () => {
  await browser.close();
  await server.stop();
  useSession.getState().signedIn();
});

describe("a run", () => {
  test("is in the canvas before it is asked for, with the request as it is sent", async () => {
    const { canvas } = await browser.open();
    expect(await canvas.run("a")).toEqual({ task: "task_1" });
    const asked = server.requests.filter((request) => request.startsWith("POST"));
    expect(asked).toEqual(["POST /canvases/canvas_1/edits", GENERATE]);
    const run = server.canvas().nodes.a?.run;
    expect(server.tasks[0]).toMatchObject({ key: `canvas_1/a/${run?.id}`, metadata: { node: "a", run: run?.id } });
    expect(run?.body).toMatchObject({ model: "sandbox/image", prompt: "a cat", sourceId: "canvas_1" });
  });

  test("is one task, however often it is clicked and whatever answers are lost", async () => {
    let lost = 0;
    server.faults = (method) => (method === "POST" && lost++ % 3 !== 2 ? "answer_lost" : undefined);
    const { canvas } = await browser.open();
    const clicks = [canvas.run("a"), canvas.run("a")];
    expect(await Promise.all([...clicks, canvas.run("a")])).toEqual(Array(3).fill({ task: "task_1" }));
    expect(server.tasks).toHaveLength(1);
  });

  test("is one task when the second click comes just after the first was answered", async () => {
    const { canvas } = await browser.open();
    expect([await canvas.run("a"), await canvas.run("a")]).toEqual(Array(2).fill({ task: "task_1" }));
  });

  test("is not made when somebody else started one at the same time", async () => {
    const { canvas } = await browser.open();
    const theirs = { id: "run_theirs", at: new Date().toISOString(), kind: "image", body: {} };
    server.edit([{ op: "node.set", id: "a", field: "run", was: null, now: theirs }]);
    expect(await canvas.run("a")).toEqual({ problem: "run.elsewhere" });
    expect(server.requests).not.toContain(GENERATE);
    expect(canvas.store.getState().drafts).toEqual([]);
  });

  test("that is refused leaves the node as it was, and says why", async () => {
    server.faults = (_, path) =>
      path.startsWith("/generations") ? { status: 402, message: "No money left." } : undefined;
    const { canvas } = await browser.open();
    expect(await canvas.run("a")).toEqual({ refused: { status: 402, message: "No money left." } });
    expect(canvas.store.getState().runs.a).toMatchObject({ state: "refused", message: "No money left." });
    await canvas.settled();
    expect(server.canvas().nodes.a).toEqual(image);
  });

  test("of a node that has nothing to say is none", async () => {
    const { canvas } = await browser.open();
    canvas.edit("node.prompt", (graph) => setField(graph, "a", "prompt", null));
    expect(await canvas.run("a")).toEqual({ problem: "prompt_missing" });
  });

  test("is not taken back", async () => {
    const { canvas } = await browser.open();
    await canvas.run("a");
    expect(canvas.undo()).toBeUndefined();
  });
});

describe("a wish without a task", () => {
  test("is sent again by whoever opens the canvas, as it was", async () => {
    server.faults = (_, path) => (path.startsWith("/generations") ? "request_lost" : undefined);
    const tab = await browser.open();
    void tab.canvas.run("a");
    await until(() => tab.state.runs.a?.state === "retrying", "it was sent in vain");
    const run = server.canvas().nodes.a?.run;
    await tab.crash();
    server.faults = () => undefined;
    await browser.open();
    await until(() => server.tasks.length === 1, "another tab has sent it");
    expect(server.tasks[0]).toMatchObject({ key: `canvas_1/a/${run?.id}` });
  });

  test("of more than ten minutes ago is asked about first", async () => {
    const at = new Date(Date.now() - 11 * 60_000).toISOString();
    const run = {
      id: "run_old",
      at,
      kind: "image",
      body: { model: "sandbox/image", metadata: { node: "a", run: "run_old" } },
    };
    server.edit([{ op: "node.set", id: "a", field: "run", was: null, now: run }]);
    const { canvas } = await browser.open();
    await until(() => canvas.store.getState().runs.a?.state === "asks", "it is asked");
    expect(server.tasks).toEqual([]);
    expect(await canvas.resendRun("a")).toEqual({ task: "task_1" });
    canvas.dropRun("a");
    await canvas.settled();
    expect(server.canvas().nodes.a).not.toHaveProperty("run");
  });
});

describe("a result", () => {
  const done = (asset: string) => ({ status: "completed", result: { images: [{ asset_id: asset }] } });

  test("of the newest run is chosen when it arrives, also after the browser was closed", async () => {
    const tab = await browser.open();
    await tab.canvas.run("a");
    await tab.close();
    Object.assign(server.tasks[0] ?? {}, done("asset_1.png"));
    const later = await browser.open();
    await until(() => server.canvas().nodes.a?.pick !== undefined, "it is chosen");
    expect(later.canvas.document.nodes.a?.pick).toEqual({
      task: "task_1",
      output: 0,
      asset: "asset_1.png",
      digest: server.tasks[0]?.metadata.digest,
    });
  });

  test("is not put in the place of what a person chose", async () => {
    const live = new Live(server.origin, undefined, `news ${crypto.randomUUID()}`);
    try {
      const tab = await browser.open(live);
      await tab.canvas.run("a");
      await new Promise((next) => setTimeout(next, 1100)); // the run is no longer under way
      tab.canvas.pick("a", { asset: "asset_mine.png" });
      await tab.canvas.settled();
      server.say("task", { ...server.tasks[0], ...done("asset_1.png") });
      server.edit([{ op: "node.set", id: "a", field: "title", was: null, now: "seen" }]);
      await until(() => tab.canvas.document.nodes.a?.title === "seen", "the news have come");
      await tab.canvas.settled();
      expect(server.canvas().nodes.a?.pick as Value).toEqual({ asset: "asset_mine.png" });
    } finally {
      live.close();
    }
  });
});
