/*
 * Memory for bytes that are needed for a moment, used again and again. Buffers that are let go of stay until V8
 * collects its heap, and for the sake of buffers alone it does not hurry: megabytes of them would pile up.
 */

/** Pieces that are kept, and the largest of them. */
const MOST_KEPT = 4;
const MOST_BYTES = 1024 * 1024;
const LEAST_BYTES = 4096;

const free: ArrayBuffer[] = [];

/** Bytes with arbitrary content, in memory that begins at a multiple of 8. */
export function borrow(length: number): Buffer<ArrayBuffer> {
  let best = -1;
  free.forEach((memory, i) => {
    const fits = memory.byteLength >= length;
    if (fits && (best < 0 || memory.byteLength < free[best]!.byteLength)) best = i;
  });
  const [known] = best < 0 ? [] : free.splice(best, 1);
  return Buffer.from(known ?? newMemory(length), 0, length);
}

/** Nobody looks at the bytes any more. */
export function giveBack(bytes: Buffer<ArrayBuffer>): void {
  if (bytes.buffer.byteLength <= MOST_BYTES && free.length < MOST_KEPT) free.push(bytes.buffer);
}

/** In sizes that fit others as well. */
function newMemory(length: number): ArrayBuffer {
  const size = length > MOST_BYTES ? length : Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(length)));
  return Buffer.allocUnsafeSlow(size).buffer;
}
