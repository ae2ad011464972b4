/** Which results belong to a node? Tasks name their node in `metadata`; the document only names the one that was picked. */

import type { components } from "@/api/schema";
import { type CanvasNode, entry, type Nodes } from "@/document/types";

export type Task = components["schemas"]["TaskView"];
export type Media = components["schemas"]["Media"];

/** One output that a node could show. `key` is the same for the same output, wherever it was seen. */
export interface Candidate {
  key: string;
  task?: string;
  output?: number;
  asset?: string;
  text?: string;
  digest?: string;
  width?: number;
  height?: number;
  seconds?: number;
  /** It came after its task had ended. */
  late?: boolean;
}

/** The tasks of a canvas by id, and the same tasks by node, newest first. A node whose tasks did not change keeps its list. */
export interface Results {
  tasks: { readonly [id: string]: Task };
  byNode: { readonly [node: string]: readonly Task[] };
}

export const NO_RESULTS: Results = { tasks: {}, byNode: {} };

/** What a caller's `metadata` says of where a task comes from. */
export function originOf(task: Task): { node?: string; run?: string; digest?: string } {
  const { node, run, digest } = (task.metadata ?? {}) as Record<string, unknown>;
  return {
    ...(typeof node === "string" ? { node } : {}),
    ...(typeof run === "string" ? { run } : {}),
    ...(typeof digest === "string" ? { digest } : {}),
  };
}

/** The results with these tasks, too. What is older than what is known already is left out: answers overtake each other. */
export function withTasks(results: Results, seen: Iterable<Task>): Results {
  const tasks = { ...results.tasks };
  const changed = new Set<string>();
  for (const task of seen) {
    const known = tasks[task.id];
    if (known && !isNewer(task, known)) continue;
    tasks[task.id] = task;
    const { node } = originOf(task);
    if (node) changed.add(node);
  }
  if (changed.size === 0) return results;
  const byNode = { ...results.byNode };
  const lists = new Map<string, Task[]>([...changed].map((node) => [node, []]));
  for (const task of Object.values(tasks)) lists.get(originOf(task).node ?? "")?.push(task);
  for (const [node, list] of lists) byNode[node] = list.sort(newestFirst);
  return { tasks, byNode };
}

/** All outputs of these tasks, newest task first, and the picked one even if its task is not among them. */
export function candidatesOf(node: CanvasNode, tasks: readonly Task[]): Candidate[] {
  const found = tasks.flatMap(outputsOf);
  const { pick } = node;
  if (!pick || found.some((candidate) => isPicked(candidate, pick))) return found;
  return [...found, { key: `pick:${pick.asset ?? pick.task ?? "text"}`, ...pick }];
}

/** The outputs of one task, those that came late at the end. */
export function outputsOf(task: Task): Candidate[] {
  const { digest } = originOf(task);
  const made = (media: Media, output: number, late: boolean): Candidate => ({
    key: `${task.id}:${output}`,
    task: task.id,
    output,
    ...(media.asset_id ? { asset: media.asset_id } : {}),
    ...(media.width ? { width: media.width } : {}),
    ...(media.height ? { height: media.height } : {}),
    ...(media.duration ? { seconds: media.duration } : {}),
    ...(digest ? { digest } : {}),
    ...(late ? { late } : {}),
  });
  const { result, late_results: lateResults = [] } = task;
  const media = [...(result?.images ?? []), ...(result?.videos ?? []), ...(result?.audios ?? [])];
  const text = task.status === "completed" ? result?.text : undefined;
  const said: Candidate[] = text
    ? [{ key: `${task.id}:0`, task: task.id, output: 0, text, ...(digest ? { digest } : {}) }]
    : [];
  return [
    ...said,
    ...media.map((one, index) => made(one, index, false)),
    ...lateResults.map((one, index) => made(one, media.length + index, true)),
  ];
}

/** Whether this output is what the node shows. */
export function isPicked(candidate: Candidate, pick: CanvasNode["pick"]): boolean {
  if (!pick) return false;
  if (pick.task !== undefined && candidate.task !== undefined) {
    return pick.task === candidate.task && (pick.output ?? 0) === (candidate.output ?? 0);
  }
  return pick.asset !== undefined
    ? pick.asset === candidate.asset
    : pick.text !== undefined && pick.text === candidate.text;
}

/** Tasks with something to show whose node is not on the canvas any more: nothing that was paid for is lost. */
export function unplaced(nodes: Nodes, results: Results): Task[] {
  return Object.entries(results.byNode)
    .filter(([node]) => !entry(nodes, node))
    .flatMap(([, tasks]) => tasks)
    .filter((task) => outputsOf(task).length > 0 || task.status === "pending" || task.status === "processing")
    .sort(newestFirst);
}

function isNewer(task: Task, known: Task): boolean {
  if (task.updated_at !== known.updated_at) return task.updated_at > known.updated_at;
  return rank(task) > rank(known);
}

function rank({ status }: Task): number {
  return status === "pending" ? 0 : status === "processing" ? 1 : 2;
}

function newestFirst(one: Task, other: Task): number {
  return one.created_at === other.created_at
    ? one.id < other.id
      ? 1
      : -1
    : one.created_at < other.created_at
      ? 1
      : -1;
}
