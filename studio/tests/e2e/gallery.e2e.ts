/** The gallery: everything that was made or brought; search, pages, a viewer by keyboard, and a way onto a canvas. */
import { describe, expect } from "vitest";
import en from "../../messages/en";
import zh from "../../messages/zh";
import type { Pixel } from "./pixel";
import { ask, ended, PNG } from "./sandbox";
import { studioTest } from "./studio";

const test = studioTest();
const WORDS = { en, zh };
const PROMPTS = ["a lighthouse at dawn", "dunes in the desert", "a harbour at night", "山谷里的雾"];

async function fill(pixel: Pixel): Promise<void> {
  // One after the other: the viewer goes from one to the next.
  for (const prompt of PROMPTS) {
    await ended(pixel, await ask(pixel, "image", { prompt, resolution: "512", aspectRatio: "16:9" }));
  }
  const video = ask(pixel, "video", { prompt: "clouds over a lake", resolution: "480p", duration: "2s" });
  const voice = ask(pixel, "audio", { prompt: "good morning" });
  for (const task of await Promise.all([video, voice])) await ended(pixel, task);
}

test("an empty gallery has a first step", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/gallery/");
  await page.getByRole("heading", { name: en.gallery.empty.title }).waitFor();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("gallery-empty");
});

test("what is made shows by itself, and what is brought, too", async ({ open, pixel }) => {
  const visit = await open({ refusals: ["415 /api/v1/assets"] });
  const page = await visit.goto("/gallery/");
  await fill(pixel);
  await page.getByRole("button", { name: "Image: a lighthouse at dawn" }).waitFor();
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: en.gallery.upload.name }).click(),
  ]);
  await chooser.setFiles([
    { name: "red.png", mimeType: "image/png", buffer: PNG },
    { name: "no-medium.png", mimeType: "image/png", buffer: Buffer.from("no medium at all") },
  ]);
  await page.getByText("One file is here.").waitFor();
  await page.getByText(/^no-medium\.png: /).waitFor();
  await page.getByRole("button", { name: /^Image: Brought on/ }).waitFor();
}, 240_000);

test("search finds words of prompts, in Chinese too, and stands in the address", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/gallery/");
  await page.getByRole("button", { name: "Image: a lighthouse at dawn" }).waitFor();
  await page.getByRole("searchbox", { name: en.gallery.filter.search }).fill("light");
  await page.waitForURL(/q=light/);
  await page.getByRole("button", { name: "Image: dunes in the desert" }).waitFor({ state: "detached" });
  await page.getByRole("searchbox").fill("里的雾");
  await page.getByRole("button", { name: "Image: 山谷里的雾" }).waitFor();
  await page.getByRole("searchbox").fill("nothing like it");
  await page.getByRole("heading", { name: en.gallery.empty.filtered }).waitFor();
  await page.getByRole("button", { name: en.gallery.empty.clear }).click();
  await page.getByRole("radio", { name: en.gallery.kind.video }).click();
  await page
    .getByRole("button", { name: /^Image:/ })
    .first()
    .waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Video: clouds over a lake" }).waitFor();
  expect(await page.getByRole("searchbox").inputValue()).toBe("");
});

test("the viewer is walked through by keyboard, and says where a medium comes from", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/gallery/?kind=image");
  await page.getByRole("button", { name: /^Image: 山谷/ }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("sandbox/image").waitFor();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("gallery-viewer");
  const first = await dialog.getByRole("img").first().getAttribute("src");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((before) => document.querySelector("dialog img")?.getAttribute("src") !== before, first);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: en.gallery.download }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.png$/);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("a medium is used on a canvas: one edit, nothing made", async ({ open, pixel }) => {
  const project = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: "Harbour" });
  const canvas = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", { project: project.id, name: "Shots" });
  const visit = await open();
  const page = await visit.goto("/gallery/?kind=image");
  await page.getByRole("button", { name: "Image: a lighthouse at dawn" }).click();
  await page.getByRole("button", { name: en.gallery.use }).click();
  const dialog = page.getByRole("dialog");
  expect(await visit.a11y()).toEqual([]);
  await dialog.getByRole("button", { name: /Shots/ }).click();
  await page.waitForURL(new RegExp(`/canvas/\\?id=${canvas.id}`));
  const document = await pixel.ask<{ nodes: Record<string, { kind: string }> }>("GET", `/api/v1/canvases/${canvas.id}`);
  expect(Object.values(document.nodes).map(({ kind }) => kind)).toEqual(["reference"]);
  expect(visit.requests.filter((request) => request.startsWith("POST /api/v1/generations"))).toEqual([]);
});

describe.each([
  { locale: "en", theme: "light" },
  { locale: "en", theme: "dark" },
  { locale: "zh", theme: "light" },
  { locale: "zh", theme: "dark" },
] as const)("$locale, $theme", (look) => {
  test("the screen is whole, on a desk and on a phone", async ({ open }) => {
    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const visit = await open({ ...look, ...size });
      const page = await visit.goto("/gallery/");
      await page.getByRole("button", { name: new RegExp(WORDS[look.locale].gallery.one.video) }).waitFor();
      expect(await visit.a11y()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
      await visit.screenshot(`gallery-${size.width}`);
    }
  });
});
