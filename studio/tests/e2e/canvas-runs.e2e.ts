/** Many nodes are run by Pixel itself: priced before, each once, and what is there already is kept. */
import { expect } from "vitest";
import { card, documentOf, makeCanvas, saved, type Task, tasksOf } from "./canvas";
import { studioTest } from "./studio";

const test = studioTest();
const POLL = { timeout: 30_000 };
const isOf = (node: string) => (task: Task) => task.metadata?.node === node;
const IMAGE = { kind: "image", model: "sandbox/image", params: { resolution: "512" } } as const;
const CHAIN = {
  t: { kind: "text", prompt: "a small harbour" },
  i: { ...IMAGE, prompt: "from the sea" },
  v: { kind: "video", model: "sandbox/video", prompt: "the fog lifts", params: { resolution: "480p", duration: "2s" } },
} as const;
const EDGES = {
  a: { from: "t", to: "i", role: "prompt", order: 0 },
  b: { from: "i", to: "v", role: "first_frame", order: 0 },
} as const;

test("a canvas is run from a plan with its prices, and goes on when the browser is closed", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, CHAIN, EDGES);
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await page.getByRole("button", { name: "Run canvas" }).click();
  const plan = page.getByRole("dialog");
  await plan.getByText("+ 2 nodes of unknown price").waitFor();
  await visit.screenshot("canvas-plan");
  expect(await visit.a11y()).toEqual([]);
  await plan.getByRole("button", { name: "Run 2 nodes" }).dblclick();
  await plan.waitFor({ state: "detached" });
  await visit.leave();

  const again = await (await open()).goto(`/canvas/?id=${canvas}`);
  await card(again, "v").getByRole("button", { name: "Play" }).waitFor({ timeout: 90_000 });
  expect(await tasksOf(pixel, canvas)).toHaveLength(2);
  expect((await documentOf(pixel, canvas)).nodes.v?.pick?.asset).toMatch(/mp4$/);
});

test("a node that failed and may have been charged for is tried again or left out, as the person says", async ({
  open,
  pixel,
}) => {
  const lost = { ...IMAGE.params, extraParams: { sandbox: { fault: "lost_result" } } };
  const canvas = await makeCanvas(pixel, {
    bad: { ...IMAGE, params: lost, prompt: "it gets lost" },
    good: { ...IMAGE, prompt: "it does not" },
  });
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await page.getByRole("button", { name: "Run canvas" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run 2 nodes" }).click();
  const bar = page.locator('[data-run="paused"]');
  await bar.getByText(/^A node failed, and may have been charged for/).waitFor();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("canvas-run-paused");
  await bar.getByRole("button", { name: "Try again" }).click();
  await expect.poll(async () => (await tasksOf(pixel, canvas)).filter(isOf("bad")).length, POLL).toBe(2);
  await bar.getByRole("button", { name: "Skip" }).click();
  await page.locator("[data-run]").waitFor({ state: "detached" });
  await card(page, "good").locator("img").waitFor();
  expect((await tasksOf(pixel, canvas)).filter(isOf("good"))).toHaveLength(1);
});

test("what is up to date is not paid again", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, CHAIN, EDGES);
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await card(page, "i").getByRole("button", { name: "Run", exact: true }).click();
  await card(page, "i").locator("img").waitFor();
  await saved(page);
  await page.getByRole("button", { name: "Run canvas" }).click();
  const plan = page.getByRole("dialog");
  await plan.getByRole("cell", { name: "Kept" }).waitFor();
  await plan.getByRole("button", { name: "Run 1 node" }).click();
  await card(page, "v").getByRole("button", { name: "Play" }).waitFor({ timeout: 90_000 });
  expect(await tasksOf(pixel, canvas)).toHaveLength(2);
});
