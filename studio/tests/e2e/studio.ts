/** The tests' own `test`: a file has one Pixel and one browser, a test opens as many visits as it likes. */
import type { Browser } from "playwright-core";
import { test as plain } from "vitest";
import { browserIsHere, openBrowser } from "./browser";
import { Pixel, type Settings } from "./pixel";
import { Visit, type Wish } from "./visit";

/** Open a browser window at the studio. All are looked at for trouble when the test ends. */
export type Open = (wish?: Wish) => Promise<Visit>;

/** `test` of a file whose Pixel has these settings. */
export function studioTest(settings: Settings = {}) {
  const extended = plain.extend<{ pixel: Pixel; browser: Browser; open: Open }>({
    pixel: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it which other fixtures are wanted
      async ({}, use) => {
        const pixel = await Pixel.start(settings);
        try {
          await use(pixel);
        } finally {
          await pixel.remove();
        }
      },
      { scope: "file" },
    ],
    browser: [
      // biome-ignore lint/correctness/noEmptyPattern: as above
      async ({}, use) => {
        const browser = await openBrowser();
        try {
          await use(browser);
        } finally {
          await browser.close();
        }
      },
      { scope: "file" },
    ],
    open: async ({ pixel, browser }, use) => {
      const visits: Visit[] = [];
      await use(async (wish) => {
        const visit = await Visit.open(browser, pixel.url, wish);
        visits.push(visit);
        return visit;
      });
      for (const visit of visits) await visit.leave();
    },
  });
  return extended.skipIf(!browserIsHere) as typeof extended;
}
