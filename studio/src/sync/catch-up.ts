/** What happened to the canvas meanwhile? Asked for when news are missing; several who ask at once ask once. */

import type { Desk } from "./desk";
import { replace } from "./tracker";
import type { Transport } from "./transport";

const MAX_PAGES = 3; // who missed more reads the document anew

export class CatchUp {
  private asking: Promise<boolean> | undefined;

  /** `onRefused` is told the status with which Pixel refuses to answer. */
  constructor(
    private readonly desk: Desk,
    private readonly transport: Transport,
    private readonly onRefused: (status: number, message: string) => void,
  ) {}

  /** Whether the document is as new as Pixel has it. */
  now(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.transport.history(this.desk.canvas, this.desk.tracked.base.version);
      if (answer.kind !== "yes") return this.failed(answer);
      const isWhole = answer.data.items.every((change) => this.desk.hear(change));
      if (isWhole && (answer.data.next === null || answer.data.items.length === 0)) return true;
    }
    const answer = await this.transport.canvas(this.desk.canvas);
    if (answer.kind !== "yes") return this.failed(answer);
    if (answer.data.version > this.desk.tracked.base.version) this.desk.set(replace(this.desk.tracked, answer.data));
    return true;
  }

  private failed(answer: { kind: "refused"; status: number; message: string } | { kind: "away" }): false {
    if (answer.kind === "refused") this.onRefused(answer.status, answer.message);
    return false;
  }
}
