import type { JsonObject } from "../util/json.ts";
import { HeldNotifications } from "./coalesce.ts";
import type { Log } from "./logger.ts";
import type { FlowWriter } from "./transport.ts";

/** Bytes the peer has not taken yet, above which notifications are held back. */
const CONGESTED_BYTES = 1024 * 1024;

/**
 * Sends notifications. Never throws, also not after the peer has left; and a peer that reads slowly or not at all
 * costs a bounded amount of memory.
 */
export class Outbox {
  readonly #writer: FlowWriter;
  readonly #log: Log;
  readonly #held = new HeldNotifications();
  #closed = false;

  constructor(writer: FlowWriter, log: Log) {
    this.#writer = writer;
    this.#log = log;
    writer.onDrain(() => this.#release());
    writer.onClose(() => this.close());
  }

  readonly notify = (method: string, params: object): void => {
    if (this.#closed) return;
    if (this.#held.size > 0 || this.#writer.pendingBytes > CONGESTED_BYTES) {
      this.#held.add(method, params as JsonObject);
    } else {
      this.#send(method, params);
    }
  };

  close(): void {
    this.#closed = true;
  }

  /** Sends what was held back, whether the peer reads or not: for the end of a connection. */
  releaseAll(): void {
    for (let next = this.#held.take(); next !== undefined; next = this.#held.take())
      this.#send(next.method, next.params);
  }

  #release(): void {
    while (this.#held.size > 0 && this.#writer.pendingBytes <= CONGESTED_BYTES) {
      const next = this.#held.take()!;
      this.#send(next.method, next.params);
    }
    if (this.#held.size > 0 || this.#held.dropped === 0) return;
    const { dropped } = this.#held;
    this.#held.dropped = 0;
    this.#log("warn", "Notifications were dropped because the client did not read", { dropped });
  }

  #send(method: string, params: object): void {
    try {
      void this.#writer.write({ jsonrpc: "2.0", method, params } as { jsonrpc: string });
    } catch (error) {
      this.#log("error", "A notification could not be written", { method, reason: (error as Error).message });
    }
  }
}
