/** Keys mean the same on every machine, and nothing while an input method composes. */
import { expect, test } from "vitest";
import { isElsewhere, keyOf } from "./keys";

const press = (key: string, rest: KeyboardEventInit = {}) => keyOf(new KeyboardEvent("keydown", { key, ...rest }));

test("Ctrl and Cmd are one key, and both ways to redo are one", () => {
  expect(press("k", { ctrlKey: true })).toBe("mod+k");
  expect(press("k", { metaKey: true })).toBe("mod+k");
  expect(press("Z", { ctrlKey: true, shiftKey: true })).toBe("mod+shift+z");
  expect(press("y", { ctrlKey: true })).toBe("mod+shift+z");
});

test("a question mark is itself wherever it stands on the keyboard", () => {
  expect(press("?", { shiftKey: true })).toBe("?");
  expect(press("Backspace")).toBe("delete");
});

test("an input method keeps its keys", () => {
  const event = new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true });
  Object.defineProperty(event, "isComposing", { value: true });
  expect(keyOf(event)).toBeUndefined();
});

test("what is typed into a field or a dialog does not reach the canvas", () => {
  document.body.innerHTML = "<textarea></textarea><dialog><p></p></dialog><main></main>";
  expect(isElsewhere(document.querySelector("textarea"))).toBe(true);
  expect(isElsewhere(document.querySelector("p"))).toBe(true);
  expect(isElsewhere(document.querySelector("main"))).toBe(false);
});
