import { crc32 } from "node:zlib";

/* The framed file format of journal segments and series: see `docs/formats.md`, "Frames". */

export const FILE_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 16;
/** Highest format version this code reads; the only one it writes. */
export const FORMAT_VERSION = 1;
/** Longest payload of a frame, bytes. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
export const FLAG_DEFLATED = 1;

export const FRAME_TYPE = { TXN: 1, SEAL: 2, DEF: 3, CHUNK: 4 } as const;

export type FileMagic = "DATMOSEG" | "DATMOSER" | "DATMOSLD";

export interface FileHeader {
  readonly magic: FileMagic;
  /** First 16 hexadecimal digits (64 bits) of the writer's id. */
  readonly writer: string;
  readonly segment: number;
  /** Random unsigned 32-bit number that seeds every checksum of the file. */
  readonly salt: number;
}

export type HeaderResult =
  | { readonly state: "ok"; readonly header: FileHeader }
  /** The file ends inside the header: being created, or torn. */
  | { readonly state: "short" }
  | { readonly state: "bad"; readonly reason: "magic" | "checksum" }
  /** A valid header of a later format version. */
  | { readonly state: "newer"; readonly version: number };

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** A view of the bytes that were read, not a copy. */
  readonly payload: Buffer;
}

export type FrameResult =
  /** `end`: offset of the byte after the frame. */
  | { readonly state: "frame"; readonly frame: Frame; readonly end: number }
  /** The bytes end before the frame does: in flight, or torn. `needed`: bytes the whole frame wants, as far as known. */
  | { readonly state: "short"; readonly needed: number }
  /** Wrong bytes. Whether that is a torn tail or damage shows `salvageFrames`: damage has valid frames after it. */
  | { readonly state: "bad"; readonly reason: "magic" | "length" | "sequence" | "checksum" };

/** A file header of the version this code writes. `writer` may be the whole id; its first 16 digits are taken. */
export function encodeFileHeader(header: FileHeader): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  bytes.write(header.magic, 0, "latin1");
  bytes.write(header.writer.slice(0, 16), 8, "hex");
  bytes.writeUInt32LE(header.segment, 16);
  bytes.writeUInt32LE(header.salt, 20);
  bytes.writeUInt32LE(FORMAT_VERSION, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** Reads the header at the start of `bytes`, which must be of kind `magic`. */
export function parseFileHeader(bytes: Buffer, magic: FileMagic): HeaderResult {
  const seen = Math.min(bytes.length, 8);
  if (bytes.toString("latin1", 0, seen) !== magic.slice(0, seen)) return { state: "bad", reason: "magic" };
  if (bytes.length < FILE_HEADER_BYTES) return { state: "short" };
  if (crc32(bytes.subarray(0, 28)) !== bytes.readUInt32LE(28)) return { state: "bad", reason: "checksum" };
  const version = bytes.readUInt32LE(24);
  if (version > FORMAT_VERSION) return { state: "newer", version };
  const writer = bytes.toString("hex", 8, 16);
  const header = { magic, writer, segment: bytes.readUInt32LE(16), salt: bytes.readUInt32LE(20) };
  return { state: "ok", header };
}

/** A whole frame as one buffer. Throws a RangeError above `MAX_PAYLOAD_BYTES`. */
export function encodeFrame(frame: Frame, salt: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + frame.payload.length);
  frame.payload.copy(bytes, FRAME_HEADER_BYTES);
  finishFrame(bytes, 0, frame.payload.length, frame, salt);
  return bytes;
}

/**
 * Writes the header of a frame whose payload already lies in `target` at `offset + FRAME_HEADER_BYTES`;
 * returns the offset after the frame. For callers that build payloads in place. Throws a RangeError
 * when the payload is longer than `MAX_PAYLOAD_BYTES`.
 */
export function finishFrame(
  target: Buffer,
  offset: number,
  payloadLength: number,
  frame: Pick<Frame, "type" | "flags" | "sequence">,
  salt: number,
): number {
  if (payloadLength > MAX_PAYLOAD_BYTES) throw new RangeError(`frame payload of ${payloadLength} bytes`);
  target.writeUInt16LE(FRAME_MAGIC, offset);
  target[offset + 2] = frame.type;
  target[offset + 3] = frame.flags;
  target.writeUInt32LE(payloadLength, offset + 4);
  target.writeUInt32LE(frame.sequence, offset + 8);
  target.writeUInt32LE(frameChecksum(target, offset, payloadLength, salt), offset + 12);
  return offset + FRAME_HEADER_BYTES + payloadLength;
}

/** Reads the frame at `offset` of `bytes`; `sequence` is the number it must have. */
export function readFrame(bytes: Buffer, offset: number, salt: number, sequence: number): FrameResult {
  const available = bytes.length - offset;
  if (available >= 1 && bytes[offset] !== MAGIC_BYTES[0]) return { state: "bad", reason: "magic" };
  if (available >= 2 && bytes[offset + 1] !== MAGIC_BYTES[1]) return { state: "bad", reason: "magic" };
  if (available < FRAME_HEADER_BYTES) return { state: "short", needed: FRAME_HEADER_BYTES };
  const length = bytes.readUInt32LE(offset + 4);
  if (length > MAX_PAYLOAD_BYTES) return { state: "bad", reason: "length" };
  const found = bytes.readUInt32LE(offset + 8);
  if (found !== sequence) return { state: "bad", reason: "sequence" };
  const needed = FRAME_HEADER_BYTES + length;
  if (available < needed) return { state: "short", needed };
  if (frameChecksum(bytes, offset, length, salt) !== bytes.readUInt32LE(offset + 12)) {
    return { state: "bad", reason: "checksum" };
  }
  const end = offset + needed;
  const payload = bytes.subarray(offset + FRAME_HEADER_BYTES, end);
  const frame = { type: bytes[offset + 2]!, flags: bytes[offset + 3]!, sequence: found, payload };
  return { state: "frame", frame, end };
}

/**
 * Frames of a file that arrives in pieces of any size. `offset` is the place in the file of the next frame,
 * `sequence` its number; both may be remembered and given to a new reader later.
 */
export class FrameReader {
  offset: number;
  sequence: number;
  readonly #salt: number;
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(salt: number, offset: number = FILE_HEADER_BYTES, sequence = 0) {
    this.#salt = salt;
    this.offset = offset;
    this.sequence = sequence;
  }

  /** Adds the bytes that follow in the file. The reader keeps the buffer: do not write to it again. */
  push(bytes: Buffer): void {
    const rest = this.#bytes.subarray(this.#position);
    this.#bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    this.#position = 0;
  }

  /** The next frame; after `short` push more bytes, after `bad` the reader stands still. */
  next(): FrameResult {
    const result = readFrame(this.#bytes, this.#position, this.#salt, this.sequence);
    if (result.state !== "frame") return result;
    this.offset += result.end - this.#position;
    this.#position = result.end;
    this.sequence += 1;
    return result;
  }

  /** Bytes pushed and not yet part of a frame. */
  get pending(): number {
    return this.#bytes.length - this.#position;
  }
}

/**
 * Valid frames anywhere in `bytes` from `offset` on, for files with damage in the middle. Only frames
 * numbered `sequence` or higher count, in rising order, so a stale copy of an earlier frame is never taken.
 */
export function* salvageFrames(
  bytes: Buffer,
  offset: number,
  salt: number,
  sequence: number,
): Generator<{ readonly frame: Frame; readonly offset: number }> {
  let lowest = sequence;
  let at = bytes.indexOf(MAGIC_BYTES, offset);
  while (at >= 0 && at + FRAME_HEADER_BYTES <= bytes.length) {
    const found = bytes.readUInt32LE(at + 8);
    // A file of n bytes cannot hold more than n / 16 frames; this spares a checksum over most chance hits.
    const plausible = found >= lowest && found <= sequence + bytes.length / FRAME_HEADER_BYTES;
    const result = plausible ? readFrame(bytes, at, salt, found) : undefined;
    if (result?.state === "frame") {
      yield { frame: result.frame, offset: at };
      lowest = found + 1;
    }
    at = bytes.indexOf(MAGIC_BYTES, result?.state === "frame" ? result.end : at + 1);
  }
}

const FRAME_MAGIC = 0x4644;
const MAGIC_BYTES = Buffer.from([FRAME_MAGIC & 0xff, FRAME_MAGIC >> 8]);

function frameChecksum(bytes: Buffer, offset: number, payloadLength: number, salt: number): number {
  const head = crc32(bytes.subarray(offset, offset + 12), salt);
  const start = offset + FRAME_HEADER_BYTES;
  return crc32(bytes.subarray(start, start + payloadLength), head);
}
