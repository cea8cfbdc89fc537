import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { type DatmoError, errors, isDatmoError } from "../protocol/errors.ts";
import { wireError } from "../rpc/error-mapping.ts";
import { FramingError } from "../rpc/framing-error.ts";
import { classify, type Incoming } from "../rpc/incoming.ts";
import { stdioTransport } from "../rpc/stdio-transport.ts";
import type { Message, Transport } from "../rpc/transport.ts";
import type { Json } from "../util/json.ts";

/** Longest message of a plugin, bytes. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Calls of the engine that a plugin may have open; above it, it is not read. */
const MOST_OPEN = 32;
/** Bytes that it does not read; above it, it is not read either. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** Messages taken in one turn of the event loop, so that a flood leaves time for everything else. */
const TURN = 64;

export type PluginChild = ChildProcessByStdio<Writable, Readable, Readable>;

export interface PeerOptions {
  /** Answers a call of the plugin's; never throws anything but what the plugin is told. */
  answer(method: string, params: unknown, signal: AbortSignal): Promise<object>;
  /** The plugin sent what no plugin may send: it is to be ended. */
  broken(reason: string): void;
}

interface Pending {
  resolve(result: Json): void;
  reject(error: PeerError): void;
}

/** An error that the plugin answered with. */
export class PeerError extends Error {
  readonly kind: string;

  constructor(message: string, kind: string) {
    super(message);
    this.kind = kind;
  }
}

/** The engine's end of the conversation with one plugin process. */
export class Peer {
  readonly #transport: Transport;
  readonly #options: PeerOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #open = new Map<string | number, AbortController>();
  #last = 0;
  #turn = 0;
  #paused = false;
  /** Why nothing goes on any more. */
  #closed: Error | undefined;

  constructor(child: PluginChild, options: PeerOptions) {
    this.#options = options;
    this.#transport = stdioTransport({ input: child.stdout, output: child.stdin, maxBodyBytes: MOST_BYTES });
    const { reader, writer } = this.#transport;
    reader.onError((error) => this.#refuse(error));
    writer.onDrain(() => this.#resume());
    reader.listen((message) => this.#receive(message));
  }

  /** Rejects with `PeerError`, the plugin's own, or with what `close` is given. */
  request(method: string, params: object): { readonly id: number; readonly answer: Promise<Json> } {
    this.#last++;
    const id = this.#last;
    if (this.#closed) return { id, answer: Promise.reject(this.#closed) };
    const answer = new Promise<Json>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#write({ id, method, params });
    return { id, answer };
  }

  cancel(id: number): void {
    this.#write({ method: "$/cancelRequest", params: { id } });
  }

  /** Nothing more is taken; who waits for an answer gets the error. */
  close(error: Error): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#transport.reader.dispose();
    this.#transport.writer.end();
    for (const { reject } of this.#pending.values()) reject(error as PeerError);
    this.#pending.clear();
    for (const controller of this.#open.values()) controller.abort();
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    this.#take(classify(message));
    this.#turn++;
    if (this.#turn === TURN) this.#breathe();
    this.#holdBack();
  }

  #take(message: Incoming): void {
    if (message.kind === "response") this.#settle(message);
    else if (message.kind === "request") void this.#answer(message.id, message.method, message.params);
    else if (message.kind === "invalid") this.#options.broken("it sent what is no message");
    else
      this.#options.broken(`it sent a notification (${message.method.slice(0, 100)}), which no plugin may`);
  }

  #settle({ id, result, error }: Extract<Incoming, { kind: "response" }>): void {
    const waiting = this.#pending.get(id as number);
    if (waiting === undefined) {
      this.#options.broken("it answered what was not asked");
      return;
    }
    this.#pending.delete(id as number);
    if (error === undefined) waiting.resolve((result ?? null) as Json);
    else waiting.reject(peerError(error));
  }

  async #answer(id: string | number, method: string, params: unknown): Promise<void> {
    if (this.#open.has(id)) {
      this.#options.broken("it used the id of a call that is open for another one");
      return;
    }
    const controller = new AbortController();
    this.#open.set(id, controller);
    try {
      this.#write({ id, result: await this.#options.answer(method, params, controller.signal) });
    } catch (error) {
      const known = isDatmoError(error) ? error : errors.INTERNAL_ERROR(reasonOf(error));
      this.#write({ id, error: wireError(known as DatmoError) });
    } finally {
      this.#open.delete(id);
      this.#resume();
    }
  }

  #refuse(error: Error): void {
    const tooLarge = error instanceof FramingError && !error.fatal;
    this.#options.broken(
      tooLarge
        ? `it sent a message of more than ${MOST_BYTES / 1024 / 1024} MiB`
        : `it sent what is no message: ${error.message}`,
    );
  }

  #write(body: object): void {
    if (!this.#closed) void this.#transport.writer.write({ jsonrpc: "2.0", ...body } as Message);
  }

  #breathe(): void {
    this.#pause();
    setImmediate(() => {
      this.#turn = 0;
      this.#resume();
    });
  }

  #holdBack(): void {
    if (this.#tooMuch()) this.#pause();
  }

  #tooMuch(): boolean {
    const unread = this.#transport.writer.pendingBytes;
    return this.#open.size >= MOST_OPEN || unread > MOST_UNREAD || this.#turn >= TURN;
  }

  #pause(): void {
    this.#paused = true;
    this.#transport.reader.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#closed || this.#tooMuch()) return;
    this.#paused = false;
    this.#transport.reader.resume();
  }
}

function peerError(error: unknown): PeerError {
  const { message, data } = error as {
    readonly message?: unknown;
    readonly data?: { readonly kind?: unknown };
  };
  return new PeerError(
    String(message ?? "no message").slice(0, 4000),
    String(data?.kind ?? "Error").slice(0, 100),
  );
}

function reasonOf(error: unknown): { reference: string; reason: string } {
  return { reference: "", reason: error instanceof Error ? error.message : String(error) };
}
