/** How is the stream of news held? It is resumed where it was cut; while there is none, who listens has to ask. */

import { useSession } from "@/api/session";
import { frames } from "./event-stream";

/** "polling": Pixel is there, but there is no stream. */
export type StreamStatus = "live" | "polling" | "offline";

export interface Reception {
  event(name: string, data: unknown, position: number): void;
  /** What is shown may be old. With a position: a list that is as new has everything. */
  stale(position: number | undefined): void;
  status(status: StreamStatus, position: number | undefined): void;
}

/** In milliseconds. `silence`: heartbeats come every 15 s, so a line on which nothing comes for longer is dead. */
export interface StreamTiming {
  retry: number;
  poll: number;
  silence: number;
}

const TIMING: StreamTiming = { retry: 2000, poll: 5000, silence: 40_000 };
const MAX_RETRY_MS = 30_000;

export class Stream {
  private readonly closing = new AbortController();
  private wake: (() => void) | undefined;
  private polling: ReturnType<typeof setInterval> | undefined;
  private failures = 0;

  constructor(
    private readonly origin: string,
    private position: number | undefined,
    private readonly timing: StreamTiming = TIMING,
    private readonly reception: Reception,
  ) {
    void this.follow();
  }

  /** Do not wait any longer. */
  retry(): void {
    this.wake?.();
  }

  close(): void {
    this.closing.abort();
    clearInterval(this.polling);
    this.wake?.();
  }

  private async follow(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const status = await this.connect();
      if (this.closing.signal.aborted) return;
      this.missing(status);
      const backOff = Math.min(MAX_RETRY_MS, this.timing.retry * 2 ** this.failures++);
      await this.waited(backOff * (0.5 + Math.random()));
    }
  }

  /** Follow until the connection ends. The status with which Pixel refused, 0 for no answer, 200 after a while. */
  private async connect(): Promise<number> {
    const silence = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), this.timing.silence);
    try {
      const after = this.position === undefined ? "" : `&after=${this.position}`;
      const address = `${this.origin}/api/v1/events?types=task,model,canvas,run${after}`;
      const response = await fetch(address, { signal, cache: "no-store", headers: { accept: "text/event-stream" } });
      if (!response.ok || !response.body) return this.refused(response);
      this.connected(response);
      for await (const frame of frames(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), this.timing.silence);
        if (frame) this.take(frame.name, JSON.parse(frame.data), frame.position);
      }
      return response.status;
    } catch {
      return 0;
    } finally {
      clearTimeout(timer);
      silence.abort(); // whatever it was, the connection is not needed any more
    }
  }

  private connected(response: Response): void {
    this.failures = 0;
    clearInterval(this.polling);
    this.polling = undefined;
    const begin = Number(response.headers.get("x-pixel-position")) || undefined;
    const isFirst = this.position === undefined;
    this.position ??= begin;
    this.reception.status("live", this.position);
    if (isFirst) this.reception.stale(begin); // what happened before it began is in no event
  }

  private take(name: string, data: unknown, position: number | undefined): void {
    if (name === "reset") {
      this.position = (data as { position: number }).position;
      this.reception.stale(this.position);
    } else if (position !== undefined) {
      this.position = position;
      this.reception.event(name, data, position);
    }
  }

  private async refused(response: Response): Promise<number> {
    await response.body?.cancel();
    if (response.status === 401) useSession.getState().ranOut();
    if (response.status === 400) this.position = undefined; // not a position of this log, which may be a restored one
    return response.status;
  }

  /** There is no stream: until there is one, what is shown is asked for anew now and then. */
  private missing(status: number): void {
    this.reception.status(status === 0 ? "offline" : "polling", this.position);
    this.polling ??= setInterval(() => this.reception.stale(undefined), this.timing.poll);
  }

  private waited(milliseconds: number): Promise<void> {
    return new Promise((go) => {
      const timer = setTimeout(go, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        go();
      };
    });
  }
}
