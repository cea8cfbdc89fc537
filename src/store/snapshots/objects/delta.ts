import { MAX_OBJECT } from "./pack-entry.ts";

/** Content that a delta makes of its base. Throws on bytes that are no delta of this base. */
export function applyDelta(base: Uint8Array, delta: Uint8Array): Buffer {
  const cursor = { at: 0 };
  if (readSize(delta, cursor) !== base.length) throw new Error("a delta has another base");
  const size = readSize(delta, cursor);
  if (size > MAX_OBJECT) throw new Error(`a delta claims ${size} bytes`);
  const out = Buffer.allocUnsafe(size);
  let filled = 0;
  while (cursor.at < delta.length) {
    const part = readPart(base, delta, cursor);
    if (filled + part.length > size) throw new Error("a delta makes more than it claims");
    out.set(part, filled);
    filled += part.length;
  }
  if (filled !== size) throw new Error("a delta makes less than it claims");
  return out;
}

/** One instruction: bytes of the delta itself, or a stretch of the base. */
function readPart(base: Uint8Array, delta: Uint8Array, cursor: { at: number }): Uint8Array {
  const code = byteAt(delta, cursor);
  if (code === 0) throw new Error("a delta holds an unknown instruction");
  if (code < 0x80) {
    const part = delta.subarray(cursor.at, cursor.at + code);
    if (part.length !== code) throw new Error("a delta is cut off");
    cursor.at += code;
    return part;
  }
  let offset = 0;
  let length = 0;
  for (let i = 0; i < 4; i++) if (code & (1 << i)) offset += byteAt(delta, cursor) * 2 ** (8 * i);
  for (let i = 0; i < 3; i++) if (code & (16 << i)) length += byteAt(delta, cursor) * 2 ** (8 * i);
  length ||= 0x10000;
  if (offset + length > base.length) throw new Error("a delta reaches beyond its base");
  return base.subarray(offset, offset + length);
}

function readSize(delta: Uint8Array, cursor: { at: number }): number {
  let size = 0;
  let scale = 1;
  for (;;) {
    const byte = byteAt(delta, cursor);
    size += (byte & 0x7f) * scale;
    if (!(byte & 0x80)) return size;
    scale *= 128;
    if (scale > 2 ** 49) throw new Error("a delta claims an impossible size");
  }
}

function byteAt(delta: Uint8Array, cursor: { at: number }): number {
  const byte = delta[cursor.at++];
  if (byte === undefined) throw new Error("a delta is cut off");
  return byte;
}
