/** A real `pixel serve` for the tests: on a free port, with a PostgreSQL and a data folder of its own, sandbox only. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "../../..");
const PATIENCE_MS = 120_000;
const LOOK_MS = 50;

/** Settings of Pixel as docs/configuration.md has them, such as `PIXEL_ADMIN_TOKEN`, and where a provider is. */
export type Settings = Record<`PIXEL_${string}`, string> & Record<`${string}_${"BASE_URL" | "API_KEY"}`, string>;

export class Pixel {
  readonly lines: string[] = [];
  url = "";
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly settings: Settings,
  ) {}

  /** Start one, and wait until it is ready. Whoever calls has to `remove` it. */
  static async start(settings: Settings = {}): Promise<Pixel> {
    const folder = await mkdtemp(join(tmpdir(), "pixel-studio-"));
    await chmod(folder, 0o711); // as root, PostgreSQL runs as another user below it
    const pixel = new Pixel(folder, settings);
    try {
      await pixel.run();
    } catch (error) {
      await pixel.remove();
      throw error;
    }
    return pixel;
  }

  /** Run it (again), on the same data and, after the first time, on the same port. */
  async run(): Promise<void> {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PIXEL_"));
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const child = spawn(join(ROOT, ".venv/bin/python"), ["-m", "runtime.cli.main", "serve"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...Object.fromEntries(kept),
        NODE_ENV: "production",
        PIXEL_DATA_DIR: this.folder,
        PIXEL_PORT: port,
        PIXEL_LOG_FORMAT: "json",
        PIXEL_LEASE_SECONDS: "1",
        PIXEL_APPEND_PATIENCE_SECONDS: "30",
        ...this.settings,
      },
    });
    this.#process = child;
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
    const from = this.lines.length;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text: string) => {
        const parts = (rest + text).split("\n");
        rest = parts.pop() ?? "";
        this.lines.push(...parts);
      });
    }
    await this.#until("be up", async () => {
      const line = this.lines.slice(from).find((each) => each.includes('"pixel is up"'));
      if (line !== undefined) this.url = JSON.parse(line).url;
      return line !== undefined;
    });
    await this.#until("be ready", async () => {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      return ["ready", "degraded"].includes(((await answer?.json()) as { status: string } | undefined)?.status ?? "");
    });
  }

  /** As a power cut would: nothing is finished, and its PostgreSQL goes too. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  /** Stop it as an operator would. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#ended;
  }

  /** Stop it, and take away all that it had. */
  async remove(): Promise<void> {
    const late = pause(20_000, "late", { ref: false });
    if ((await Promise.race([this.stop(), late])) === "late") await this.kill();
    await this.#killPostgres();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ask it as a program would. Throws with what it said when that is no success. */
  async ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text).data as T;
  }

  /** The task, once it has ended. */
  async ended(task: string): Promise<{ status: string }> {
    for (;;) {
      const view = await this.ask<{ status: string }>("GET", `/api/v1/tasks/${task}`, undefined, { Prefer: "wait=20" });
      if (["completed", "failed"].includes(view.status)) return view;
    }
  }

  /** A killed Pixel leaves its PostgreSQL running. */
  async #killPostgres(): Promise<void> {
    const files = await readdir(this.folder, { recursive: true }).catch(() => []);
    for (const file of files.filter((name) => name.endsWith("postmaster.pid"))) {
      const id = Number((await readFile(join(this.folder, file), "utf8").catch(() => "")).split("\n")[0]);
      if (id > 1) process.kill(id, "SIGQUIT");
    }
  }

  async #until(what: string, check: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await check())) {
      const dead = this.#process?.exitCode ?? this.#process?.signalCode;
      if (Date.now() > end || (dead !== null && dead !== undefined)) {
        throw new Error(`waited in vain for Pixel to ${what}:\n${this.lines.slice(-40).join("\n")}`);
      }
      await pause(LOOK_MS);
    }
  }
}
