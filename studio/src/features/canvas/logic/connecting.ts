/** Where does an edge go that is dropped on a node, and why does one not go there? */

import { type EdgeReason, refusal, rolesBetween } from "@/document/topology";
import { entry, type Graph, type Role } from "@/document/types";
import { findModel, type ModelsByType, slotsOf } from "./models";

/** Why two nodes can't be connected in a role; undefined: they can. What the model takes counts, too. */
export function whyNotConnect(
  graph: Graph,
  models: ModelsByType | undefined,
  edge: { from: string; to: string; role: Role },
): EdgeReason | undefined {
  const to = entry(graph.nodes, edge.to);
  const slots = to ? slotsOf(graph, edge.to, to, findModel(models, to.kind, to.model)) : {};
  return refusal(graph, edge, slots);
}

/** The first role in which one node can be used by another, or why in none. */
export function roleFor(
  graph: Graph,
  models: ModelsByType | undefined,
  from: string,
  to: string,
): { role: Role } | { reason: EdgeReason } {
  const [source, target] = [entry(graph.nodes, from), entry(graph.nodes, to)];
  if (!source || !target) return { reason: "edge.missing" };
  if (from === to) return { reason: "edge.self" };
  let first: EdgeReason = "edge.role";
  for (const role of rolesBetween(source, target)) {
    const reason = whyNotConnect(graph, models, { from, to, role });
    if (!reason) return { role };
    if (first === "edge.role") first = reason;
  }
  return { reason: first };
}
