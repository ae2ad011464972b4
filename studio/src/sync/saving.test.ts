// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useSession } from "@/api/session";
import { addNode, removeNodes, setField } from "@/document/commands";
import { nodeOf } from "../../tests/people";
import { PixelServer } from "../../tests/pixel-server";
import { Browser, until } from "../../tests/sync-tabs";

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
  useSession.getState().signedIn();
});

const type = (text: string) => (graph: Parameters<typeof setField>[0]) => setField(graph, "a", "prompt", text);

describe("what a person types", () => {
  test("is drawn at once, and called saved only when Pixel has it", async () => {
    const { canvas } = await browser.open();
    const shown: string[] = [];
    canvas.store.subscribe(({ outbox }) => {
      shown.push(outbox.status);
      if (outbox.status === "saved") expect(server.canvas().nodes.a?.prompt).toBe("dog");
    });
    canvas.edit("node.prompt", type("dog"));
    expect(canvas.document.nodes.a?.prompt).toBe("dog");
    expect(canvas.store.getState().outbox).toMatchObject({ status: "pending", pending: 1, changes: 1 });
    expect(await canvas.settled()).toBe(3);
    expect(shown.at(-1)).toBe("saved");
    expect(shown).toContain("sending");
  });

  test("becomes one edit while it is typed, which is taken back as one", async () => {
    const { canvas } = await browser.open();
    for (const text of ["d", "do", "dog"]) canvas.edit("node.prompt", type(text), { merge: "a.prompt" });
    await canvas.settled();
    expect(server.log.at(-1)?.ops).toEqual([{ op: "node.set", id: "a", field: "prompt", was: "cat", now: "dog" }]);
    canvas.undo();
    await canvas.settled();
    expect(server.canvas().nodes.a?.prompt).toBe("cat");
  });

  test("is still there when the tab dies before anything was sent, and is sent when it comes back", async () => {
    server.faults = (method) => (method === "POST" ? "request_lost" : undefined);
    const tab = await browser.open();
    tab.canvas.edit("node.prompt", type("dog"));
    await until(() => tab.state.outbox.status === "offline", "offline is said");
    await tab.reload();
    expect(tab.canvas.document.nodes.a?.prompt).toBe("dog");
    expect(server.canvas().nodes.a?.prompt).toBe("cat");
    server.faults = () => undefined;
    tab.canvas.retry();
    await tab.canvas.settled();
    expect(server.canvas().nodes.a?.prompt).toBe("dog");
  });

  test("is written once, when the answer is lost and the tab is reloaded", async () => {
    server.faults = (method) => (method === "POST" ? "answer_lost" : undefined);
    const tab = await browser.open();
    tab.canvas.edit("node.prompt", type("dog"));
    await until(() => server.log.length === 2, "the edit has arrived");
    await tab.reload();
    server.faults = () => undefined;
    await tab.canvas.settled();
    expect(server.log.filter(({ session }) => session !== "session_other")).toHaveLength(1);
    expect(tab.state.outbox).toMatchObject({ status: "saved", version: 3 });
  });

  test("is sent by another tab, when its own is gone", async () => {
    server.faults = (method) => (method === "POST" ? "request_lost" : undefined);
    const [first, second] = [await browser.open(), await browser.open()];
    first.canvas.edit("node.prompt", type("dog"));
    await until(() => first.state.outbox.status === "offline", "offline is said");
    await first.close();
    server.faults = () => undefined;
    await until(() => server.canvas().nodes.a?.prompt === "dog", "the other tab has sent it");
    await until(() => second.canvas.document.nodes.a?.prompt === "dog", "and shows it");
  });
});

describe("when Pixel refuses", () => {
  test("a session that ran out keeps everything, and goes on after signing in", async () => {
    server.faults = (method) => (method === "POST" ? { status: 401 } : undefined);
    const { canvas } = await browser.open();
    canvas.edit("node.prompt", type("dog"));
    await until(() => canvas.store.getState().outbox.status === "signed_out", "it asks to sign in");
    expect(useSession.getState().needed).toBe(true);
    canvas.edit("node.title", (graph) => setField(graph, "a", "title", "Pet"));
    server.faults = () => undefined;
    useSession.getState().signedIn();
    await canvas.settled();
    expect(server.canvas().nodes.a).toMatchObject({ prompt: "dog", title: "Pet" });
  });

  test("the operation that it names is taken aside, and the rest goes on", async () => {
    const refusal = { status: 400, message: "ops[1].now: may have 65536 bytes at most" };
    let times = 0;
    server.faults = (method) => (method === "POST" && times++ === 0 ? refusal : undefined);
    const { canvas } = await browser.open();
    canvas.edit("mixed", (graph) => [
      ...setField(graph, "a", "prompt", "dog"),
      ...setField(graph, "a", "title", "Pet"),
    ]);
    canvas.edit("node.note", (graph) => setField(graph, "a", "note", "hello"));
    await canvas.settled();
    expect(server.canvas().nodes.a).toMatchObject({ prompt: "dog", note: "hello" });
    expect(canvas.document.nodes.a).not.toHaveProperty("title");
    expect(canvas.store.getState().refused).toMatchObject([
      { status: 400, message: refusal.message, op: { field: "title", now: "Pet" } },
    ]);
  });

  test("an edit that is too large goes in parts, and is taken back as one", async () => {
    server.faults = (method) => (method === "POST" && server.requests.length < 4 ? { status: 413 } : undefined);
    const { canvas } = await browser.open();
    server.requests = [];
    canvas.edit(
      "paste",
      ["b", "c", "d"].flatMap((id) => addNode(id, nodeOf("image", 0))),
    );
    await canvas.settled();
    expect(Object.keys(server.canvas().nodes)).toEqual(["a", "b", "c", "d"]);
    expect(canvas.undo()).toEqual({ label: "paste", skipped: [] });
    await canvas.settled();
    expect(Object.keys(server.canvas().nodes)).toEqual(["a"]);
  });

  test("an archived canvas keeps what was done here, and says why", async () => {
    server.archived = true;
    const { canvas } = await browser.open();
    canvas.edit("node.prompt", type("dog"));
    await until(() => canvas.store.getState().outbox.status === "gone", "it says so");
    expect(canvas.store.getState().outbox.message).toBe("The canvas is archived.");
    server.archived = false;
    canvas.retry();
    await canvas.settled();
    expect(server.canvas().nodes.a?.prompt).toBe("dog");
  });
});

describe("when somebody else was first", () => {
  test("and changed something else, both are kept", async () => {
    const { canvas } = await browser.open();
    server.edit([{ op: "node.set", id: "a", field: "title", was: null, now: "Pet" }]);
    canvas.edit("node.prompt", type("dog"));
    await canvas.settled();
    expect(canvas.document.nodes.a).toMatchObject({ prompt: "dog", title: "Pet" });
    expect(canvas.document.nodes).toEqual(server.canvas().nodes);
  });

  test.each([
    ["mine", "dog"],
    ["theirs", "cow"],
  ])("and changed the same text, it is asked: %s", async (whose, text) => {
    const tab = await browser.open();
    server.edit([{ op: "node.set", id: "a", field: "prompt", was: "cat", now: "cow" }]);
    tab.canvas.edit("node.prompt", type("dog"));
    await tab.canvas.settled();
    expect(tab.canvas.document.nodes.a?.prompt).toBe("cow");
    await tab.reload();
    const [draft] = tab.state.drafts;
    expect(draft?.conflicts).toEqual([{ id: "a", field: "prompt", mine: "dog", theirs: "cow" }]);
    if (whose === "mine") tab.canvas.keepMine(draft?.id ?? "");
    else tab.canvas.takeTheirs(draft?.id ?? "");
    await tab.canvas.settled();
    expect(server.canvas().nodes.a?.prompt).toBe(text);
    expect(tab.state.drafts).toEqual([]);
  });

  test("and removed the node in which I type, my text can bring it back", async () => {
    const { canvas } = await browser.open();
    server.edit([{ op: "node.remove", id: "a" }]);
    canvas.edit("node.prompt", type("dog"));
    await canvas.settled();
    expect(canvas.document.nodes).toEqual({});
    canvas.keepMine(canvas.store.getState().drafts[0]?.id ?? "");
    await canvas.settled();
    expect(server.canvas().nodes.a?.prompt).toBe("dog");
  });

  test("and changed the node that I remove, it is not removed unseen", async () => {
    const { canvas } = await browser.open();
    server.edit([{ op: "node.set", id: "a", field: "prompt", was: "cat", now: "cow" }]);
    canvas.edit("node.remove", (graph) => removeNodes(graph, ["a"]));
    await canvas.settled();
    expect(canvas.document.nodes.a?.prompt).toBe("cow");
    expect(canvas.store.getState().drafts[0]?.conflicts).toMatchObject([{ id: "a", field: "removed" }]);
    canvas.keepMine(canvas.store.getState().drafts[0]?.id ?? "");
    await canvas.settled();
    expect(server.canvas().nodes).toEqual({});
  });
});

test("what I did can be taken back after a reload, and done again", async () => {
  const tab = await browser.open();
  tab.canvas.edit("node.prompt", type("dog"));
  await tab.canvas.settled();
  tab.canvas.edit("node.title", (graph) => setField(graph, "a", "title", "Pet"));
  await tab.canvas.settled();
  tab.canvas.undo();
  await tab.canvas.settled();
  await tab.reload();
  await until(() => tab.state.history.undo.length === 1, "the steps are found");
  expect(tab.state.history).toMatchObject({ undo: [{ label: "node.prompt" }], redo: [{ label: "node.title" }] });
  tab.canvas.redo();
  tab.canvas.undo();
  tab.canvas.undo();
  await tab.canvas.settled();
  expect(server.canvas().nodes.a).toEqual({ ...nodeOf("text", 0), prompt: "cat" });
  expect(tab.canvas.undo()).toBeUndefined();
});
