/** What does Pixel answer? One of three: yes, no, or nothing that decides it.
 *
 * Only `refused` says that nothing was written. After `away` a request may have arrived, so it is sent again as it was. */

import { PIXEL_PATH } from "@/api/client";
import type { Canvas, GenerationKind, Value } from "@/document/types";
import type { Change } from "./edits";

export type Answer<T> =
  | { kind: "yes"; data: T; position: number }
  | { kind: "refused"; status: number; message: string; data: unknown }
  | { kind: "away"; status: number; retryAfter: number };

export interface EditBody {
  base: number;
  edit: string;
  session: string;
  label: string;
  ops: unknown[];
}

/** What is asked of a task here; the whole is in the client's types. */
export interface TaskSeen {
  id: string;
  status: string;
  source_id?: string;
  metadata?: { node?: string; run?: string; digest?: string };
  result?: { images?: Media[]; videos?: Media[]; audios?: Media[]; text?: string };
}

interface Media {
  asset_id?: string;
}

const TIMEOUT_MS = 30_000;
/** The most that browsers let a page send when it is being closed. */
export const KEEPALIVE_BYTES = 60_000;
/** Answers that decide nothing: too slow, too many, not ready. */
const UNDECIDED = new Set([408, 425, 429]);

export class Transport {
  private readonly closing = new AbortController();

  constructor(private readonly origin = PIXEL_PATH) {}

  canvas(id: string, version?: number): Promise<Answer<Canvas>> {
    return this.ask(`/canvases/${id}${version === undefined ? "" : `?version=${version}`}`);
  }

  history(id: string, after: number, limit = 200): Promise<Answer<{ items: Change[]; next: number | null }>> {
    return this.ask(`/canvases/${id}/history?after=${after}&limit=${limit}`);
  }

  edit(id: string, body: string, keepalive = false): Promise<Answer<{ version: number; missed: Change[] }>> {
    return this.ask(`/canvases/${id}/edits`, { method: "POST", body, keepalive });
  }

  tasks(canvas: string, cursor?: string): Promise<Answer<{ tasks: TaskSeen[]; next_cursor: string | null }>> {
    const page = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    return this.ask(`/tasks?source=canvas&sourceId=${canvas}&limit=200${page}`);
  }

  generate(kind: GenerationKind, body: Value, key: string): Promise<Answer<{ task_id: string }>> {
    const headers = { "idempotency-key": key };
    return this.ask(`/generations/${kind}`, { method: "POST", body: JSON.stringify(body), headers });
  }

  /** Give up all requests. What was on its way may have arrived. */
  close(): void {
    this.closing.abort();
  }

  private async ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
    try {
      const response = await fetch(`${this.origin}/api/v1${path}`, {
        ...init,
        cache: "no-store",
        headers: { ...init.headers, ...(init.body ? { "content-type": "application/json" } : {}) },
        signal: AbortSignal.any([this.closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      return await read(response);
    } catch {
      return { kind: "away", status: 0, retryAfter: 0 }; // no network, no answer, or half of one
    }
  }
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const { status } = response;
  if (status >= 500 || UNDECIDED.has(status)) {
    await response.body?.cancel();
    return { kind: "away", status, retryAfter: Number(response.headers.get("retry-after")) || 0 };
  }
  if (response.ok) {
    const { data } = await response.json();
    return { kind: "yes", data, position: Number(response.headers.get("x-pixel-position")) || 0 };
  }
  const { data, message } = await response.json().catch(() => ({})); // a proxy may have refused it
  return { kind: "refused", status, message: String(message ?? status), data };
}
