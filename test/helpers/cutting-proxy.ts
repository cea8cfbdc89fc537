import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Passes connections on and cuts them in the middle. */
export class CuttingProxy {
  /** Bytes that came through so far. */
  down = 0;
  up = 0;
  #limits: { down?: number; up?: number } = {};
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connect(target, "127.0.0.1");
      this.#join(client, server, "up");
      this.#join(server, client, "down");
    });
  }

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on: after so many bytes more to the client (`down`) or from it (`up`) everything is cut. */
  cutAfter(limits: { down?: number; up?: number }): void {
    this.down = 0;
    this.up = 0;
    this.#limits = limits;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(from: Socket, to: Socket, way: "up" | "down"): void {
    this.#sockets.add(from);
    const end = (): void => {
      this.#sockets.delete(from);
      to.destroy();
    };
    from.on("error", end);
    from.on("close", end);
    from.on("data", (chunk: Buffer) => {
      const left = (this.#limits[way] ?? Number.POSITIVE_INFINITY) - this[way];
      this[way] += chunk.length;
      if (chunk.length <= left) {
        if (!to.write(chunk)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
        return;
      }
      to.write(chunk.subarray(0, Math.max(0, left)), () => {
        from.destroy();
        to.destroy();
      });
    });
  }
}
