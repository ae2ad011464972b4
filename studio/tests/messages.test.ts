/** Both languages say the same things, with the same holes to fill. */
import { expect, test } from "vitest";
import en from "../messages/en";
import zh from "../messages/zh";

type Words = { [key: string]: string | Words };

/** Every message by its path. */
function flat(words: Words, path = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value]] : Object.entries(flat(value, `${path}${key}.`)),
    ),
  );
}

/** The names in a message that are filled in: `{count, plural, …}` and `{name}`, but not the words of a case. */
function holes(message: string): string[] {
  const found = message.matchAll(/(?<!(?:=\d+|zero|one|two|few|many|other)\s*)\{\s*(\w+)\s*[,}]/g);
  return [...new Set([...found].map((match) => String(match[1])))].sort();
}

const [english, chinese] = [flat(en), flat(zh)];

test("each message is there in both languages", () => {
  expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
});

test("no message is empty", () => {
  expect(Object.entries({ ...english, ...chinese }).filter(([, text]) => text.trim() === "")).toEqual([]);
});

test("a message has the same holes in both languages", () => {
  const different = Object.entries(english).filter(
    ([key, text]) => `${holes(text)}` !== `${holes(chinese[key] ?? "")}`,
  );
  expect(different.map(([key]) => key)).toEqual([]);
});
