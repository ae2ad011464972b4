/** Language and theme: what was chosen is kept, and what is kept wrongly does no harm. */
import { beforeEach, expect, test } from "vitest";
import { applyTheme, followOtherTabs, loadTaste, setTaste, useTaste } from "./taste";

const KEPT = "pixel.taste";

beforeEach(() => {
  localStorage.clear();
  useTaste.setState({ taste: null });
});

test("what was chosen is there after a reload", () => {
  setTaste({ locale: "zh" });
  setTaste({ theme: "dark" });
  useTaste.setState({ taste: null });
  loadTaste();
  expect(useTaste.getState().taste).toEqual({ locale: "zh", theme: "dark" });
});

test.each(["", "null", "[", '{"locale":"fr","theme":"pink"}', '{"theme":1}'])(
  "%j in the browser is as if nothing were",
  (text) => {
    localStorage.setItem(KEPT, text);
    loadTaste();
    expect(useTaste.getState().taste).toEqual({ locale: "en", theme: "system" });
  },
);

test("another tab's choice is heard", () => {
  loadTaste();
  const stop = followOtherTabs();
  localStorage.setItem(KEPT, '{"locale":"zh","theme":"light"}');
  dispatchEvent(Object.assign(new Event("storage"), { key: KEPT }));
  stop();
  expect(useTaste.getState().taste).toEqual({ locale: "zh", theme: "light" });
});

test("a theme that was chosen does not follow the system", () => {
  for (const theme of ["dark", "light"] as const) {
    const stop = applyTheme(theme);
    expect(document.documentElement.dataset.theme).toBe(theme);
    stop();
  }
});
