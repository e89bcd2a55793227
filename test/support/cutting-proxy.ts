import { createServer, connect as openSocket, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Where a connection is cut: before the server gets what is looked for, or when it has answered it. */
export type CutPoint = "before it arrives" | "before the answer arrives";

/**
 * Stands between a client and a server, lets everything through, and cuts one connection at the moment that a test
 * chooses. What it looks for is text that the client sends, which both protocols leave readable.
 */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut: { readonly text: string; readonly point: CutPoint } | null = null;
  #cuts = 0;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#join(client, openSocket(targetPort, "127.0.0.1")));
  }

  /** A proxy before a port of this machine, closed when the test is over. */
  static async before(targetPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => proxy.#close());
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  /** How many connections were cut. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts the next connection that sends the text. */
  cutAt(text: string, point: CutPoint): void {
    this.#cut = { text, point };
  }

  #join(client: Socket, server: Socket): void {
    let isDoomed = false;
    const cut = (): void => {
      this.#cuts++;
      client.destroy();
      server.destroy();
    };
    client.on("data", (data) => {
      if (this.#cut !== null && data.includes(this.#cut.text)) {
        const { point } = this.#cut;
        this.#cut = null;
        if (point === "before it arrives") return cut();
        isDoomed = true;
      }
      server.write(data);
    });
    server.on("data", (data) => {
      if (isDoomed) cut();
      else client.write(data);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  async #close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
