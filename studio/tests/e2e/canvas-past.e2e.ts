/** What was on a canvas is never lost: versions, results of nodes that are gone, files, copies. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { card, documentOf, makeCanvas, promptOf, runButton, saved, tasksOf } from "./canvas";
import { studioTest } from "./studio";

const test = studioTest();
const IMAGE = { kind: "image", model: "sandbox/image", params: { resolution: "512" } } as const;

/** Let go of a file over the middle of the board. */
async function drop(page: Page, name: string, type: string, content: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([name, type, content]) => {
      const bytes = Uint8Array.from(atob(content ?? ""), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name ?? "", { type: type ?? "" }));
      return transfer;
    },
    [name, type, content],
  );
  await page.locator(".react-flow").dispatchEvent("drop", { dataTransfer: data, clientX: 700, clientY: 400 });
}

test("an earlier version is looked at, named, gone back to, and made a canvas of its own", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
  const { version } = await documentOf(pixel, canvas);
  const visit = await open();
  const page = await visit.goto(`/canvas/?id=${canvas}`);
  await promptOf(card(page, "n")).fill("a quay");
  await saved(page);
  await page.getByRole("button", { name: "History" }).click();
  const panel = page.getByRole("complementary", { name: "History" });
  await panel.getByRole("slider", { name: "Version" }).fill(String(version));
  const past = page.getByRole("img", { name: `Version ${version}` });
  await expect.poll(() => promptOf(past).inputValue()).toBe("a pier");
  await visit.screenshot("canvas-past");
  expect(await visit.a11y()).toEqual([]);

  await panel.getByRole("button", { name: "Name", exact: true }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Before the quay");
  await page.keyboard.press("Enter");
  await panel.getByText("Before the quay").waitFor();

  await panel.getByRole("button", { name: "Go back to it" }).click();
  await expect.poll(() => promptOf(card(page, "n")).inputValue()).toBe("a pier");
  await saved(page);
  expect((await documentOf(pixel, canvas)).nodes.n?.prompt).toBe("a pier");

  await panel.getByRole("button", { name: "Fork" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Fork" }).click();
  await page.waitForURL((url) => (url.searchParams.get("id") ?? canvas) !== canvas);
  await card(page, "n").waitFor();
  expect(await promptOf(card(page, "n")).inputValue()).toBe("a pier");
});

test("the result of a node that was removed in the meantime is offered, and placed again", async ({ open, pixel }) => {
  const slow = { ...IMAGE.params, extraParams: { sandbox: { latency: 3 } } };
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier", params: slow } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await runButton(card(page, "n")).click();
  await expect.poll(() => tasksOf(pixel, canvas), { timeout: 60_000 }).toHaveLength(1);
  await card(page, "n").locator("h2").click();
  await page.keyboard.press("Delete");
  await card(page, "n").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "1 without a place" }).click();
  await page.getByRole("button", { name: "Put on the canvas" }).click();
  await page.locator(".react-flow__node-reference img").waitFor();
  await saved(page);
  expect(Object.values((await documentOf(pixel, canvas)).nodes).map(({ pick }) => pick?.asset !== undefined)).toEqual([
    true,
  ]);
});

test("a file that is dropped becomes a node, and one that is no media is refused in words", async ({ open, pixel }) => {
  const canvas = await makeCanvas(pixel);
  const page = await (await open({ refusals: ["415 /api/v1/assets"] })).goto(`/canvas/?id=${canvas}`);
  const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await drop(page, "dot.png", "image/png", dot);
  await page.locator(".react-flow__node-upload img").waitFor();
  await drop(page, "letter.docx", "application/msword", btoa("dear all"));
  await page.getByText("letter.docx was not taken").waitFor();
});

test("what is copied and pasted is there twice, with its result and without a second payment", async ({
  open,
  pixel,
}) => {
  const canvas = await makeCanvas(pixel, { n: { ...IMAGE, prompt: "a pier" } });
  const page = await (await open()).goto(`/canvas/?id=${canvas}`);
  await runButton(card(page, "n")).click();
  await card(page, "n").locator("img").waitFor();
  await card(page, "n").locator("h2").click();
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Control+v");
  await page.keyboard.press("Control+d");
  await expect.poll(() => page.locator(".react-flow__node img").count()).toBe(3);
  await saved(page);
  expect(await tasksOf(pixel, canvas)).toHaveLength(1);
});
