/** What is a canvas? A graph of nodes and edges, and the closed set of operations that change it.
 *
 * The server holds the same words in `domain/canvas`; a document is the fold of the edits of its stream. */

export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

export type NodeKind = "text" | "image" | "video" | "audio" | "upload" | "reference" | "frame" | "group" | "note";
export type GenerationKind = "text" | "image" | "video" | "audio";
export type Role = "prompt" | "system" | "reference" | "first_frame" | "last_frame" | "video";

/** In units of the canvas, which are CSS pixels at zoom 1. */
export interface Position {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The result that was chosen: an asset or a text, and where it came from. `digest` is that of its request. */
export interface Pick {
  task?: string;
  output?: number;
  asset?: string;
  text?: string;
  digest?: string;
}

/** The wish to generate: `body` is the request as it was when the person asked, and is never made anew. */
export interface Run {
  id: string;
  at: string;
  kind: GenerationKind;
  body: { [name: string]: Value };
}

export interface CanvasNode {
  kind: NodeKind;
  position: Position;
  size: Size;
  title?: string;
  model?: string;
  prompt?: string;
  params?: { [name: string]: Value };
  pick?: Pick;
  run?: Run;
  group?: string;
  note?: string;
}

/** Where the output of `from` goes into the request of `to`. Edges of one role are used by their `order`. */
export interface CanvasEdge {
  from: string;
  to: string;
  role: Role;
  order: number;
}

export type Nodes = { readonly [id: string]: CanvasNode };
export type Edges = { readonly [id: string]: CanvasEdge };

/** Never changed in place: what did not change keeps its identity. */
export interface Graph {
  readonly nodes: Nodes;
  readonly edges: Edges;
}

export interface VersionName {
  version: number;
  name: string;
  at: string;
}

export interface Canvas extends Graph {
  id: string;
  project: string;
  name: string;
  version: number;
  archived: boolean;
  created_at: string;
  updated_at: string;
  position?: number;
  from?: { canvas: string; version: number } | null;
  names: VersionName[];
}

export type PlainField = "position" | "size" | "title" | "model" | "prompt" | "pick" | "run" | "group" | "note";
export type Field = PlainField | `params.${string}`;

/** `now: null` takes the field away, `was: null` says that it was not there. */
export type Op =
  | { op: "node.add"; id: string; node: CanvasNode }
  | { op: "node.remove"; id: string }
  | { op: "node.set"; id: string; field: Field; was: Value; now: Value }
  | { op: "edge.add"; id: string; edge: CanvasEdge }
  | { op: "edge.remove"; id: string }
  | { op: "edge.set"; id: string; field: "role" | "order"; was: Value; now: Value };

/** The entry of an id, or undefined. Ids may be words that every object has, such as `constructor`. */
export function entry<T>(map: { readonly [id: string]: T }, id: string): T | undefined {
  return Object.hasOwn(map, id) ? map[id] : undefined;
}
