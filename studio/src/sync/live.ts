/** What is news? One tab of the browser holds the one stream, and tells the others.
 *
 * A browser allows six connections to a server over HTTP/1.1; a stream for each tab would starve the seventh. When the
 * leading tab is closed another one goes on from the last position that was told, so there is neither a gap nor a
 * repeat. */

import { PIXEL_PATH } from "@/api/client";
import { useSession } from "@/api/session";
import { hold } from "./locks";
import { Stream, type StreamStatus, type StreamTiming } from "./stream";

export type NewsName = "task" | "run" | "canvas" | "model";
type Listener = (data: unknown, position: number) => void;

/** What tabs tell one another. */
type Word =
  | { word: "event"; name: string; data: unknown; position: number }
  | { word: "stale"; position: number | undefined }
  | { word: "status"; status: StreamStatus; position: number | undefined }
  | { word: "hello" };

let live: Live | undefined;

/** This tab's. */
export function thisLive(): Live {
  live ??= new Live();
  return live;
}

export class Live {
  status: StreamStatus = "offline";
  private position: number | undefined;
  private stream: Stream | undefined;
  private readonly channel: BroadcastChannel;
  private readonly closing = new AbortController();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly whenStale = new Set<(position?: number) => void>();
  private readonly whenStatus = new Set<(status: StreamStatus) => void>();

  constructor(origin = PIXEL_PATH, timing?: StreamTiming, name = "pixel live") {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
    this.tell({ word: "hello" });
    const end = useSession.subscribe((now, before) => before.needed && !now.needed && this.retry());
    this.closing.signal.addEventListener("abort", end);
    void this.lead(name, origin, timing);
  }

  /** Be told of each event of a name. Ends with what is returned. */
  on(name: NewsName, listener: Listener): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Be told when what is shown may be old: something was missed, or there is no stream at the moment. A list that is
   * asked for with `atLeast` of the position has all of it. */
  onStale(listener: (position?: number) => void): () => void {
    this.whenStale.add(listener);
    return () => this.whenStale.delete(listener);
  }

  onStatus(listener: (status: StreamStatus) => void): () => void {
    this.whenStatus.add(listener);
    return () => this.whenStatus.delete(listener);
  }

  /** Try to connect now, if this tab leads: somebody signed in, or there is a network again. */
  retry(): void {
    this.stream?.retry();
  }

  close(): void {
    this.closing.abort();
    this.stream?.close();
    this.channel.close();
  }

  /** Wait until this tab leads, and hold the stream from then on. */
  private async lead(name: string, origin: string, timing: StreamTiming | undefined): Promise<void> {
    const held = await hold(name, this.closing.signal);
    if (!held) return;
    this.closing.signal.addEventListener("abort", () => held.release());
    if (this.closing.signal.aborted) return held.release();
    this.stream = new Stream(origin, this.position, timing, {
      event: (name, data, position) => this.pass({ word: "event", name, data, position }),
      stale: (position) => this.pass({ word: "stale", position }),
      status: (status, position) => this.pass({ word: "status", status, position }),
    });
  }

  private pass(word: Word): void {
    this.tell(word);
    this.hear(word);
  }

  private tell(word: Word): void {
    if (!this.closing.signal.aborted) this.channel.postMessage(word);
  }

  private hear(word: Word): void {
    if (this.closing.signal.aborted) return;
    switch (word.word) {
      case "hello":
        if (this.stream) this.tell({ word: "status", status: this.status, position: this.position });
        return;
      case "event":
        this.position = word.position;
        for (const listener of this.listeners.get(word.name) ?? []) listener(word.data, word.position);
        return;
      case "stale":
        this.position = word.position ?? this.position;
        for (const listener of this.whenStale) listener(word.position);
        return;
      case "status":
        this.position = word.position ?? this.position;
        if (this.status === word.status) return;
        this.status = word.status;
        for (const listener of this.whenStatus) listener(word.status);
    }
  }
}
