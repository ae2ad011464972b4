/** Making things on a canvas: each is paid once, nothing is lost, and it can be done by whoever sits there. */
import type { Route } from "playwright-core";
import { describe, expect } from "vitest";
import type { Op } from "@/document/types";
import {
  card,
  countClicks,
  documentOf,
  edit,
  makeCanvas,
  onlyCard,
  promptOf,
  runButton,
  saved,
  tasksOf,
} from "./canvas";
import { studioTest } from "./studio";

const test = studioTest();
const slow = { extraParams: { sandbox: { latency: 4 } } };
const IMAGE = { kind: "image", model: "sandbox/image", params: { resolution: "512" } } as const;

test("an empty canvas shows a picture after four clicks", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel);
  const visit = await open();
  const clicks = await countClicks(visit.context);
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await visit.screenshot("canvas-empty");
  await page.getByRole("button", { name: "Image", exact: true }).click();
  await onlyCard(page).getByRole("button", { name: "Sandbox Image" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Sandbox Image/ })
    .click();
  await promptOf(onlyCard(page)).fill("a lighthouse at dusk");
  await runButton(onlyCard(page)).click();
  await onlyCard(page).locator("img").waitFor();
  expect(clicks()).toBeLessThanOrEqual(4);
  expect(await visit.a11y()).toEqual([]);
});

test("text, image, film and voice go into one another on one canvas", async ({ open, pixel }) => {
  const canvas = await makeCanvas(
    pixel,
    {
      t: { kind: "text", title: "Scene", prompt: "a small harbour in the morning fog" },
      i: { ...IMAGE, title: "Still" },
      v: {
        kind: "video",
        title: "Shot",
        model: "sandbox/video",
        prompt: "the fog lifts",
        params: { resolution: "480p", duration: "2s" },
      },
      a: { kind: "audio", title: "Voice", model: "sandbox/speech" },
    },
    {
      e1: { from: "t", to: "i", role: "prompt", order: 0 },
      e2: { from: "i", to: "v", role: "first_frame", order: 0 },
      e3: { from: "t", to: "a", role: "prompt", order: 0 },
    },
  );
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await runButton(card(page, "i")).click();
  await card(page, "i").locator("img").waitFor();
  await runButton(card(page, "v")).click();
  await runButton(card(page, "a")).click();
  await card(page, "v").getByRole("button", { name: "Play" }).waitFor();
  await card(page, "a").locator("audio").waitFor();
  await saved(page);
  await visit.screenshot("canvas-chain");
  const { nodes } = await documentOf(pixel, canvas);
  expect(
    [nodes.i?.pick?.asset, nodes.v?.pick?.asset, nodes.a?.pick?.asset].map((asset) => asset?.split(".").pop()),
  ).toEqual(["png", "mp4", "wav"]);
  expect(await visit.a11y()).toEqual([]);
});

test("pressed twice, a run is one task", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await runButton(card(page, "n")).dblclick();
  await card(page, "n").locator("img").waitFor();
  expect(await tasksOf(pixel, canvas)).toHaveLength(1);
});

test("who closes the browser in the middle of a run finds the result on the node", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier", params: { ...IMAGE.params, ...slow } } });
  const first = await open();
  const before = await first.goto(`/canvas/?id=${canvas}`);
  await runButton(card(before, "n")).click();
  await expect.poll(() => tasksOf(pixel, canvas), { timeout: 60_000 }).toHaveLength(1);
  await first.leave();
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await card(page, "n").locator("img").waitFor();
  expect(await tasksOf(pixel, canvas)).toHaveLength(1);
});

test("what is written without a network is kept, and sent when there is one again", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { one: { ...IMAGE, prompt: "before" } });
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await saved(page);
  await visit.context.setOffline(true);
  await promptOf(card(page, "one")).fill("written in a tunnel");
  await promptOf(card(page, "one")).blur();
  await page.locator('[data-save="offline"], [data-save="retrying"]').waitFor();
  await page.getByText("1 change on this device").waitFor();
  expect((await documentOf(pixel, canvas)).nodes.one?.prompt).toBe("before");
  await visit.context.setOffline(false);
  await saved(page);
  expect((await documentOf(pixel, canvas)).nodes.one?.prompt).toBe("written in a tunnel");
});

test("what was done before a reload can be taken back after it", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await promptOf(card(page, "n")).fill("a pier in the rain");
  await saved(page);
  await page.reload();
  await card(page, "n").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => promptOf(card(page, "n")).inputValue()).toBe("a pier");
  await saved(page);
  expect((await documentOf(pixel, canvas)).nodes.n?.prompt).toBe("a pier");
});

describe("two people", () => {
  test("who change different things both keep theirs", async ({ open, pixel }) => {
    const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" }, m: { kind: "note", note: "" } });
    const one = await (await open()).goto(`/canvas/?id=${canvas}`);
    const other = await (await open()).goto(`/canvas/?id=${canvas}`);
    await promptOf(card(one, "n")).fill("a pier in the rain");
    await promptOf(card(other, "m")).fill("ask the director");
    await saved(one);
    await saved(other);
    await expect.poll(() => promptOf(card(one, "m")).inputValue(), { timeout: 60_000 }).toBe("ask the director");
    await expect.poll(() => promptOf(card(other, "n")).inputValue(), { timeout: 60_000 }).toBe("a pier in the rain");
  });

  test("who change the same text are asked, and neither text is lost", async ({ open, pixel }) => {
    const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
    const visit = await open({ refusals: [/^409 .*\/edits$/] });
    const page = await visit.goto(`/canvas/?id=${canvas}`);
    // Theirs arrives while mine is on its way.
    const theirs: Op = { op: "node.set", id: "n", field: "prompt", was: "a pier", now: "a quay" };
    const overtaken = async (route: Route) => {
      await edit(pixel, canvas, [theirs]);
      await route.continue();
    };
    await page.route("**/edits", overtaken, { times: 1 });
    await promptOf(card(page, "n")).fill("a pier at night");
    const question = page.getByRole("alertdialog");
    await question.waitFor();
    expect(await question.textContent()).toContain("a pier at night");
    expect(await question.textContent()).toContain("a quay");
    await visit.screenshot("canvas-conflict");
    expect(await visit.a11y()).toEqual([]);
    await question.getByRole("button", { name: "Keep mine" }).click();
    await saved(page);
    await expect.poll(async () => (await documentOf(pixel, canvas)).nodes.n?.prompt).toBe("a pier at night");
  });
});

test("Enter while an input method composes neither runs nor breaks the text", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE } });
  const visit = await open({ locale: "zh" });
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  const keyboard = await visit.context.newCDPSession(page);
  await promptOf(card(page, "n")).focus();
  await keyboard.send("Input.imeSetComposition", { text: "hai", selectionStart: 3, selectionEnd: 3 });
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Enter");
  await keyboard.send("Input.insertText", { text: "海边的灯塔" });
  await expect.poll(() => promptOf(card(page, "n")).inputValue()).toContain("海边的灯塔");
  await saved(page);
  expect(await tasksOf(pixel, canvas)).toEqual([]);
  await promptOf(card(page, "n")).fill("海边的灯塔");
  await page.keyboard.press("Control+Enter");
  await card(page, "n").locator("img").waitFor();
  expect(await tasksOf(pixel, canvas)).toHaveLength(1);
});

test("everything is done by keyboard: add, write, connect, run, move, take back", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { t: { kind: "text", title: "Scene", prompt: "a harbour" } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("add image");
  await page.keyboard.press("Enter");
  const made = page.locator('.react-flow__node[data-id]:not([data-id="t"])');
  await made.waitFor();
  const id = (await made.getAttribute("data-id")) ?? "";
  await page.getByRole("combobox", { name: "Connect as: Prompt" }).focus();
  await page.keyboard.type("Text Scene");
  await expect.poll(() => page.locator(".react-flow__edge").count()).toBe(1);
  await made.focus();
  await page.keyboard.press("Control+Enter");
  await made.locator("img").waitFor();
  await saved(page);
  const before = (await documentOf(pixel, canvas)).nodes[id]?.position;
  await made.focus();
  await page.keyboard.press("ArrowRight");
  await saved(page);
  await expect
    .poll(async () => (await documentOf(pixel, canvas)).nodes[id]?.position.x)
    .toBeGreaterThan(before?.x ?? 0);
  await page.keyboard.press("Control+z");
  await saved(page);
  await expect.poll(async () => (await documentOf(pixel, canvas)).nodes[id]?.position.x).toBe(before?.x);
});

test("Backspace in an empty prompt removes a letter at most, and never the node", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await promptOf(card(page, "n")).click();
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Delete");
  await saved(page);
  expect(Object.keys((await documentOf(pixel, canvas)).nodes)).toEqual(["n"]);
});

test("a phone has the canvas as a list, no wider than itself, on which a picture is made", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
  const visit = await open({ width: 390, height: 844 });
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await runButton(page.getByRole("article")).click();
  await page.getByRole("article").locator("img").waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("canvas-phone");
});
