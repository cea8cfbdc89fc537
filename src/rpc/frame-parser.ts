import { readHeader } from "./frame-header.ts";

/** Longest body of a message, bytes, unless told otherwise. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** As much of a message that is skipped is looked at to find its id. */
const PEEK_BYTES = 256;

export interface FrameSink {
  /** A whole body: the bytes from `start` to `end`. */
  body(bytes: Buffer, start: number, end: number): void;
  /** A body over the limit, skipped unread but for its first bytes. */
  tooLarge(bodyBytes: number, head: Buffer): void;
  /** Bytes that are no frame; nothing is delivered any more. */
  garbage(reason: string): void;
}

/** Cuts a stream of bytes into message bodies, however the bytes come in pieces. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #maxBodyBytes: number;
  /** Pieces of a frame that is not whole yet, and how many bytes it needs (0: not known yet). */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 0;
  #skipBytes = 0;
  #broken = false;

  constructor(sink: FrameSink, maxBodyBytes: number = MAX_BODY_BYTES) {
    this.#sink = sink;
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Inside a message, or behind garbage: more bytes were to come. */
  get unfinished(): boolean {
    return this.#heldBytes > 0 || this.#skipBytes > 0;
  }

  push(chunk: Buffer): void {
    if (this.#broken) return;
    const rest = this.#skip(chunk);
    if (rest.length === 0) return;
    if (this.#heldBytes + rest.length < this.#neededBytes) {
      this.#hold(rest, this.#neededBytes);
      return;
    }
    this.#parse(this.#heldBytes > 0 ? this.#release(rest) : rest);
  }

  #parse(first: Buffer): void {
    let bytes = first;
    let at = 0;
    while (at < bytes.length) {
      const header = readHeader(bytes, at);
      if (header.state !== "ok") {
        if (header.state === "bad") this.#break(header.reason);
        else this.#hold(bytes.subarray(at), 0);
        return;
      }
      const { bodyStart, bodyBytes } = header;
      const tooLarge = bodyBytes > this.#maxBodyBytes;
      const end = bodyStart + (tooLarge ? Math.min(bodyBytes, PEEK_BYTES) : bodyBytes);
      if (end > bytes.length) {
        this.#hold(bytes.subarray(at), end - at);
        return;
      }
      at = end;
      if (tooLarge) {
        this.#sink.tooLarge(bodyBytes, bytes.subarray(bodyStart, end));
        this.#skipBytes = bodyStart + bodyBytes - end;
        bytes = this.#skip(bytes.subarray(end));
        at = 0;
      } else {
        this.#sink.body(bytes, bodyStart, end);
      }
    }
  }

  #break(reason: string): void {
    this.#broken = true;
    this.#sink.garbage(reason);
  }

  #skip(bytes: Buffer): Buffer {
    if (this.#skipBytes === 0) return bytes;
    const skipped = Math.min(this.#skipBytes, bytes.length);
    this.#skipBytes -= skipped;
    return bytes.subarray(skipped);
  }

  #hold(bytes: Buffer, neededBytes: number): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#neededBytes = neededBytes;
  }

  /** Joins what was held with the newest piece: once per frame, so that large ones do not cost their square. */
  #release(bytes: Buffer): Buffer {
    const all = Buffer.concat([...this.#held, bytes], this.#heldBytes + bytes.length);
    this.#held = [];
    this.#heldBytes = 0;
    this.#neededBytes = 0;
    return all;
  }
}
