/** The task centre and the page of a task: doubts first and with their verbs, ways on, history, and a slider back. */
import { afterAll, describe, expect } from "vitest";
import en from "../../messages/en";
import zh from "../../messages/zh";
import { ForgetfulProvider } from "./forgetful-provider";
import type { Pixel } from "./pixel";
import { AS_ADMIN, ask, ended, PNG, TOKEN } from "./sandbox";
import { type Open, studioTest } from "./studio";
import type { Wish } from "./visit";

const provider = await ForgetfulProvider.start();
afterAll(() => provider.close());
const test = studioTest({ PIXEL_ADMIN_TOKEN: TOKEN, ...provider.settings });
const WORDS = { en, zh };

/** A window of whoever administers this Pixel. */
async function admin(open: Open, wish?: Wish) {
  const visit = await open(wish);
  await visit.context.setExtraHTTPHeaders(AS_ADMIN);
  return visit;
}

/** A task whose order may have arrived: the answer was lost, and this provider can't be asked. */
async function inDoubt(pixel: Pixel, prompt: string): Promise<string> {
  const body = { model: "modelscope/qwen-image", prompt };
  const made = await pixel.ask<{ task_id: string }>("POST", "/api/v1/generations/image", body, AS_ADMIN);
  await ended(pixel, made.task_id);
  return made.task_id;
}

test("without a task there is a first step", async ({ open }) => {
  const visit = await admin(open);
  const page = await visit.goto("/tasks/");
  await page.getByRole("heading", { name: en.tasks.empty.title }).waitFor();
  await visit.screenshot("tasks-empty");
  await page.getByRole("link", { name: en.tasks.empty.start }).click();
  await page.waitForURL(/\/studio\/$/);
});

test("what is in doubt stands first; giving it up is asked for, recorded, and settles it", async ({ open, pixel }) => {
  const task = await inDoubt(pixel, "a pier in the rain");
  await ended(pixel, await ask(pixel, "image", { prompt: "a lighthouse at dawn" }));
  const visit = await admin(open);
  const page = await visit.goto("/tasks/");
  const doubts = page.getByRole("region", { name: "One order of unknown outcome" });
  await doubts.waitFor();
  expect(await page.getByRole("heading", { level: 2 }).first().textContent()).toContain("unknown outcome");
  expect(await visit.a11y()).toEqual([]);

  await doubts.getByRole("button", { name: en.tasks.verb.abandon.name }).click();
  const dialog = page.getByRole("dialog");
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("tasks-settle");
  await dialog.getByLabel(en.tasks.settle.by).fill("anna");
  await dialog.getByLabel(en.tasks.settle.note).fill("not in the console");
  await dialog.getByRole("button", { name: en.tasks.verb.abandon.name }).click();
  await page.getByText(en.tasks.verb.abandon.done).waitFor();
  await doubts.waitFor({ state: "detached" });

  await visit.goto(`/task/?id=${task}`);
  await page.getByText("anna decided: give the order up").first().waitFor();
  await page.getByText("not in the console").waitFor();
});

test("a result that was found is attached, and the task ends well without another order", async ({ open, pixel }) => {
  const task = await inDoubt(pixel, "a castle on a hill");
  const visit = await admin(open);
  const page = await visit.goto("/tasks/");
  await page.getByRole("button", { name: en.tasks.verb.attach.name }).click();
  const dialog = page.getByRole("dialog");
  await dialog
    .getByLabel(en.tasks.settle.files)
    .setInputFiles({ name: "found.png", mimeType: "image/png", buffer: PNG });
  await dialog.getByLabel(en.tasks.settle.by).fill("anna");
  await dialog.getByRole("button", { name: en.tasks.verb.attach.name }).click();
  await page.getByText(en.tasks.verb.attach.done).waitFor();
  expect((await ended(pixel, task)).status).toBe("completed");
  const history = await pixel.ask<{ events: { type: string }[] }>(
    "GET",
    `/api/v1/tasks/${task}/history`,
    undefined,
    AS_ADMIN,
  );
  expect(history.events.filter(({ type }) => type === "ProviderCalled")).toHaveLength(1);
});

test("who may not decide sees the own doubts, and that somebody else decides", async ({ open, pixel }) => {
  const { text } = await pixel.ask<{ text: string }>(
    "POST",
    "/api/v1/admin/keys",
    { owner: "ben", scopes: ["client"] },
    AS_ADMIN,
  );
  const mine = { Authorization: `Bearer ${text}` };
  const body = { model: "modelscope/qwen-image", prompt: "a bridge" };
  const { task_id } = await pixel.ask<{ task_id: string }>("POST", "/api/v1/generations/image", body, mine);
  await pixel.ask("GET", `/api/v1/tasks/${task_id}`, undefined, { ...mine, Prefer: "wait=20" });
  const visit = await open();
  await visit.context.setExtraHTTPHeaders(mine);
  const page = await visit.goto("/tasks/");
  const doubts = page.getByRole("region", { name: /unknown outcome/ });
  await doubts.getByText(en.tasks.doubts.othersDecide).waitFor();
  await doubts.getByRole("link", { name: "a bridge" }).waitFor();
  expect(await doubts.getByRole("button").count()).toBe(0);
  expect(await visit.a11y()).toEqual([]);
});

test("a running task can be stopped, and news comes by itself", async ({ open, pixel }) => {
  const visit = await admin(open);
  const page = await visit.goto("/tasks/");
  await ask(pixel, "image", { prompt: "a slow river" }, { latency: 600 });
  const row = page.getByRole("listitem").filter({ hasText: "a slow river" });
  await row.getByText(en.tasks.state.making).waitFor();
  await row.getByRole("button", { name: en.tasks.way.cancel }).click();
  await row.getByText(en.tasks.state.cancelled, { exact: true }).waitFor();
  await row.getByText(en.tasks.cost.notCharged).waitFor();
});

test("what failed for free is made again by one click, once for a double click", async ({ open, pixel }) => {
  await ended(pixel, await ask(pixel, "image", { prompt: "a broken mill" }, { fault: "failed" }));
  const visit = await admin(open);
  const page = await visit.goto("/tasks/?show=failed");
  const row = page.getByRole("listitem").filter({ hasText: "a broken mill" }).first();
  await row.getByRole("button", { name: en.tasks.way.rerun }).dblclick();
  await page.getByText(en.tasks.way.done.rerun).first().waitFor();
  const { tasks } = await pixel.ask<{ tasks: { params: { prompt?: string } }[] }>(
    "GET",
    "/api/v1/tasks",
    undefined,
    AS_ADMIN,
  );
  expect(tasks.filter(({ params }) => params.prompt === "a broken mill")).toHaveLength(2);
});

test("what was refused for its prompt is made with another one", async ({ open, pixel }) => {
  const body = { prompt: "a forbidden garden" };
  await ended(pixel, await ask(pixel, "image", body, { fault: "content_rejected" }));
  const visit = await admin(open);
  const page = await visit.goto("/tasks/?show=failed");
  const row = page.getByRole("listitem").filter({ hasText: "a forbidden garden" });
  await row.getByRole("button", { name: en.tasks.way.edit }).click();
  const dialog = page.getByRole("dialog");
  expect(await visit.a11y()).toEqual([]);
  expect(await dialog.getByRole("button", { name: en.tasks.edit.make }).isDisabled()).toBe(true);
  await dialog.getByLabel(en.tasks.edit.prompt).fill("an open garden");
  await dialog.getByRole("button", { name: en.tasks.edit.make }).click();
  await page.waitForURL(/\/task\/\?id=/);
  await page.getByText("an open garden").first().waitFor();
});

test("the filters stand in the address and survive a reload", async ({ open, pixel }) => {
  await ended(pixel, await ask(pixel, "audio", { prompt: "good morning" }));
  const visit = await admin(open);
  const page = await visit.goto("/tasks/");
  await page.getByLabel(en.tasks.filter.kind).selectOption("audio");
  await page.waitForURL(/kind=audio/);
  await page.reload();
  await page.getByRole("link", { name: "good morning" }).waitFor();
  await visit.settled();
  expect(await page.getByRole("link", { name: "a broken mill" }).count()).toBe(0);
});

test("the slider shows what was known at each moment, by keyboard alone", async ({ open, pixel }) => {
  const task = await ask(pixel, "image", { prompt: "an old town" });
  await ended(pixel, task);
  const visit = await admin(open);
  const page = await visit.goto(`/task/?id=${task}`);
  const result = page.getByRole("region", { name: en.tasks.result });
  await result.getByRole("img", { name: "an old town" }).waitFor();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("task");

  const slider = page.getByRole("slider", { name: en.task.slider.name });
  await slider.focus();
  await page.keyboard.press("Home");
  await result.getByText(en.tasks.state.queued).waitFor();
  expect(await result.getByRole("img").count()).toBe(0);
  await page.keyboard.press("ArrowRight");
  await result.getByText(en.tasks.state.submitting).waitFor();
  expect(await visit.a11y()).toEqual([]);
  await page.getByRole("button", { name: en.task.slider.toNow }).press("Enter");
  await result.getByText(en.tasks.state.completed).waitFor();
});

test("a task that is not there says so", async ({ open }) => {
  const visit = await open({ refusals: [/^404 \/api\/v1\/tasks\//, /^401 /] });
  await visit.context.setExtraHTTPHeaders(AS_ADMIN);
  const page = await visit.goto("/task/?id=task_00000000000000000000000000");
  await page.getByRole("heading", { name: en.task.none }).waitFor();
  expect(await visit.a11y()).toEqual([]);
});

describe.each([
  { locale: "en", theme: "light" },
  { locale: "en", theme: "dark" },
  { locale: "zh", theme: "light" },
  { locale: "zh", theme: "dark" },
] as const)("$locale, $theme", (look) => {
  test("both screens are whole, on a desk and on a phone", async ({ open, pixel }) => {
    await inDoubt(pixel, "灯塔 in the fog");
    const running = await ask(pixel, "video", { prompt: "clouds over a lake" }, { latency: 600 });
    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const visit = await admin(open, { ...look, ...size });
      const page = await visit.goto("/tasks/");
      await page.getByRole("heading", { name: WORDS[look.locale].tasks.section.running }).waitFor();
      expect(await visit.a11y()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
      await visit.screenshot(`tasks-${size.width}`);
      await visit.goto(`/task/?id=${running}`);
      await page.getByRole("heading", { name: WORDS[look.locale].task.history }).waitFor();
      expect(await visit.a11y()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
      await visit.screenshot(`task-${size.width}`);
    }
    await pixel.ask("POST", `/api/v1/tasks/${running}/cancel`, undefined, AS_ADMIN);
  });
});
