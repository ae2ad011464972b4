/** Results beside each other, and frames out of films: in a real browser, with the media that a model made. */
import type { Page } from "playwright-core";
import { describe, expect } from "vitest";
import en from "../../messages/en";
import zh from "../../messages/zh";
import { card, documentOf, makeCanvas, runButton, saved } from "./canvas";
import { studioTest } from "./studio";
import type { Visit } from "./visit";

const test = studioTest();
const WORDS = { en, zh };
const IMAGE = {
  kind: "image",
  model: "sandbox/image",
  prompt: "a harbour",
  params: { resolution: "512", n: 2 },
} as const;
const FILM = {
  kind: "video",
  model: "sandbox/video",
  prompt: "fog",
  params: { resolution: "480p", duration: "2s" },
} as const;

/** Make a node's results, and open the viewer with all of them. */
async function compared(page: Page, node: string, words: typeof en = en): Promise<void> {
  await card(page, node).getByRole("button", { name: words.canvas.candidates.compare }).click();
  await page.getByRole("dialog").waitFor();
}

test("two images are compared side by side and with a wipe, by keyboard too, and one is chosen", async ({
  open,
  pixel,
}) => {
  const canvas = await makeCanvas(pixel, { one: IMAGE });
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await runButton(card(page, "one")).click();
  await card(page, "one").locator("img").first().waitFor();
  await saved(page);
  const before = (await documentOf(pixel, canvas)).nodes.one?.pick?.asset;
  await compared(page, "one");
  const viewer = page.getByRole("dialog");
  expect(await viewer.getByRole("figure").count()).toBe(2);
  await viewer.getByRole("radio", { name: "Wipe" }).click();
  const line = viewer.getByRole("slider", { name: "Wipe" });
  const left = viewer.locator("img[style*=clip-path]");
  expect(await left.getAttribute("style")).toContain("50%");
  await line.focus();
  await page.keyboard.press("ArrowRight");
  expect(await left.getAttribute("style")).toContain("49%");
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("canvas-wipe");
  await viewer.getByRole("radio", { name: "Side by side" }).click();
  await viewer.getByRole("button", { name: "Use this" }).click();
  await page.keyboard.press("Escape");
  await saved(page);
  const after = (await documentOf(pixel, canvas)).nodes.one?.pick?.asset;
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
});

test("films play together from the beginning, and a frame of one becomes an image", async ({ open, pixel }) => {
  const canvas = await makeCanvas(
    pixel,
    { film: FILM, still: { kind: "frame" } },
    { e: { from: "film", to: "still", role: "video", order: 0 } },
  );
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  for (let made = 1; made <= 2; made++) {
    await runButton(card(page, "film")).click();
    await expect
      .poll(async () => (await pixel.ask<{ items: unknown[] }>("GET", "/api/v1/assets?kind=video")).items.length, {
        timeout: 60_000,
      })
      .toBe(made);
    await saved(page);
  }
  await compared(page, "film");
  const viewer = page.getByRole("dialog");
  await viewer.getByRole("button", { name: "Play together" }).click();
  const times = () =>
    viewer.locator("video").evaluateAll((films) => (films as HTMLVideoElement[]).map((film) => film.currentTime));
  await expect.poll(async () => (await times()).every((time) => time > 0), { timeout: 20_000 }).toBe(true);
  expect(await times()).toHaveLength(2);
  await viewer.getByRole("button", { name: "Pause" }).click();
  expect(await visit.a11y()).toEqual([]);
  await page.keyboard.press("Escape");

  await card(page, "still").getByRole("button", { name: "Choose frame" }).click();
  const picker = page.getByRole("dialog");
  await picker.getByRole("button", { name: "Last frame" }).click();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("canvas-frame");
  await picker.getByRole("button", { name: "Use this frame" }).click();
  await card(page, "still").locator("img").waitFor();
  await saved(page);
  expect((await documentOf(pixel, canvas)).nodes.still?.pick?.asset).toMatch(/png$/);
});

describe.each([
  { locale: "en", theme: "dark" },
  { locale: "zh", theme: "light" },
  { locale: "zh", theme: "dark" },
] as const)("$locale, $theme", (look) => {
  test("what lies over the canvas is whole", async ({ open, pixel }) => {
    const canvas = await makeCanvas(pixel, { one: IMAGE });
    const visit = await open(look);
    const page = await visit.goto(`/canvas/?id=${canvas}`);
    const words = WORDS[look.locale].canvas;
    await card(page, "one").getByRole("button", { name: words.run.run, exact: true }).click();
    await card(page, "one").locator("img").first().waitFor();
    await compared(page, "one", WORDS[look.locale]);
    await judged(visit, "viewer");
    await page.keyboard.press("ControlOrMeta+k");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await judged(visit, "palette");
    await page.keyboard.press("Shift+?");
    await page.getByRole("dialog").waitFor();
    await judged(visit, "keys");
  });
});

/** Nothing for axe to find in the dialog that is open; close it. */
async function judged(visit: Visit, name: string): Promise<void> {
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot(`canvas-${name}`);
  await visit.page.keyboard.press("Escape");
  await visit.page.getByRole("dialog").waitFor({ state: "detached" });
}
