/** The source keeps its shape: who imports whom, how long files are, and where words come from. */
import { describe, expect, test } from "vitest";
import { imports, literals, type Source, sources } from "./files";

/** Each room may use those that stand after it. */
const ROOMS = ["app", "features", "ui", "sync", "api", "taste", "document"];
/** Packages that compute and do nothing else. */
const PURE = ["@noble/hashes/"];
const MOST_LINES = 250;
const MEDIAN_LINES = 80;

const all = sources();
const code = all.filter(({ name }) => !name.includes(".test."));
const roomOf = (path: string) => (path.startsWith("src/") ? path.split("/")[1] : undefined);
const featureOf = (path: string) => (path.startsWith("src/features/") ? path.split("/")[2] : undefined);

/** The imports that break a rule, as `file -> import`. */
function breaches(files: Source[], broken: (from: string, to: string) => boolean): string[] {
  return files.flatMap((file) =>
    imports(file)
      .filter((to) => broken(file.name, to))
      .map((to) => `${file.name} -> ${to}`),
  );
}

describe("imports", () => {
  test("there is no room but the known ones", () => {
    expect([...new Set(code.map(({ name }) => roomOf(name)))].filter((room) => !ROOMS.includes(String(room)))).toEqual(
      [],
    );
  });

  test("go from app to features, and on to what knows less", () => {
    const upwards = breaches(code, (from, to) => {
      const room = roomOf(to);
      return room !== undefined && ROOMS.indexOf(room) < ROOMS.indexOf(String(roomOf(from)));
    });
    expect(upwards).toEqual([]);
  });

  test("never go from one feature to another", () => {
    const across = breaches(code, (from, to) => {
      const [mine, theirs] = [featureOf(from), featureOf(to)];
      return mine !== undefined && theirs !== undefined && mine !== theirs;
    });
    expect(across).toEqual([]);
  });

  test("bring neither React nor a browser into the document", () => {
    const impure = breaches(
      code,
      (from, to) =>
        roomOf(from) === "document" && roomOf(to) !== "document" && !PURE.some((name) => to.startsWith(name)),
    );
    expect(impure).toEqual([]);
  });
});

describe("files", () => {
  test(`have ${MOST_LINES} lines at most, and half of them ${MEDIAN_LINES}`, () => {
    expect(all.filter(({ lines }) => lines > MOST_LINES).map(({ name, lines }) => `${name}: ${lines}`)).toEqual([]);
    const lines = code.map((file) => file.lines).sort((one, other) => one - other);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(MEDIAN_LINES);
  });

  test("that are pages only say which screen they show", () => {
    const pages = code.filter(({ name }) => /^src\/app\/.*page\.tsx$/.test(name));
    expect(pages.length).toBeGreaterThan(7);
    expect(pages.filter(({ lines }) => lines > 15).map(({ name }) => name)).toEqual([]);
  });
});

describe("words", () => {
  test("come from the messages, never from the source", () => {
    const written = code.flatMap((file) => literals(file).map((text) => `${file.name}: ${text}`));
    expect(written).toEqual([]);
  });
});

describe("nodes of the canvas", () => {
  test("neither fetch nor ask: what they show is handed to them", () => {
    const nodes = code.filter(({ name }) => name.startsWith("src/features/canvas/nodes/"));
    const asking = nodes.filter(({ text }) =>
      /\bfetch\(|\buse(Suspense|Infinite)?Quer(y|ies)\b|@\/api\/client/.test(text),
    );
    expect(asking.map(({ name }) => name)).toEqual([]);
  });
});

describe("links", () => {
  test("are not prefetched as pages: an export would fetch HTML", () => {
    expect(code.filter(({ text }) => /prefetch(=\{true\}|(?=[\s/>]))(?!=)/.test(text)).map(({ name }) => name)).toEqual(
      [],
    );
  });
});
