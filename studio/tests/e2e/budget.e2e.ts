/** What a browser loads to open a canvas stays small, however much is added to the studio. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { studioTest } from "./studio";

const test = studioTest();
const OUT = join(import.meta.dirname, "../../out");
const KILOBYTE = 1000;
const MOST_KILOBYTES = { js: 350, css: 15, all: 4000 };

test("a canvas opens cold with 350 kB of scripts and 15 kB of styles, packed; all of the studio is 4 MB", async ({
  pixel,
  open,
}) => {
  const project = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: "Film" });
  const canvas = await pixel.ask<{ id: string }>("POST", "/api/v1/canvases", { project: project.id, name: "One" });
  const visit = await open();
  const loaded: { [kind: string]: number } = { js: 0, css: 0 };
  visit.page.on("response", (response) => {
    const kind = /\/_next\/static\/.*\.(js|css)$/.exec(new URL(response.url()).pathname)?.[1];
    if (kind) loaded[kind] = (loaded[kind] ?? 0) + Number(response.headers()["content-length"]) / KILOBYTE;
  });
  await visit.goto(`/canvas/?id=${canvas.id}`);
  // The network is never idle: the page hears of what happens. It can be worked with when the first step is offered.
  await visit.page.getByRole("heading", { name: "What will it be first?" }).waitFor();
  const files = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const all = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0) / KILOBYTE;
  process.stdout.write(
    `scripts ${loaded.js?.toFixed()} kB, styles ${loaded.css?.toFixed()} kB, export ${all.toFixed()} kB\n`,
  );
  expect(loaded.js).toBeGreaterThan(0);
  expect(loaded.js).toBeLessThanOrEqual(MOST_KILOBYTES.js);
  expect(loaded.css).toBeLessThanOrEqual(MOST_KILOBYTES.css);
  expect(all).toBeLessThanOrEqual(MOST_KILOBYTES.all);
});
