/** The studio's own source files, as the laws about all of them read them. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

export const STUDIO = join(import.meta.dirname, "..");

export type Source = { name: string; text: string; lines: number };

/** Every .ts and .tsx below a folder of the studio, but for what is generated. */
export function sources(folder = "src"): Source[] {
  return readdirSync(join(STUDIO, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && entry.name !== "schema.d.ts")
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }))
    .map(({ path, text }) => ({ name: relative(STUDIO, path), text, lines: text.trimEnd().split("\n").length }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What a file imports, as a path from the studio's folder where it is one of its own files. */
export function imports(source: Source): string[] {
  return ts.preProcessFile(source.text).importedFiles.map(({ fileName }) => {
    if (fileName.startsWith("@/")) return `src/${fileName.slice(2)}`;
    return fileName.startsWith(".") ? join(source.name, "..", fileName) : fileName;
  });
}

/** The words that a file shows without asking the messages: text between tags, and attributes that are read or seen. */
export function literals(source: Source): string[] {
  const file = ts.createSourceFile(source.name, source.text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SEEN.has(node.name.getText(file))) {
      const value = node.initializer;
      if (value && ts.isStringLiteral(value) && /\p{L}/u.test(value.text)) found.push(value.text);
    }
    if (ts.isStringLiteralLike(node) && /\p{Script=Han}/u.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const SEEN = new Set(["aria-label", "title", "alt", "placeholder", "label", "text", "hint", "description"]);
