/** A canvas of 500 nodes is panned without drawing a card, and without much script: neither depends on the machine. */
import { expect } from "vitest";
import type { CanvasNode } from "@/document/types";
import { makeCanvas } from "./canvas";
import type { Pixel } from "./pixel";
import { studioTest } from "./studio";
import type { Visit } from "./visit";

const test = studioTest();
const SCRIPT_MS = 6;
const MOVES = 120;

const many = (pixel: Pixel, count: number) => {
  const across = Math.ceil(Math.sqrt(count));
  const nodes = Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, Partial<CanvasNode> & { kind: "image" }] => [
      `n${index}`,
      {
        kind: "image",
        model: "sandbox/image",
        prompt: `scene ${index}`,
        position: { x: (index % across) * 380, y: Math.floor(index / across) * 520 },
        size: { width: 320, height: 460 },
      },
    ]),
  );
  return makeCanvas(pixel, nodes);
};

/** Drag the pane about; what that cost, by frame. */
async function pan(visit: Visit, canvas: string) {
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await page.locator(".react-flow__node").first().waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.waitForTimeout(1_000);
  const devtools = await visit.context.newCDPSession(page);
  await devtools.send("Performance.enable");
  const script = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1_000 * (metrics.find(({ name }) => name === "ScriptDuration")?.value ?? 0);
  };
  await page.evaluate(() => {
    const state = { frames: 0, stop: false };
    Object.assign(globalThis, { pan: state });
    const next = () => {
      state.frames += 1;
      if (!state.stop) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const drawn = () => page.evaluate(() => window.pixelCardsDrawn ?? 0);
  const frames = () => page.evaluate(() => (globalThis as unknown as { pan: { frames: number } }).pan.frames);
  const box = await page.locator(".react-flow__pane").boundingBox();
  if (!box) throw new Error("no board");
  // The gap between two cards, so that the pane is dragged and not a card.
  const start = { x: box.x + box.width - 20, y: box.y + 20 };
  const before = { drawn: await drawn(), frames: await frames(), script: await script(), at: Date.now() };
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  for (let step = 0; step < MOVES; step++) await page.mouse.move(start.x - 2 * step, start.y + (step % 40));
  await page.mouse.up();
  const shown = (await frames()) - before.frames;
  return {
    drawn: (await drawn()) - before.drawn,
    scriptMs: ((await script()) - before.script) / shown,
    fps: (1_000 * shown) / (Date.now() - before.at),
  };
}

test("panning 500 nodes draws none of them, in at most 6 ms of script a frame", async ({ open, pixel }) => {
  const control = await pan(await open(), await many(pixel, 100));
  const found = await pan(await open(), await many(pixel, 500));
  process.stdout.write(`  500 nodes: ${say(found)}; 100 nodes: ${say(control)}\n`);
  expect(found.drawn).toBe(0);
  expect(found.scriptMs).toBeLessThanOrEqual(SCRIPT_MS);
}, 400_000);

const say = ({ fps, scriptMs }: { fps: number; scriptMs: number }) =>
  `${fps.toFixed(0)} fps, ${scriptMs.toFixed(1)} ms of script a frame`;
