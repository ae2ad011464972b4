/** A server on a real socket that keeps the contract of canvases, tasks and events, in memory, and fails when it is told
 * to. It decides about edits by rules of its own, so that those of the studio are held against something. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { apply } from "@/document/apply";
import { equal } from "@/document/equal";
import type { Canvas, Graph, Op } from "@/document/types";

/** What becomes of a request: nothing arrives, its answer is lost, or it is answered so without being done. */
export type Fault = "request_lost" | "answer_lost" | { status: number; message?: string };
/** The fault that a request meets; undefined: none. */
export type Faults = (method: string, path: string) => Fault | undefined;

interface Logged {
  version: number;
  event: string;
  edit: string;
  session: string;
  label: string;
  actor: string;
  at: string;
  ops: Op[];
}

interface TaskMade {
  id: string;
  key: string;
  status: string;
  source_id: string;
  metadata: { node: string; run: string; digest: string };
  result?: object;
}

/** The bodies of an edit and of a generation. */
interface Sent {
  base: number;
  edit: string;
  session: string;
  label: string;
  ops: Op[];
  sourceId: string;
  metadata: TaskMade["metadata"];
}

const FREE = new Set(["position", "size", "group"]);

export class PixelServer {
  faults: Faults = () => undefined;
  readonly log: Logged[] = [];
  readonly tasks: TaskMade[] = [];
  archived = false;
  /** Connections to the stream of events that are open now, and the positions from which all began. */
  readonly listeners = new Set<ServerResponse>();
  readonly begins: (string | null)[] = [];
  requests: string[] = [];
  private readonly events: { name: string; data: object }[] = [];

  private constructor(
    private readonly server: Server,
    readonly id: string,
  ) {
    server.on("request", (request, response) => void this.handle(request, response));
  }

  static async start(id = "canvas_1"): Promise<PixelServer> {
    const server = createServer();
    const pixel = new PixelServer(server, id);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return pixel;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The document at a version; the first has nothing on it. */
  canvas(version = this.version): Canvas {
    const graph = this.log
      .filter((each) => each.version <= version)
      .reduce<Graph>((now, { ops }) => apply(now, ops), {
        nodes: {},
        edges: {},
      });
    const at = "2026-01-01T00:00:00Z";
    const named = { id: this.id, project: "project_1", name: "Test", created_at: at, updated_at: at, names: [] };
    return { ...named, ...graph, version, archived: this.archived };
  }

  get version(): number {
    return this.log.length + 1;
  }

  get position(): number {
    return this.events.length;
  }

  /** Others do this. */
  edit(ops: Op[], session = "session_other", edit = `edit_other${this.version}`): void {
    this.write({ edit, session, label: "other", ops });
  }

  /** Tell all who listen. */
  say(name: string, data: object): void {
    this.events.push({ name, data });
    for (const listener of this.listeners) this.send(listener, this.events.length - 1);
  }

  /** Cut all streams. */
  cut(): void {
    for (const listener of this.listeners) listener.destroy();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((stopped) => this.server.close(stopped));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://pixel");
    const path = url.pathname.replace("/api/v1", "");
    const method = request.method ?? "GET";
    this.requests.push(`${method} ${path}`);
    let text = "";
    for await (const chunk of request) text += chunk;
    const fault = this.faults(method, path);
    if (fault === "request_lost") return void response.destroy();
    if (typeof fault === "object") return this.answer(response, fault.status, { message: fault.message ?? "told to" });
    if (path === "/events") return this.listen(url, request, response);
    const [status, body] = this.decide(method, path, url, text ? JSON.parse(text) : {}, request);
    if (fault === "answer_lost") response.destroy();
    else this.answer(response, status, body);
  }

  private answer(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { "content-type": "application/json", "x-pixel-position": String(this.position) });
    response.end(JSON.stringify({ code: String(status), message: "success", ...body }));
  }

  private decide(method: string, path: string, url: URL, body: Sent, request: IncomingMessage): [number, object] {
    const asked = `${method} ${path}`;
    if (asked === `GET /canvases/${this.id}`) {
      return [200, { data: this.canvas(Number(url.searchParams.get("version") ?? this.version)) }];
    }
    if (asked === `POST /canvases/${this.id}/edits`) return this.take(body);
    if (asked === `GET /canvases/${this.id}/history`) {
      const [after, limit] = [Number(url.searchParams.get("after")), Number(url.searchParams.get("limit"))];
      const items = this.log.filter(({ version }) => version > after);
      const next = items.length > limit ? (items[limit - 1]?.version ?? null) : null;
      return [200, { data: { items: items.slice(0, limit), next } }];
    }
    if (asked === "GET /tasks") return [200, { data: { tasks: this.tasks, next_cursor: null } }];
    if (method === "POST" && path.startsWith("/generations/")) {
      return [200, { data: { task_id: this.generate(body, String(request.headers["idempotency-key"])) } }];
    }
    return [404, { message: "There is nothing here." }];
  }

  private generate(body: Sent, key: string): string {
    const known = this.tasks.find((task) => task.key === key);
    if (known) return known.id;
    const id = `task_${this.tasks.length + 1}`;
    this.tasks.push({ id, key, status: "pending", source_id: body.sourceId, metadata: body.metadata });
    return id;
  }

  private take(edit: Sent): [number, object] {
    const known = this.log.find((each) => each.edit === edit.edit);
    const before = (version: number) => this.log.filter((each) => each.version > edit.base && each.version < version);
    if (known) return [200, { data: { version: known.version, missed: before(known.version) } }];
    if (this.archived) return [409, { message: "The canvas is archived." }];
    const conflicts = conflictsOf(this.canvas(), before(this.version + 1), edit.ops);
    if (conflicts.length > 0) return [409, { error: "edit_conflict", data: { conflicts, version: this.version } }];
    const { version } = this.write(edit);
    return [200, { data: { version, missed: before(version) } }];
  }

  private write({ edit, session, label, ops }: { edit: string; session: string; label: string; ops: Op[] }): Logged {
    const at = new Date().toISOString();
    const logged = { version: this.version + 1, event: "CanvasEdited", edit, session, label, actor: "me", at, ops };
    this.log.push(logged);
    this.say("canvas", { canvas: this.id, ...logged });
    return logged;
  }

  private listen(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const after = url.searchParams.get("after");
    this.begins.push(after);
    const begin = Number(after ?? this.position);
    response.writeHead(200, { "content-type": "text/event-stream", "x-pixel-position": String(begin) });
    response.write("retry: 2000\n\n");
    this.listeners.add(response);
    request.on("close", () => this.listeners.delete(response));
    response.on("close", () => this.listeners.delete(response));
    for (let i = begin; i < this.events.length; i++) this.send(response, i);
  }

  private send(listener: ServerResponse, index: number): void {
    const { name, data } = this.events[index] ?? { name: "", data: {} };
    const id = name === "reset" ? "" : `id: ${index + 1}\n`;
    listener.write(`${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

/** Where an edit meets what others did since its base. */
function conflictsOf(canvas: Canvas, since: Logged[], ops: Op[]): object[] {
  const done = since.flatMap((each) => each.ops);
  const touched = new Set(
    done.flatMap((op) => ("edge" in op ? [op.edge.from, op.edge.to] : isFree(op) ? [] : [op.id])),
  );
  let now: Graph = canvas;
  const conflicts: object[] = [];
  for (const op of ops) {
    const [node, edge] = [now.nodes[op.id], now.edges[op.id]];
    const theirs = op.op.endsWith("set") && node ? valueIn(node, (op as { field: string }).field) : null;
    const ask = (field: string) => conflicts.push({ id: op.id, field, mine: null, theirs });
    if (op.op === "node.set" && !node) ask("node");
    if (op.op === "node.set" && node && !FREE.has(op.field) && !equal(theirs, op.now) && !equal(theirs, op.was))
      ask(op.field);
    if (op.op === "node.remove" && node && touched.has(op.id)) ask("removed");
    if (op.op === "edge.add" && !(now.nodes[op.edge.from] && now.nodes[op.edge.to])) ask("edge");
    if (op.op === "edge.set" && (!edge || (edge[op.field] !== op.was && edge[op.field] !== op.now))) ask("edge");
    now = apply(now, [op]);
  }
  return conflicts;
}

function isFree(op: Op): boolean {
  return op.op === "node.set" && FREE.has(op.field);
}

function valueIn(node: object, field: string): unknown {
  const [head = "", ...rest] = field.split(".");
  const value = (node as Record<string, unknown>)[head] ?? null;
  if (head !== "params" || value === null) return value;
  return (value as Record<string, unknown>)[rest.join(".")] ?? null;
}
