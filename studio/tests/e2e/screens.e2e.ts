/** Every screen opens in both themes and languages, without an error, and with nothing that axe complains of. */
import { describe, expect } from "vitest";
import { studioTest } from "./studio";

const test = studioTest();
const SCREENS = {
  projects: "/",
  gallery: "/gallery/",
  tasks: "/tasks/",
  costs: "/costs/",
  settings: "/settings/",
  missing: "/nothing/here/",
};
const LOOKS = [
  { locale: "en", theme: "light" },
  { locale: "en", theme: "dark" },
  { locale: "zh", theme: "light" },
  { locale: "zh", theme: "dark" },
] as const;

describe.each(LOOKS)("$locale, $theme", (look) => {
  test.for(Object.entries(SCREENS))("%s", async ([name, path], { open }) => {
    const visit = await open({ ...look, refusals: ["404 /studio/nothing/here/"] });
    const page = await visit.goto(path);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(look.locale);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(look.theme);
    expect(await visit.a11y()).toEqual([]);
    await visit.screenshot(name);
  });
});

test("on a phone nothing is wider than the screen", async ({ open }) => {
  const visit = await open({ width: 390, height: 844 });
  for (const [name, path] of Object.entries(SCREENS)) {
    if (name === "missing") continue;
    const page = await visit.goto(path);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await visit.a11y()).toEqual([]);
    await visit.screenshot(`phone-${name}`);
  }
});

test("the navigation leads everywhere without loading a page anew", async ({ open }) => {
  const visit = await open();
  const page = await visit.goto("/");
  await page.evaluate(() => Object.assign(globalThis, { before: true }));
  for (const name of ["Gallery", "Tasks", "Costs", "Settings", "Projects"]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  }
  expect(await page.evaluate(() => "before" in globalThis)).toBe(true);
});
