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
  /** Every character of the text is one byte, and can be written without encoding. */
  #plain = true;
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
    const bytes = Buffer.byteLength(body);
    this.#plain &&= bytes === body.length;
    this.#text += `Content-Length: ${bytes}\r\n\r\n${body}`;
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
    const encoding = this.#plain ? "latin1" : "utf8";
    this.#text = "";
    this.#plain = true;
    this.#output.write(text, encoding);
  }

  #leave(error?: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#text = "";
    if (error !== undefined) this.#errors.fire([error, undefined, undefined]);
    this.#closed.fire();
  }
}
