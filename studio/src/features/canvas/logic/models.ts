/** Which models can a node use, and how many inputs does each take? All from `GET /api/v1/models`. */

import type { components } from "@/api/schema";
import type { Slots } from "@/document/topology";
import type { CanvasNode, GenerationKind, Graph, NodeKind, Role } from "@/document/types";

import { usedPlaces } from "./used-places";

export type Model = components["schemas"]["ModelView"];
export type ModelsByType = components["schemas"]["ModelsByType"];

/** The word that the models have for what a node makes. */
const TYPES: { [kind in NodeKind]?: keyof ModelsByType } = {
  image: "image",
  video: "video",
  audio: "audio",
  text: "llm",
};

export const GENERATING: readonly NodeKind[] = ["text", "image", "video", "audio"];

export function makes(kind: NodeKind): kind is GenerationKind {
  return TYPES[kind] !== undefined;
}

/** The models for a kind of node: those that can be asked now first, the default before the others, retired ones never. */
export function modelsFor(models: ModelsByType | undefined, kind: NodeKind): Model[] {
  const type = TYPES[kind];
  if (!models || !type) return [];
  const rank = (model: Model) => (model.enabled ? 0 : 2) + (model.is_default ? 0 : 1);
  return Object.values(models[type])
    .filter((model) => !model.retired)
    .sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

export function findModel(models: ModelsByType | undefined, kind: NodeKind, id: string | undefined): Model | undefined {
  const type = TYPES[kind];
  return models && type && id !== undefined ? models[type][id] : undefined;
}

/** The model that a new node begins with: the one used last, else the first that can be asked. */
export function firstModel(models: ModelsByType | undefined, kind: NodeKind, last?: string): string | undefined {
  const offered = modelsFor(models, kind).filter(({ enabled }) => enabled);
  return (offered.find(({ id }) => id === last) ?? offered[0])?.id;
}

/** How many images a model takes. */
export function imagesTaken(model: Model | undefined): number {
  const schema = model?.input_schema as { properties?: { imageInputs?: { maxItems?: number } } } | undefined;
  return schema?.properties?.imageInputs?.maxItems ?? 0;
}

/** The free places of a node for each role that takes images. They share one list, so each edge takes a place of all. */
export function slotsOf(graph: Graph, id: string, node: CanvasNode, model: Model | undefined): Slots {
  if (!model || (node.kind !== "image" && node.kind !== "video")) return {};
  const most = imagesTaken(model);
  const places = usedPlaces(graph.edges, id);
  const used = (role: Role) => places[role] ?? 0;
  const free = Math.max(0, most - used("reference") - used("first_frame") - used("last_frame"));
  if (node.kind === "image") return { reference: most };
  return {
    first_frame: Math.min(1, used("first_frame") + free),
    last_frame: most > 1 ? Math.min(1, used("last_frame") + free) : 0,
    reference: most > 1 ? used("reference") + free : 0,
  };
}

/** The places at which a node takes something, for its handles: those of its model, and those that are in use. */
export function rolesTaken(graph: Graph, id: string, node: CanvasNode, model: Model | undefined): Role[] {
  const slots = slotsOf(graph, id, node, model);
  const used = usedPlaces(graph.edges, id);
  return (ROLES[node.kind] ?? []).filter((role) => slots[role] !== 0 || used[role]);
}

const ROLES: { [kind in NodeKind]?: readonly Role[] } = {
  text: ["prompt", "system"],
  image: ["prompt", "reference"],
  video: ["prompt", "first_frame", "last_frame", "reference"],
  audio: ["prompt"],
  frame: ["video"],
};
