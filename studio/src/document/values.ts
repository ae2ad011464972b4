/** Which values may a field have? Only what can be stored: the limits of the server, `domain/canvas`. */

import type { Field, Value } from "./types";

export const MAX_TEXT_BYTES = 64 * 1024;
export const MAX_TITLE = 200;

const ID = /^[a-zA-Z0-9_-]{1,40}$/;
const KINDS = ["text", "image", "video", "audio", "upload", "reference", "frame", "group", "note"];
const ROLES = ["prompt", "system", "reference", "first_frame", "last_frame", "video"];

type Check = (value: unknown) => boolean;
type Shape = { readonly [name: string]: Check };

const id: Check = (value) => typeof value === "string" && ID.test(value);
const text: Check = (value) => typeof value === "string" && bytesOf(value) <= MAX_TEXT_BYTES;
const short: Check = (value) => typeof value === "string" && value.length <= MAX_TITLE;
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const integer: Check = (value) => Number.isSafeInteger(value);
const object: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const point = exactly({ x: number, y: number });
const extent = exactly({ width: number, height: number });
const pick = atMost({ task: short, output: integer, asset: short, text, digest: short });
const run = exactly({ id, at: short, kind: short, body: object });

const FIELDS: { readonly [field: string]: Check } = {
  title: short,
  model: short,
  prompt: text,
  pick,
  run,
  group: id,
  note: text,
};
const REQUIRED: { readonly [field: string]: Check } = {
  position: point,
  size: extent,
  order: integer,
  role: (value) => ROLES.includes(value as string),
};
const NODE = atMost({
  ...FIELDS,
  kind: (value) => KINDS.includes(value as string),
  position: point,
  size: extent,
  params: object,
});

/** Whether a field may have this value; null takes away what is not required. `node` is a whole node. */
export function fits(field: Field | "role" | "order" | "node", value: unknown): boolean {
  if (field === "node")
    return NODE(value) && ["kind", "position", "size"].every((name) => Object.hasOwn(value as object, name));
  if (field.startsWith("params.")) return field.length > "params.".length && value !== undefined;
  const required = REQUIRED[field];
  if (required) return required(value);
  return value === null || FIELDS[field]?.(value) === true;
}

/** How long a text is in UTF-8, exact where it matters: a short text is below the limit in any encoding. */
export function bytesOf(value: string): number {
  return value.length * 3 <= MAX_TEXT_BYTES ? value.length : new TextEncoder().encode(value).length;
}

function atMost(shape: Shape): Check {
  return (value) =>
    object(value) &&
    Object.entries(value as { [name: string]: Value | undefined }).every(
      ([name, content]) => content === undefined || (Object.hasOwn(shape, name) && shape[name]?.(content) === true),
    );
}

function exactly(shape: Shape): Check {
  return (value) => atMost(shape)(value) && Object.keys(shape).every((name) => Object.hasOwn(value as object, name));
}
