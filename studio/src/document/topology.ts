/** What may be connected with what? Edges carry one kind of media to a place where it can be used, and never go in a
 * circle. The server decides by the same rules (`domain/canvas`). */

import { type CanvasEdge, type CanvasNode, type Edges, entry, type Graph, type NodeKind, type Role } from "./types";

export type Media = "text" | "image" | "video" | "audio";
/** A key of the messages. */
export type EdgeReason = "edge.missing" | "edge.self" | "edge.role" | "edge.twice" | "edge.cycle" | "edge.full";
/** How many edges of a role the model of a node takes; without a number, any. */
export type Slots = { readonly [role in Role]?: number };

const OFFERED: { [media in Media]: readonly Role[] } = {
  text: ["prompt", "system"],
  image: ["reference", "first_frame", "last_frame"],
  video: ["video"],
  audio: [],
};
const TAKEN: { [kind in NodeKind]: readonly Role[] } = {
  text: ["prompt", "system"],
  image: ["prompt", "reference"],
  video: ["prompt", "first_frame", "reference", "last_frame"],
  audio: ["prompt"],
  frame: ["video"],
  upload: [],
  reference: [],
  group: [],
  note: [],
};
const MEDIA: { [extension: string]: Media } = {
  ...each("image", "png", "jpg", "jpeg", "webp", "gif", "avif", "heic"),
  ...each("video", "mp4", "webm", "mov"),
  ...each("audio", "mp3", "wav", "ogg", "m4a", "flac", "aac"),
};

/** What a node gives to others. Undefined: nothing, or not known before a file is there. */
export function mediaOf(node: CanvasNode): Media | undefined {
  switch (node.kind) {
    case "text":
    case "image":
    case "video":
    case "audio":
      return node.kind;
    case "frame":
      return "image";
    case "upload":
    case "reference":
      return entry(MEDIA, node.pick?.asset?.split(".").pop()?.toLowerCase() ?? "");
    default:
      return undefined;
  }
}

/** The roles in which `from` could be used by `to`; a file that is not there yet may become any. */
export function rolesBetween(from: CanvasNode, to: CanvasNode): Role[] {
  const media = mediaOf(from);
  const awaited = (from.kind === "upload" || from.kind === "reference") && !from.pick?.asset;
  return TAKEN[to.kind].filter((role) => awaited || (media !== undefined && OFFERED[media].includes(role)));
}

/** Why this edge can't be, or undefined. `slots` is what the model of the target takes; the document has no such limit. */
export function refusal(
  graph: Graph,
  edge: Omit<CanvasEdge, "order">,
  slots: Slots = {},
  except?: string,
): EdgeReason | undefined {
  const from = entry(graph.nodes, edge.from);
  const to = entry(graph.nodes, edge.to);
  if (!from || !to) return "edge.missing";
  if (edge.from === edge.to) return "edge.self";
  if (!rolesBetween(from, to).includes(edge.role)) return "edge.role";
  const same = Object.entries(graph.edges).filter(
    ([id, other]) => id !== except && other.to === edge.to && other.role === edge.role,
  );
  if (same.some(([, other]) => other.from === edge.from)) return "edge.twice";
  if (reaches(graph.edges, edge.to, edge.from)) return "edge.cycle";
  return same.length >= (slots[edge.role] ?? Number.POSITIVE_INFINITY) ? "edge.full" : undefined;
}

/** Whether one can go from one node to another along the edges. */
export function reaches(edges: Edges, start: string, end: string): boolean {
  return start === end || closure([start], targets(edges)).has(end);
}

/** The ids of all nodes that these are made from, and these. */
export function upstream(graph: Graph, ids: Iterable<string>): Set<string> {
  return closure(ids, sources(graph.edges));
}

/** The ids of all nodes that are made from these, and these. */
export function downstream(graph: Graph, ids: Iterable<string>): Set<string> {
  return closure(ids, targets(graph.edges));
}

/** The ids of all nodes, sources before what is made of them; else from top to bottom, then from left to right. */
export function topological(graph: Graph): string[] {
  const waiting = sources(graph.edges);
  const next = targets(graph.edges);
  const left = new Map(Object.keys(graph.nodes).map((id) => [id, waiting.get(id)?.length ?? 0]));
  const byPlace = (one: string, other: string) => {
    const [a, b] = [entry(graph.nodes, one)?.position, entry(graph.nodes, other)?.position];
    return (a?.y ?? 0) - (b?.y ?? 0) || (a?.x ?? 0) - (b?.x ?? 0) || (one < other ? -1 : 1);
  };
  const ordered: string[] = [];
  let ready = [...left.keys()].filter((id) => left.get(id) === 0).sort(byPlace);
  while (ready.length > 0) {
    ordered.push(...ready);
    const freed: string[] = [];
    for (const target of ready.flatMap((id) => next.get(id) ?? [])) {
      left.set(target, (left.get(target) ?? 0) - 1);
      if (left.get(target) === 0) freed.push(target);
    }
    ready = freed.sort(byPlace);
  }
  return ordered;
}

/** The edges into a node in one role, in the order in which they are used, with their ids. */
export function inputs(graph: Graph, to: string, role: Role): [string, CanvasEdge][] {
  return Object.entries(graph.edges)
    .filter(([, edge]) => edge.to === to && edge.role === role)
    .sort(([one, a], [other, b]) => a.order - b.order || (one < other ? -1 : 1));
}

function closure(ids: Iterable<string>, next: Map<string, string[]>): Set<string> {
  const seen = new Set(ids);
  for (const id of seen) for (const other of next.get(id) ?? []) seen.add(other);
  return seen;
}

function sources(edges: Edges): Map<string, string[]> {
  return neighbours(edges, "to", "from");
}

function targets(edges: Edges): Map<string, string[]> {
  return neighbours(edges, "from", "to");
}

function neighbours(edges: Edges, here: "from" | "to", there: "from" | "to"): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const edge of Object.values(edges)) {
    const known = found.get(edge[here]);
    if (known) known.push(edge[there]);
    else found.set(edge[here], [edge[there]]);
  }
  return found;
}

function each(media: Media, ...extensions: string[]): { [extension: string]: Media } {
  return Object.fromEntries(extensions.map((extension) => [extension, media]));
}
