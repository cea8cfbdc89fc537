import { FrameParser } from "../../src/rpc/frame-parser.ts";

/** A message as it goes over the wire. */
export function frame(message: unknown): Buffer {
  return rawFrame(JSON.stringify(message));
}

/** Any text as the body of a frame. */
export function rawFrame(body: string): Buffer {
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

export function request(id: number | string, method: string, params: unknown = {}): Buffer {
  return frame({ jsonrpc: "2.0", id, method, params });
}

export function notification(method: string, params: unknown = {}): Buffer {
  return frame({ jsonrpc: "2.0", method, params });
}

export const INITIALIZE_PARAMS = { protocolVersion: 1, client: { name: "test", version: "1" } };

export interface WireMessage {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: Record<string, unknown>;
  };
}

/** Collects the messages in bytes that come in pieces; `garbage` holds what was no frame. */
export class FrameCollector {
  readonly messages: WireMessage[] = [];
  garbage: string | undefined;
  readonly #parser: FrameParser;
  #waiting: { enough: (messages: WireMessage[]) => boolean; resolve: () => void }[] = [];

  constructor() {
    this.#parser = new FrameParser({
      body: (bytes, start, end) => void this.messages.push(JSON.parse(bytes.toString("utf8", start, end))),
      tooLarge: () => {},
      garbage: (reason) => {
        this.garbage = reason;
      },
    });
  }

  readonly push = (bytes: Buffer): void => {
    this.#parser.push(bytes);
    const done = this.#waiting.filter(({ enough }) => enough(this.messages));
    this.#waiting = this.#waiting.filter((waiting) => !done.includes(waiting));
    for (const { resolve } of done) resolve();
  };

  until(enough: (messages: WireMessage[]) => boolean): Promise<void> {
    if (enough(this.messages)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ enough, resolve }));
  }

  /** The answer to the request `id`, once it is there. */
  async answer(id: number | string | null): Promise<WireMessage> {
    const isAnswer = (message: WireMessage): boolean => message.id === id && message.method === undefined;
    await this.until((messages) => messages.some(isAnswer));
    return this.messages.find(isAnswer)!;
  }
}
