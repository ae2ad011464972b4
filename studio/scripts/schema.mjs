// Writes src/api/schema.d.ts from the OpenAPI document on standard input; with --check, says whether it is the same.
import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import openapi, { astToString } from "openapi-typescript";

const file = new URL("../src/api/schema.d.ts", import.meta.url);
const head = "// Made from Pixel's own /openapi.json by `make studio-schema`. Do not edit.\n\n";
// Pixel leaves out what has its default, in answers too, so a default makes no field certain.
const document = JSON.parse(await text(process.stdin));
const made = head + astToString(await openapi(document, { defaultNonNullable: false }));

if (!process.argv.includes("--check")) {
  writeFileSync(file, made);
} else if (readFileSync(file, "utf8") !== made) {
  process.stderr.write("studio/src/api/schema.d.ts is not what /openapi.json gives: run `make studio-schema`\n");
  process.exit(1);
}
