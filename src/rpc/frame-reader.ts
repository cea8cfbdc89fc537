import { isAscii } from "node:buffer";
import type { Readable } from "node:stream";
import type { DataCallback, Disposable, Event, Message, PartialMessageInfo } from "vscode-jsonrpc";
import { errors } from "../protocol/errors.ts";
import { Emitter } from "./emitter.ts";
import { FrameParser, MAX_BODY_BYTES } from "./frame-parser.ts";
import { FramingError } from "./framing-error.ts";
import { MetricMessageReader } from "./metric-message.ts";
import type { FlowReader, MessageId } from "./transport.ts";

const MEGABYTE = 1024 * 1024;

/** Reads messages in `Content-Length` frames from a stream. Errors are `FramingError`s; after a fatal one it is silent. */
export class FrameReader implements FlowReader {
  readonly #errors = new Emitter<Error>();
  readonly #closed = new Emitter<void>();
  readonly onError: Event<Error> = this.#errors.event;
  readonly onClose: Event<void> = this.#closed.event;
  /** Never fired. */
  readonly onPartialMessage: Event<PartialMessageInfo> = new Emitter<PartialMessageInfo>().event;
  lastBytes = 0;
  readonly #input: Readable;
  readonly #maxBodyBytes: number;
  #callback: DataCallback | undefined;
  readonly #points = new MetricMessageReader();
  /** The bytes looked at last, and whether each is a character of its own: such text is made without decoding. */
  #seen: Buffer | undefined;
  #plain = false;

  constructor(input: Readable, maxBodyBytes: number = MAX_BODY_BYTES) {
    this.#input = input;
    this.#maxBodyBytes = maxBodyBytes;
  }

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const parser = new FrameParser(
      {
        body: (bytes, start, end) => this.#body(bytes, start, end),
        tooLarge: (bodyBytes, head) => this.#tooLarge(bodyBytes, head),
        garbage: (reason) => this.#fail(new FramingError(errors.PARSE_ERROR({ reason }), { fatal: true })),
      },
      this.#maxBodyBytes,
    );
    this.#input.on("data", (chunk: Buffer) => parser.push(chunk));
    this.#input.once("end", () => this.#end(parser));
    this.#input.once("close", () => this.#end(parser));
    // A broken pipe is followed by "close"; without a listener the error would end the process.
    this.#input.on("error", () => {});
    return { dispose: () => this.dispose() };
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    if (this.#callback !== undefined) this.#input.resume();
  }

  dispose(): void {
    this.#callback = undefined;
    this.#input.pause();
    this.#errors.dispose();
    this.#closed.dispose();
  }

  #body(bytes: Buffer, start: number, end: number): void {
    if (this.#callback === undefined) return;
    let message: Message;
    try {
      message = this.#message(bytes, start, end);
    } catch (error) {
      const reason = (error as Error).message;
      this.#fail(new FramingError(errors.PARSE_ERROR({ reason }), { fatal: true }));
      return;
    }
    this.lastBytes = end - start;
    this.#callback(message);
  }

  #message(bytes: Buffer, start: number, end: number): Message {
    if (!this.#isPlain(bytes)) return JSON.parse(bytes.toString("utf8", start, end)) as Message;
    const points = this.#points.read(bytes, start, end);
    return points ?? (JSON.parse(bytes.toString("latin1", start, end)) as Message);
  }

  #isPlain(bytes: Buffer): boolean {
    if (this.#seen === bytes) return this.#plain;
    // Large ones are not kept, and hold few messages.
    this.#plain = bytes.length <= MEGABYTE && isAscii(bytes);
    this.#seen = this.#plain ? bytes : undefined;
    return this.#plain;
  }

  #tooLarge(bodyBytes: number, head: Buffer): void {
    const megabytes = Math.ceil(bodyBytes / MEGABYTE);
    const error = errors.MESSAGE_TOO_LARGE({
      megabytes,
      limitMegabytes: Math.floor(this.#maxBodyBytes / MEGABYTE),
    });
    this.#errors.fire(new FramingError(error, { requestId: peekId(head), fatal: false }));
  }

  #fail(error: FramingError): void {
    if (this.#callback === undefined) return;
    this.#callback = undefined;
    this.#errors.fire(error);
  }

  #end(parser: FrameParser): void {
    if (this.#callback !== undefined && parser.unfinished) {
      const error = errors.PARSE_ERROR({ reason: "the input ended inside a message" });
      this.#errors.fire(new FramingError(error, { fatal: true }));
    }
    this.#callback = undefined;
    this.#closed.fire();
    this.#closed.dispose();
  }
}

/** The id of a message of which only the beginning was read: clients write it before the params. */
function peekId(head: Buffer): MessageId | null {
  const beforeParams = head.toString("latin1").split('"params"')[0]!;
  const [, text] = /"id"\s*:\s*("[\x20\x21\x23-\x5b\x5d-\x7e]*"|\d{1,15})/.exec(beforeParams) ?? [];
  return text === undefined ? null : (JSON.parse(text) as MessageId);
}
