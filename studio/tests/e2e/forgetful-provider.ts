/** A provider that takes an order and whose answer never comes: nobody can say what became of it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class ForgetfulProvider {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<ForgetfulProvider> {
    const server = createServer((order) => void order.resume().on("end", () => order.socket.destroy()));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new ForgetfulProvider(server);
  }

  /** What Pixel has to know to order there, in the place of ModelScope. */
  get settings() {
    const host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return {
      PIXEL_PRIVATE_HOSTS: host,
      MODELSCOPE_BASE_URL: `http://${host}/v1`,
      MODELSCOPE_API_KEY: "ms-0000000000000001",
    };
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((closed) => this.server.close(() => closed()));
  }
}
