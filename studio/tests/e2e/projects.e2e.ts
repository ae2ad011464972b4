/** Projects and their canvases: from nothing to a canvas, other names, put away and taken out again. */
import type { Route } from "playwright-core";
import { expect } from "vitest";
import { studioTest } from "./studio";

const test = studioTest();

test("from an empty Pixel to a canvas in three clicks, and made once however often it is clicked", async ({
  pixel,
  open,
}) => {
  const visit = await open();
  const page = await visit.goto("/");
  await visit.screenshot("projects-empty");
  await page.getByRole("button", { name: "New project" }).click();
  expect(await visit.a11y()).toEqual([]);
  await visit.screenshot("projects-new");
  await page.getByRole("textbox", { name: "Name" }).fill("The harbour");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).dblclick();
  await page.waitForURL(/\/studio\/canvas\/\?id=canvas_/);
  const { projects } = await pixel.ask<{ projects: { name: string }[] }>("GET", "/api/v1/projects");
  expect(projects.map((project) => project.name)).toEqual(["The harbour"]);
});

test("a project shows its canvases, and each can be renamed, archived and restored", async ({ pixel, open }) => {
  const project = await pixel.ask<{ id: string }>("POST", "/api/v1/projects", { name: "Film" });
  await pixel.ask("POST", "/api/v1/canvases", { project: project.id, name: "Storyboard" });
  const visit = await open();
  const page = await visit.goto("/");
  await page.getByRole("link", { name: "Film" }).click();
  await page.getByRole("heading", { level: 1, name: "Film" }).waitFor();
  expect(await visit.a11y()).toEqual([]);

  await page.getByRole("button", { name: "What can be done with “Storyboard”" }).click();
  expect(await visit.a11y()).toEqual([]);
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Scene 1");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Scene 1" }).waitFor();

  // The list without it comes first, and with that its tile goes, before the change is over.
  const afterTheList = async (route: Route) => {
    await page.getByText("This project has no canvas yet").waitFor();
    await route.continue();
  };
  await page.route("**/api/v1/projects/*", afterTheList, { times: 1 });
  await page.getByRole("button", { name: "What can be done with “Scene 1”" }).click();
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await page.getByText("This project has no canvas yet").waitFor();
  await visit.screenshot("canvases-archived");
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: "Scene 1" }).waitFor();
});

test("a project that is another's, or none, is said to be so", async ({ open }) => {
  const nobodys = "project_01h455vb4pex5vsknk084sn02q";
  const visit = await open({ refusals: [/^404 \/api\/v1\/projects\/project_/, /^404 \/api\/v1\/canvases/] });
  const page = await visit.goto(`/?project=${nobodys}`);
  await page.getByRole("alert").getByText("It does not exist, or it is not yours.").waitFor();
  expect(await visit.a11y()).toEqual([]);
});
