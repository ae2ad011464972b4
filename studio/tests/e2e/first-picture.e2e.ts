/** The first minute: an empty Pixel, a person who has never seen it, and a picture. */
import { expect } from "vitest";
import { countClicks, onlyCard, promptOf, runButton } from "./canvas";
import { studioTest } from "./studio";

const test = studioTest();

test("from an empty Pixel to a picture in six clicks", async ({ open }) => {
  const visit = await open();
  const clicks = await countClicks(visit.context);
  const page = await visit.goto("/");
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("The harbour");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("button", { name: "Image", exact: true }).click();
  await onlyCard(page).getByRole("button", { name: "Sandbox Image" }).click();
  const models = page.getByRole("dialog");
  await models.getByRole("button", { name: /^Sandbox Image/ }).click();
  await promptOf(onlyCard(page)).fill("a lighthouse at dusk");
  await runButton(onlyCard(page)).click();
  await onlyCard(page).locator("img").waitFor();
  expect(clicks()).toBe(6);
});
