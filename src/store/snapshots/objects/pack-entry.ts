import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { ObjectType } from "./object-id.ts";

const TYPE_NUMBERS: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const TYPE_NAMES: readonly (ObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

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

export function encodeEntry(type: ObjectType, body: Uint8Array): PackEntry {
  const data = Buffer.concat([encodeHeader(type, body.length), deflate(body)]);
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

function encodeHeader(type: ObjectType, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (TYPE_NUMBERS[type] << 4) | (size & 15);
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
