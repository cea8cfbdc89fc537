import type { Writable } from "node:stream";
import type { Event, Message } from "vscode-jsonrpc";
import { Emitter } from "./emitter.ts";
import type { FlowWriter } from "./transport.ts";

const DONE = Promise.resolve();
/** Text gathered in one turn of the loop is handed on early above this size. */
const FLUSH_CHARACTERS = 256 * 1024;

/**
 * Writes messages in `Content-Length` frames to a stream. What is written in one turn of the event loop goes out in
 * one write. After the peer has left everything is dropped silently: `onClose` tells it once.
 */
export class FrameWriter implements FlowWriter {
  readonly #errors = new Emitter<[Error, Message | undefined, number | undefined]>();
  readonly #closed = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  readonly onError: Event<[Error, Message | undefined, number | undefined]> = this.#errors.event;
  readonly onClose: Event<void> = this.#closed.event;
  readonly onDrain: Event<void> = this.#drained.event;
  readonly #output: Writable;
  readonly #flush = (): void => this.#writeOut();
  #text = "";
  #scheduled = false;
  #gone = false;

  constructor(output: Writable) {
    this.#output = output;
    output.on("drain", () => this.#drained.fire());
    output.on("error", (error: Error) => this.#leave(error));
    output.once("close", () => this.#leave());
  }

  get pendingBytes(): number {
    return this.#text.length + this.#output.writableLength;
  }

  /** Throws when the message cannot be written as JSON; never because of the peer. */
  write(message: Message): Promise<void> {
    if (this.#gone) return DONE;
    const body = JSON.stringify(message);
    this.#text += `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    if (this.#text.length > FLUSH_CHARACTERS) this.#writeOut();
    else if (!this.#scheduled) this.#schedule();
    return DONE;
  }

  flushed(): Promise<void> {
    this.#writeOut();
    if (this.#gone || this.#output.writableLength === 0) return DONE;
    return new Promise((resolve) => {
      this.#output.write("", () => resolve());
      this.#closed.event(() => resolve());
    });
  }

  end(): void {
    this.#writeOut();
    if (!this.#gone) this.#output.end();
  }

  dispose(): void {
    this.#errors.dispose();
    this.#drained.dispose();
    this.#closed.dispose();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #writeOut(): void {
    this.#scheduled = false;
    const text = this.#text;
    if (text === "" || this.#gone) return;
    this.#text = "";
    this.#output.write(text, "utf8");
  }

  #leave(error?: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#text = "";
    if (error !== undefined) this.#errors.fire([error, undefined, undefined]);
    this.#closed.fire();
  }
}
