/** Stretches of the base that can be found begin at multiples of this and are at least as long. */
const BLOCK = 16;
/** Bytes that one copy takes at most: what every git understands. */
const LONGEST_COPY = 0x10000;
/** Bytes that one insertion holds at most. */
const LONGEST_INSERT = 0x7f;
/** Places in the base with equal hashes that are looked at. */
const MOST_TRIES = 16;

/**
 * What makes `target` of `base`, in git's form for packs. Undefined when it would be longer than `limit` bytes,
 * or when either is too short or too long for it to pay.
 */
export function encodeDelta(base: Buffer, target: Buffer, limit: number): Buffer | undefined {
  if (base.length < BLOCK || target.length < BLOCK || base.length > 0xffff_ffff) return undefined;
  const index = new BlockIndex(base);
  const out = new Instructions(base.length, target, limit);
  let at = 0;
  while (at + BLOCK <= target.length) {
    const match = index.longest(target, at, out.pending(at));
    if (match === undefined) at++;
    else {
      out.copy(match.from, match.at, match.length);
      at = match.at + match.length;
    }
    if (out.isTooLong(at)) return undefined;
  }
  return out.end();
}

interface Match {
  /** Where in the base, where in the target. */
  readonly from: number;
  readonly at: number;
  readonly length: number;
}

/** Finds stretches of the base: places of its blocks by their hash. */
class BlockIndex {
  readonly #base: Buffer;
  readonly #mask: number;
  /** Number of the last block of a hash, and of the block before with the same; both plus one. */
  readonly #heads: Int32Array;
  readonly #before: Int32Array;

  constructor(base: Buffer) {
    const blocks = Math.floor(base.length / BLOCK);
    let size = 64;
    while (size < blocks * 2) size *= 2;
    this.#base = base;
    this.#mask = size - 1;
    this.#heads = new Int32Array(size);
    this.#before = new Int32Array(blocks + 1);
    // From the end, so that the first of equal blocks is found first.
    for (let block = blocks; block > 0; block--) {
      const slot = hashAt(base, (block - 1) * BLOCK) & this.#mask;
      this.#before[block] = this.#heads[slot] as number;
      this.#heads[slot] = block;
    }
  }

  /** The longest found, grown in both directions; back by at most `pending` bytes that are not encoded yet. */
  longest(target: Buffer, at: number, pending: number): Match | undefined {
    const base = this.#base;
    let best: Match | undefined;
    let block = this.#heads[hashAt(target, at) & this.#mask] as number;
    for (let tries = 0; block > 0 && tries < MOST_TRIES; tries++) {
      const from = (block - 1) * BLOCK;
      let end = 0;
      while (at + end < target.length && from + end < base.length && target[at + end] === base[from + end])
        end++;
      if (end >= BLOCK) {
        let start = 0;
        while (start < pending && start < from && target[at - start - 1] === base[from - start - 1]) start++;
        if (end + start > (best?.length ?? 0))
          best = { from: from - start, at: at - start, length: end + start };
      }
      block = this.#before[block] as number;
    }
    return best;
  }
}

/** The instructions of a delta, and bytes of the target that no instruction makes yet. */
class Instructions {
  readonly #target: Buffer;
  readonly #limit: number;
  readonly #parts: Uint8Array[];
  #bytes: number;
  #done = 0;

  constructor(baseBytes: number, target: Buffer, limit: number) {
    this.#target = target;
    this.#limit = limit;
    this.#parts = [sizeBytes(baseBytes), sizeBytes(target.length)];
    this.#bytes = this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  pending(at: number): number {
    return at - this.#done;
  }

  isTooLong(at: number): boolean {
    return this.#bytes + this.pending(at) > this.#limit;
  }

  copy(from: number, at: number, length: number): void {
    this.#insertUpTo(at);
    for (let done = 0; done < length; done += LONGEST_COPY) {
      this.#push(copyBytes(from + done, Math.min(LONGEST_COPY, length - done)));
    }
    this.#done = at + length;
  }

  end(): Buffer | undefined {
    this.#insertUpTo(this.#target.length);
    return this.#bytes > this.#limit ? undefined : Buffer.concat(this.#parts);
  }

  #insertUpTo(at: number): void {
    while (this.#done < at) {
      const next = Math.min(at, this.#done + LONGEST_INSERT);
      this.#push(Uint8Array.of(next - this.#done));
      this.#push(this.#target.subarray(this.#done, next));
      this.#done = next;
    }
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
  }
}

/** Only the bytes that are not zero are written, and told in the first byte. */
function copyBytes(from: number, length: number): Uint8Array {
  const bytes = [0x80];
  for (let i = 0; i < 4; i++) {
    const byte = Math.floor(from / 2 ** (8 * i)) & 0xff;
    if (byte === 0) continue;
    bytes[0] = (bytes[0] as number) | (1 << i);
    bytes.push(byte);
  }
  for (let i = 0; i < 2; i++) {
    const byte = (length >> (8 * i)) & 0xff;
    if (byte === 0) continue;
    bytes[0] = (bytes[0] as number) | (16 << i);
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function sizeBytes(size: number): Uint8Array {
  const bytes: number[] = [];
  let rest = size;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

function hashAt(bytes: Buffer, at: number): number {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + BLOCK; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
