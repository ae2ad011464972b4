/** Are two requests the same? Their digests are. Python makes the same ones in `domain/canvas/requests.py`.
 *
 * WebCrypto answers asynchronously, and only on pages that were loaded by https or from this machine. Which nodes are
 * stale is asked while the canvas is drawn, and many a Pixel stands in a local network; so a library is used. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Value } from "./types";

/** The first 16 hex digits of the SHA-256 of a value's canonical JSON. */
export function digest(value: Value): string {
  return bytesToHex(sha256(new TextEncoder().encode(canonical(value)))).slice(0, 16);
}

/** JSON without spaces, names sorted by code point: one text for equal values. */
export function canonical(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const names = Object.keys(value).sort(byCodePoint);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(",")}}`;
}

/** JavaScript compares by UTF-16 units, which puts U+1F600 before U+FF01. */
function byCodePoint(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
