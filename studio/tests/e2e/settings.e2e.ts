/** Taste is kept in the browser and the same in all of its tabs; an open Pixel is administered from its own machine. */
import { expect } from "vitest";
import { studioTest } from "./studio";

const test = studioTest();

test("language and theme change at once, in every tab, and stay after a reload", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/settings/");
  const second = await visit.context.newPage();
  await second.goto(`${visit.url}/studio/gallery/`);
  await second.getByRole("heading", { level: 1, name: "Gallery" }).waitFor();

  await page.getByRole("radio", { name: "中文" }).click();
  await page.getByRole("heading", { level: 1, name: "设置" }).waitFor();
  await second.getByRole("heading", { level: 1, name: "图库" }).waitFor();
  await page.getByRole("radio", { name: "深色" }).click();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "设置" }).waitFor();
  expect(await page.evaluate(() => ({ ...document.documentElement.dataset }))).toEqual({ theme: "dark" });
  expect(await second.evaluate(() => ({ ...document.documentElement.dataset }))).toEqual({ theme: "dark" });
});

test("the first key that is issued here closes Pixel, and signs in", async ({ pixel, open }) => {
  const visit = await open({ refusals: [/^401 \/api\//] });
  const page = await visit.goto("/settings/");
  await page.getByText("This Pixel is open").waitFor();
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByRole("textbox", { name: "Owner" }).fill("me");
  await page.getByLabel("Everything, and administration").check();
  await page.getByRole("button", { name: "Issue it" }).click();
  const text = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByText("This Pixel is open").waitFor({ state: "detached" });
  await page.getByText("me", { exact: true }).first().waitFor();
  expect((await visit.context.cookies()).map(({ name }) => name)).toEqual(["pixel_session"]);
  expect(text).toMatch(/^pxl_/);
  const refused = await fetch(`${pixel.url}/api/v1/tasks`);
  expect(refused.status).toBe(401);
});
