/** Where one has been on a canvas: kept in this browser, and never an edit. */

import type { Viewport } from "@xyflow/react";

const PREFIX = "pixel.viewport.";

export function keptViewport(canvas: string): Viewport | undefined {
  try {
    const { x, y, zoom } = JSON.parse(localStorage.getItem(PREFIX + canvas) ?? "null") ?? {};
    return [x, y, zoom].every(Number.isFinite) ? { x, y, zoom } : undefined;
  } catch {
    return undefined;
  }
}

export function keepViewport(canvas: string, { x, y, zoom }: Viewport): void {
  try {
    localStorage.setItem(PREFIX + canvas, JSON.stringify({ x, y, zoom }));
  } catch {
    // Then the canvas opens with all of it in sight.
  }
}
