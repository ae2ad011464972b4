/** A closed Pixel: who is not signed in is asked, nothing typed is lost when a session ends, and keys are issued here. */
import { expect } from "vitest";
import { studioTest } from "./studio";

const TOKEN = "an-operator's-token";
const test = studioTest({ PIXEL_ADMIN_TOKEN: TOKEN });
const AS_OPERATOR = { Authorization: `Bearer ${TOKEN}` };
const refusals = [/^401 \/api\//];

test("a wrong key is told to be wrong, and a right one opens the page that was asked for", async ({ open }) => {
  const visit = await open({ refusals });
  const page = await visit.goto("/settings/");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("sign-in-dialog");
  await dialog.getByLabel("API key").fill("pxl_not_this_one");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.getByText("This is no key that works").waitFor();
  await dialog.getByLabel("API key").fill(TOKEN);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "API keys" }).waitFor();
  await visit.settled();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("settings-admin");
  const cookies = await visit.context.cookies();
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
    { name: "pixel_session", httpOnly: true, sameSite: "Strict" },
  ]);
});

test("a session that ends while somebody types costs not a letter", async ({ pixel, open }) => {
  const made = await pixel.ask<{ text: string; key: { id: string } }>(
    "POST",
    "/api/v1/admin/keys",
    { owner: "anna", scopes: ["client"] },
    AS_OPERATOR,
  );
  const visit = await open({ refusals });
  const page = await visit.goto("/sign-in/");
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("sign-in");
  await page.getByLabel("API key").fill(made.text);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Typed before the session ended");

  await visit.context.clearCookies();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  await page.getByLabel("API key").fill(made.text);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Sign in again" }).waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Name" }).inputValue()).toBe("Typed before the session ended");
  await page.getByRole("button", { name: "Create" }).click();
  await page.waitForURL(/\/canvas\/\?id=canvas_/);
});

test("an administrator issues a key, sees it once, and ends it", async ({ pixel, open }) => {
  const visit = await open({ refusals });
  const page = await visit.goto("/sign-in/");
  await page.getByLabel("API key").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByRole("textbox", { name: "Owner" }).fill("the film team");
  await page.getByLabel("Spend at most, per day").fill("5.00");
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("settings-new-key");
  await page.getByRole("button", { name: "Issue it" }).click();
  const text = (await page.getByRole("dialog").locator("code").textContent()) ?? "";
  const who = await pixel.ask<{ owner: string; scopes: string[] }>("GET", "/api/v1/session", undefined, {
    Authorization: `Bearer ${text}`,
  });
  expect(who).toMatchObject({ owner: "the film team", scopes: ["client"] });
  await page.getByRole("button", { name: "I have kept it" }).click();
  expect(await page.content()).not.toContain(text);

  await page
    .getByText("the film team")
    .locator("xpath=ancestor::div[1]")
    .getByRole("button", { name: "Revoke" })
    .click();
  await page.getByLabel("Reason").fill("it was a test");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Revoked").waitFor();
});

test("signing out leads to the sign-in, and what was seen is gone", async ({ open }) => {
  const visit = await open({ refusals });
  const page = await visit.goto("/sign-in/");
  await page.getByLabel("API key").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in\//);
  expect(await visit.context.cookies()).toEqual([]);
  await visit.goto("/settings/");
  await page.getByRole("dialog").getByRole("heading", { name: "Sign in" }).waitFor();
});
