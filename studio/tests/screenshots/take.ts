/** Takes the pictures of docs/studio/: every screen in both themes and languages, as WebP. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import en from "../../messages/en";
import zh from "../../messages/zh";
import { openBrowser } from "../e2e/browser";
import { ForgetfulProvider } from "../e2e/forgetful-provider";
import { Pixel } from "../e2e/pixel";
import { Visit } from "../e2e/visit";
import { type Filled, fill } from "./fill";
import { STORIES } from "./story";

const ROOT = join(import.meta.dirname, "../../..");
const PICTURES = join(ROOT, "docs/studio");
const WORDS = { en, zh: zh as typeof en };
const [MOST_OF_ONE, MOST_OF_ALL] = [150 * 1024, 4 * 1024 * 1024];

type Shot = { name: string; path: string; before?: (page: Page) => Promise<unknown>; phone?: boolean };

function shotsOf({ canvas, task }: Filled, words: typeof en): Shot[] {
  const tile = (page: Page) => page.getByRole("button", { name: words.gallery.one.image }).nth(2);
  return [
    { name: "projects", path: "/" },
    {
      name: "canvas",
      path: `/canvas/?id=${canvas}`,
      before: (page) => page.locator(".react-flow__node").nth(5).waitFor(),
    },
    { name: "gallery", path: "/gallery/", before: (page) => tile(page).waitFor() },
    { name: "viewer", path: "/gallery/", before: (page) => tile(page).click() },
    { name: "tasks", path: "/tasks/" },
    { name: "task", path: `/task/?id=${task}` },
    { name: "costs", path: "/costs/?by=model" },
    { name: "settings", path: "/settings/" },
    {
      name: "phone",
      path: `/canvas/?id=${canvas}`,
      phone: true,
      before: (page) => page.getByRole("article").first().waitFor(),
    },
  ];
}

test.each(["en", "zh"] as const)("%s", async (locale) => {
  const provider = await ForgetfulProvider.start();
  const pixel = await Pixel.start({ PIXEL_SANDBOX_STANDS_IN_FOR: "dashscope", ...provider.settings });
  const browser = await openBrowser();
  try {
    const filled = await fill(pixel, STORIES[locale]);
    mkdirSync(PICTURES, { recursive: true });
    for (const theme of ["light", "dark"] as const) {
      for (const { name, path, before, phone } of shotsOf(filled, WORDS[locale])) {
        const size = phone ? { width: 390, height: 844 } : { width: 1280, height: 800 };
        const visit = await Visit.open(browser, pixel.url, { locale, theme, ...size });
        const page = await visit.goto(path);
        await before?.(page);
        await visit.settled();
        await page.waitForFunction(arePicturesHere);
        await page.evaluate(drawPictures);
        save(await page.screenshot(), join(PICTURES, `${name}-${theme}-${locale}.webp`));
        await visit.leave();
      }
    }
  } finally {
    await browser.close();
    await pixel.remove();
    await provider.close();
  }
});

test("they are small enough to be kept", () => {
  const sizes = readdirSync(PICTURES).map((name) => statSync(join(PICTURES, name)).size);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST_OF_ONE);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_OF_ALL);
});

/** In the page: are all pictures that are in sight there, and the first pictures of films, too? */
function arePicturesHere(): boolean {
  const inSight = (element: Element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  const images = [...document.images].filter(inSight);
  const posters = [...document.querySelectorAll("video")].filter(inSight).map((film) => {
    const image = new Image(); // from the browser's cache, once the film has it
    image.src = film.poster;
    return image;
  });
  return [...images, ...posters].every((image) => image.complete && image.naturalWidth > 0);
}

/** In the page: have them drawn, too, not only loaded. */
async function drawPictures(): Promise<void> {
  await Promise.all([...document.images].filter(({ complete }) => complete).map((image) => image.decode()));
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}

/** Pixel's own Python makes WebP of it. */
function save(png: Buffer, path: string): void {
  const program =
    "import sys, io; from PIL import Image; Image.open(io.BytesIO(sys.stdin.buffer.read())).convert('RGB')";
  execFileSync(join(ROOT, ".venv/bin/python"), ["-c", `${program}.save(sys.argv[1], quality=82, method=6)`, path], {
    input: png,
  });
}
