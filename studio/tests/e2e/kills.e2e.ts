/** `kill -9` of Pixel and of the browser while a canvas is run: it goes on, and nothing is made twice. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { type BrowserServer, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { launchServer } from "./browser";
import { documentOf, makeCanvas, type Task } from "./canvas";
import type { Pixel } from "./pixel";
import { studioTest } from "./studio";

const ROOT = join(import.meta.dirname, "../../..");
/** How often something is killed. 200 is a long run. */
const KILLS = Number(process.env.PIXEL_TEST_STUDIO_KILLS ?? "4");
const LONGEST_MS = 2_500;
const IMAGE = { kind: "image", model: "sandbox/image" } as const;
const SLOW = { resolution: "512", extraParams: { sandbox: { latency: 0.5 } } };
const CHAIN = {
  one: { ...IMAGE, prompt: "a pier", params: SLOW },
  two: { ...IMAGE, prompt: "the pier at night", params: SLOW },
  three: { ...IMAGE, prompt: "a gull", params: SLOW },
} as const;
const EDGES = { e: { from: "one", to: "two", role: "reference", order: 0 } } as const;

const test = studioTest();

test("killed at any moment, Pixel or the browser, a canvas is made, and each of its nodes once", async ({ pixel }) => {
  const canvases: string[] = [];
  let kills = 0;
  while (kills < KILLS) {
    const canvas = await makeCanvas(pixel, CHAIN, EDGES);
    canvases.push(canvas);
    while (!(await isMade(pixel, canvas))) {
      const person = await Person.sitDown(pixel, canvas);
      try {
        await person.wantsIt();
        await pause(Math.random() * LONGEST_MS);
        if (kills < KILLS && Math.random() < 0.5) {
          kills += 1;
          await pixel.kill();
          await pixel.run();
        } else if (kills < KILLS) {
          kills += 1;
          await person.isKilled();
        } else await expect.poll(() => isMade(pixel, canvas), { timeout: 60_000 }).toBe(true);
      } finally {
        await person.isKilled();
      }
    }
  }
  const effects = await effectsOf(pixel);
  for (const canvas of canvases) {
    const { tasks } = await pixel.ask<{ tasks: Task[] }>("GET", `/api/v1/tasks?source=canvas&sourceId=${canvas}`);
    expect(tasks.map(({ metadata }) => metadata?.node).sort()).toEqual(["one", "three", "two"]);
    expect(tasks.map(({ id }) => effects[id])).toEqual([1, 1, 1]);
  }
  process.stderr.write(`${kills} kills, ${canvases.length} canvases\n`);
}, 3_600_000);

/** Whoever sits at the browser, and presses the button once. */
class Person {
  private constructor(
    private readonly server: BrowserServer,
    private readonly page: Page,
    private readonly pixel: Pixel,
    private readonly canvas: string,
  ) {}

  static async sitDown(pixel: Pixel, canvas: string): Promise<Person> {
    const server = await launchServer();
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage({ locale: "en-GB" });
    await page.goto(`${pixel.url}/studio/canvas/?id=${canvas}`);
    await page.locator(".react-flow__node").first().waitFor();
    return new Person(server, page, pixel, canvas);
  }

  /** Run the canvas, unless that was asked for already. */
  async wantsIt(): Promise<void> {
    const { items } = await this.pixel.ask<{ items: object[] }>("GET", `/api/v1/runs?canvas=${this.canvas}`);
    if (items.length > 0) return;
    await this.page.getByRole("button", { name: "Run canvas" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Run 3 nodes" }).click();
  }

  async isKilled(): Promise<void> {
    await this.server.kill();
  }
}

async function isMade(pixel: Pixel, canvas: string): Promise<boolean> {
  const { nodes } = await documentOf(pixel, canvas);
  return Object.values(nodes).every(({ pick }) => pick?.asset !== undefined);
}

/** How often the sandbox made each task. */
async function effectsOf(pixel: Pixel): Promise<{ [task: string]: number }> {
  const script = join(import.meta.dirname, "effects.py");
  const { stdout } = await promisify(execFile)(join(ROOT, ".venv/bin/python"), [script, pixel.folder]);
  return JSON.parse(stdout);
}
