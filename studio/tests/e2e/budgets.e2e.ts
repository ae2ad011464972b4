/** Budgets: how much of each is committed, what runs included, as it is now. */
import { join } from "node:path";
import { expect } from "vitest";
import en from "../../messages/en";
import { ask, ended } from "./sandbox";
import { studioTest } from "./studio";

const test = studioTest({ PIXEL_CATALOG: join(import.meta.dirname, "budgets.yaml"), PIXEL_SANDBOX_STANDS_IN_FOR: "" });

test("the budgets say what is left of them", async ({ open, pixel }) => {
  await ended(pixel, await ask(pixel, "image", { prompt: "a lighthouse", projectId: "comic" }));
  await ask(pixel, "image", { prompt: "a slow one" }, { latency: 600 });
  const visit = await open();
  const page = await visit.goto("/costs/");
  await page.getByText("and up to ¥0.20 for what runs now").waitFor();
  const budgets = page.getByRole("region", { name: en.costs.budgets.title });
  await budgets.getByText("¥0.40 of ¥1.00").waitFor();
  await budgets.getByText("¥0.20 of ¥0.50").waitFor();
  expect(await budgets.getByRole("progressbar", { name: "Today: everything" }).getAttribute("value")).toBe("40");
  expect(await budgets.getByRole("progressbar", { name: "Today: comic" }).getAttribute("value")).toBe("40");
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("budgets");

  await ended(pixel, await ask(pixel, "image", { prompt: "one more", projectId: "comic" }));
  await budgets.getByText("¥0.60 of ¥1.00").waitFor();
});
