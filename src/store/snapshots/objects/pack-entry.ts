import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { ObjectType } from "./object-id.ts";

const TYPE_NUMBERS: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const TYPE_NAMES: readonly (ObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

/** No object that is not a big file is larger; what claims to be is damage or an attack. */
export const MAX_OBJECT = 512 * 1024 * 1024;

/** What a header claims is not allocated at once. */
const LARGEST_CHUNK = 1024 * 1024;

/** Content that shrinks by less than this in a sample is stored as it is. */
const WORTHWHILE = 0.95;
const SAMPLE = 64 * 1024;

/** One object as it lies in a pack: header and zlib stream. */
export interface PackEntry {
  readonly data: Buffer;
  readonly crc: number;
}

export interface EntryHeader {
  /** `delta`: made by a repacking git; such entries need their base. */
  readonly type: ObjectType | "delta";
  /** Size of the content, or of the delta. */
  readonly size: number;
  /** Bytes of the header itself. */
  readonly length: number;
}

/** No header is longer than this: 4 + 7 × 7 bits of size. */
export const MAX_HEADER = 10;

/** Header and base of a delta: at most 20 bytes of an id more. */
export const MAX_DELTA_HEADER = MAX_HEADER + 20;

export function encodeEntry(type: ObjectType, body: Uint8Array): PackEntry {
  const data = Buffer.concat([encodeHeader(TYPE_NUMBERS[type], body.length), deflate(body)]);
  return { data, crc: crc32(data) };
}

/** An object as what makes it of another one, which must lie in the same pack. */
export function encodeDeltaEntry(base: string, delta: Uint8Array): PackEntry {
  const stream = deflateSync(delta, { level: 9 });
  const data = Buffer.concat([encodeHeader(REFERENCE_DELTA, delta.length), Buffer.from(base, "hex"), stream]);
  return { data, crc: crc32(data) };
}

/** Throws on bytes that are no header. */
export function decodeHeader(bytes: Uint8Array): EntryHeader {
  let byte = bytes[0] ?? 0;
  const number = (byte >> 4) & 7;
  let size = byte & 15;
  let scale = 16;
  let length = 1;
  while (byte & 0x80) {
    byte = bytes[length++] ?? 0;
    size += (byte & 0x7f) * scale;
    scale *= 128;
    if (length > MAX_HEADER) throw new Error("the header of a pack entry is damaged");
  }
  const type = number === OFFSET_DELTA || number === REFERENCE_DELTA ? "delta" : TYPE_NAMES[number];
  if (type === undefined) throw new Error(`a pack entry has the unknown type ${number}`);
  return { type, size, length };
}

/** Content of an entry that is no delta. Never inflates more than the header promises. */
export function inflateEntry(entry: Uint8Array, header: EntryHeader): Buffer {
  const stream = entry.subarray(header.length);
  const body = inflateSync(stream, { maxOutputLength: Math.max(1, header.size) });
  if (body.length !== header.size) throw new Error("an object is shorter than its header says");
  return body;
}

/** The same of a stream that more bytes may follow; `used` says how many of it belong to the content. */
export function inflateStream(stream: Uint8Array, size: number): { body: Buffer; used: number } {
  const chunkSize = Math.max(64, Math.min(size, LARGEST_CHUNK));
  const options = { maxOutputLength: Math.max(1, size), chunkSize, info: true };
  // The types do not know of `info`.
  const { buffer, engine } = inflateSync(stream, options) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  if (buffer.length !== size) throw new Error("an object is shorter than its header says");
  return { body: buffer, used: engine.bytesWritten };
}

/** What a delta in a pack is made from. */
export type DeltaBase = { readonly distance: number } | { readonly id: string };

/** Reads the base of a delta, which stands between its header and its stream; `length` is up to the stream. */
export function decodeDeltaBase(
  bytes: Uint8Array,
  header: EntryHeader,
): { readonly base: DeltaBase; readonly length: number } {
  let at = header.length;
  if ((((bytes[0] ?? 0) >> 4) & 7) === REFERENCE_DELTA) {
    const id = Buffer.from(bytes.subarray(at, at + 20)).toString("hex");
    return { base: { id }, length: at + 20 };
  }
  let byte = bytes[at++] ?? 0;
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = bytes[at++] ?? 0;
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (at > header.length + MAX_HEADER) throw new Error("the base of a delta is damaged");
  }
  return { base: { distance }, length: at };
}

function encodeHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}

function deflate(body: Uint8Array): Buffer {
  if (body.length > SAMPLE) {
    const sample = deflateSync(body.subarray(0, SAMPLE), { level: 1 });
    if (sample.length > SAMPLE * WORTHWHILE)
      return deflateSync(body, { level: 0, chunkSize: body.length + 1024 });
  }
  // A window as small as the content makes small streams a fifth faster at no cost in size.
  const windowBits = Math.min(15, Math.max(9, 32 - Math.clz32(body.length)));
  return deflateSync(body, { level: 1, windowBits, chunkSize: Math.max(256, Math.min(body.length, SAMPLE)) });
}
