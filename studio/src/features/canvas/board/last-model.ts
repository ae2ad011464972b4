/** The model that was chosen last for each kind of node: the next new node begins with it. Kept in this browser. */

import type { NodeKind } from "@/document/types";

const KEPT = "pixel.models";

export function lastModel(kind: NodeKind): string | undefined {
  const found = kept()[kind];
  return typeof found === "string" ? found : undefined;
}

export function rememberModel(kind: NodeKind, model: string): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [kind]: model }));
  } catch {
    // Then new nodes begin with the default.
  }
}

function kept(): { [kind: string]: unknown } {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") ?? {};
  } catch {
    return {};
  }
}
