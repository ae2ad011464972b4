/** How many edges go into each node, by role? Counted once for all nodes, as long as the edges are the same. */

import type { Edges, Role } from "@/document/types";

type Used = { readonly [role in Role]?: number };

const NONE: Used = {};
const known = new WeakMap<Edges, Map<string, { [role in Role]?: number }>>();

export function usedPlaces(edges: Edges, node: string): Used {
  let counts = known.get(edges);
  if (!counts) {
    counts = new Map();
    for (const { to, role } of Object.values(edges)) {
      const used = counts.get(to) ?? {};
      counts.set(to, used);
      used[role] = (used[role] ?? 0) + 1;
    }
    known.set(edges, counts);
  }
  return counts.get(node) ?? NONE;
}
