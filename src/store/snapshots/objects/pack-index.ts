const MAGIC = 0xff744f63;
const HEADER = 8;
const FANOUT = 256 * 4;
const TRAILER = 40;

/** Where an object lies in its pack. `end` is where the next one begins. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A pack index (version 2) in memory; shared memory, so that worker threads look into the same bytes. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #sorted: Float64Array | undefined;

  /** Throws when the bytes are no index. */
  constructor(readonly memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    if (memory.byteLength < HEADER + FANOUT + TRAILER || this.#view.getUint32(0) !== MAGIC) {
      throw new Error("it is not a pack index");
    }
    if (this.#view.getUint32(4) !== 2) throw new Error("it is an index of an unknown version");
    this.count = this.#view.getUint32(HEADER + FANOUT - 4);
    if (memory.byteLength < HEADER + FANOUT + this.count * 28 + TRAILER)
      throw new Error("the index is cut off");
  }

  static of(bytes: Uint8Array): PackIndex {
    const memory = new SharedArrayBuffer(bytes.length);
    new Uint8Array(memory).set(bytes);
    return new PackIndex(memory);
  }

  /** Position of an object in the order of ids; -1 when it is not in this pack. */
  find(id: Uint8Array): number {
    const first = id[0] ?? 0;
    let low = first === 0 ? 0 : this.#view.getUint32(HEADER + (first - 1) * 4);
    let high = this.#view.getUint32(HEADER + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(middle, id);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  idAt(position: number): Buffer {
    const start = HEADER + FANOUT + position * 20;
    return Buffer.from(this.#bytes.slice(start, start + 20));
  }

  crcAt(position: number): number {
    return this.#view.getUint32(HEADER + FANOUT + this.count * 20 + position * 4);
  }

  /** Checksum of the pack it belongs to. */
  packChecksum(): Buffer {
    const end = this.#bytes.length;
    return Buffer.from(this.#bytes.slice(end - TRAILER, end - 20));
  }

  /** Place of the object at a position; `packBytes` is the size of the pack file. */
  placeAt(position: number, packBytes: number): Place {
    return this.placeFrom(this.offsetAt(position), packBytes);
  }

  /** Place of the object that begins at an offset; `packBytes` is the size of the pack file. */
  placeFrom(start: number, packBytes: number): Place {
    const sorted = this.#offsets();
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return { start, end: sorted[low] ?? packBytes - 20 };
  }

  offsetAt(position: number): number {
    const small = this.#view.getUint32(HEADER + FANOUT + this.count * 24 + position * 4);
    if (small < 0x80000000) return small;
    const at = HEADER + FANOUT + this.count * 28 + (small - 0x80000000) * 8;
    if (at + 8 > this.#bytes.length - TRAILER) throw new Error("the index names an offset it does not hold");
    return Number(this.#view.getBigUint64(at));
  }

  #offsets(): Float64Array {
    this.#sorted ??= Float64Array.from({ length: this.count }, (_, i) => this.offsetAt(i)).sort();
    return this.#sorted;
  }

  #compare(position: number, id: Uint8Array): number {
    let at = HEADER + FANOUT + position * 20;
    for (let i = 0; i < 20; i++, at++) {
      const difference = (this.#bytes[at] ?? 0) - (id[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

export interface IndexRow {
  /** Hexadecimal. */
  readonly id: string;
  readonly crc: number;
  readonly offset: number;
}

/** Bytes of an index, except its own checksum, which the caller appends. */
export function encodeIndex(rows: readonly IndexRow[], packChecksum: Uint8Array): Buffer {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const large = sorted.filter((row) => row.offset >= 0x80000000);
  const out = Buffer.alloc(HEADER + FANOUT + sorted.length * 28 + large.length * 8 + 20);
  out.writeUInt32BE(MAGIC, 0);
  out.writeUInt32BE(2, 4);
  const ids = HEADER + FANOUT;
  const crcs = ids + sorted.length * 20;
  const offsets = crcs + sorted.length * 4;
  let nextLarge = 0;
  sorted.forEach((row, i) => {
    out.write(row.id, ids + i * 20, "hex");
    out.writeUInt32BE(row.crc, crcs + i * 4);
    const isLarge = row.offset >= 0x80000000;
    out.writeUInt32BE(isLarge ? 0x80000000 + nextLarge : row.offset, offsets + i * 4);
    if (isLarge) out.writeBigUInt64BE(BigInt(row.offset), offsets + sorted.length * 4 + nextLarge++ * 8);
  });
  writeFanout(out, ids, sorted.length);
  out.set(packChecksum, out.length - 20);
  return out;
}

function writeFanout(out: Buffer, ids: number, count: number): void {
  let position = 0;
  for (let first = 0; first < 256; first++) {
    while (position < count && (out[ids + position * 20] ?? 0) === first) position++;
    out.writeUInt32BE(position, HEADER + first * 4);
  }
}
