/** A line to Pixel on which requests or answers get lost, as on a train. */
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Of a POST: what gets lost. */
export type Loss = "request" | "answer" | undefined;

export class LossyProxy {
  private constructor(private readonly server: Server) {}

  static async start(target: () => string, lose: () => Loss): Promise<LossyProxy> {
    const server = createServer((asked, answer) => {
      const loss = asked.method === "POST" ? lose() : undefined;
      if (loss === "request") return void asked.socket.destroy();
      const { host: _, ...headers } = asked.headers;
      const passed = request(new URL(asked.url ?? "/", target()), { method: asked.method, headers }, (reply) => {
        if (loss === "answer") return void reply.resume().on("end", () => asked.socket.destroy());
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.on("error", () => answer.destroy()).pipe(answer);
      });
      passed.on("error", () => asked.socket.destroy());
      answer.on("close", () => passed.destroy());
      asked.pipe(passed);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new LossyProxy(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((stopped) => this.server.close(stopped));
  }
}
