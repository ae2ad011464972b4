/** Costs: exact sums by currency, what is unknown apart from them, as bars and as a table, in both languages. */
import { describe, expect } from "vitest";
import en from "../../messages/en";
import zh from "../../messages/zh";
import { ask, ended } from "./sandbox";
import { studioTest } from "./studio";

const test = studioTest({ PIXEL_SANDBOX_STANDS_IN_FOR: "dashscope" });
const WORDS = { en, zh };
const PRICED = { model: "dashscope/qwen-image", prompt: "a lighthouse" };

test("where nothing was spent there is a first step", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/costs/");
  await page.getByRole("heading", { name: en.costs.empty.title }).waitFor();
  expect(await visit.a11y()).toEqual([]);
});

test("sums are exact, free failures cost nothing, and what is unknown is said to be", async ({ open, pixel }) => {
  for (let made = 0; made < 3; made++) await ended(pixel, await ask(pixel, "image", PRICED));
  await ended(pixel, await ask(pixel, "image", { prompt: "no price" }));
  await ended(pixel, await ask(pixel, "image", { prompt: "for free" }, { fault: "failed" }));
  const visit = await open();
  const page = await visit.goto("/costs/");
  const sums = page.getByRole("region", { name: en.costs.totals });
  await sums.getByText("¥0.60").waitFor();
  await sums.getByText("in 30 days, for 3 tasks").waitFor();
  await sums.getByText(/^Of one task nobody knows/).waitFor();

  await page.getByRole("radio", { name: en.costs.by.model }).click();
  await page.getByRole("radio", { name: en.costs.form.table }).click();
  const row = page.getByRole("row", { name: /dashscope\/qwen-image/ });
  await row.waitFor();
  expect((await row.getByRole("cell").allTextContents()).slice(1)).toEqual(["3", "¥0.60"]);
  expect(await visit.a11y()).toEqual([]);
  await page.reload();
  await row.waitFor();
});

describe.each([
  { locale: "en", theme: "light" },
  { locale: "en", theme: "dark" },
  { locale: "zh", theme: "light" },
  { locale: "zh", theme: "dark" },
] as const)("$locale, $theme", (look) => {
  test("the screen is whole, on a desk and on a phone", async ({ open }) => {
    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const visit = await open({ ...look, ...size });
      for (const query of ["", "?by=model", "?by=project&form=table"]) {
        const page = await visit.goto(`/costs/${query}`);
        await page.getByRole("region", { name: WORDS[look.locale].costs.totals }).waitFor();
        expect(await visit.a11y()).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
        await visit.screenshot(`costs-${size.width}${query.slice(4, 9)}`);
      }
    }
  });
});
