import type { Readable, Writable } from "node:stream";
import { MAX_BODY_BYTES } from "./frame-parser.ts";
import { FrameReader } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Transport } from "./transport.ts";

export interface StreamOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Longest message taken, bytes. Default 64 MiB. */
  readonly maxBodyBytes?: number;
}

/** A connection in `Content-Length` frames over two streams: stdin and stdout, the pipes of a child, a socket. */
export function stdioTransport({ input, output, maxBodyBytes = MAX_BODY_BYTES }: StreamOptions): Transport {
  return { reader: new FrameReader(input, maxBodyBytes), writer: new FrameWriter(output) };
}
