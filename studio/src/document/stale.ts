/** Is the chosen result what the node asks for now? Nothing is paid again for one that is. */

import { digest } from "./digest";
import { essence, generates } from "./request";
import type { CanvasEdge, CanvasNode, Graph } from "./types";

export type NodeState = "missing" | "stale" | "current";

/** What a state was found from; while all of it is the same, so is the state. */
interface Known {
  parts: readonly unknown[];
  state: NodeState;
}

const known = new WeakMap<CanvasNode, Known>();

/** The states of all nodes that generate something. */
export function statesOf(graph: Graph): { [id: string]: NodeState } {
  const into = new Map<string, CanvasEdge[]>();
  for (const edge of Object.values(graph.edges)) {
    const found = into.get(edge.to);
    if (found) found.push(edge);
    else into.set(edge.to, [edge]);
  }
  const making = Object.entries(graph.nodes).filter(([, node]) => generates(node));
  return Object.fromEntries(making.map(([id, node]) => [id, remembered(graph, id, node, into.get(id) ?? [])]));
}

function remembered(graph: Graph, id: string, node: CanvasNode, edges: readonly CanvasEdge[]): NodeState {
  const parts = edges.flatMap((edge) => [edge, graph.nodes[edge.from]]);
  const before = known.get(node);
  if (before && before.parts.length === parts.length && before.parts.every((part, i) => part === parts[i])) {
    return before.state;
  }
  const state = stateOf(graph, id, node);
  known.set(node, { parts, state });
  return state;
}

function stateOf(graph: Graph, id: string, node: CanvasNode): NodeState {
  if (!node.pick) return "missing";
  const then = node.pick.digest ?? digestOf(node);
  if (then === undefined) return "current"; // chosen from elsewhere: there is no request to compare with
  const now = essence(graph, id);
  return "body" in now && digest(now.body) === then ? "current" : "stale";
}

/** The digest in the request of the newest run. */
function digestOf(node: CanvasNode): string | undefined {
  const metadata = node.run?.body.metadata;
  const found = metadata !== null && typeof metadata === "object" && !Array.isArray(metadata) && metadata.digest;
  return typeof found === "string" ? found : undefined;
}
