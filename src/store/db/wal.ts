/*
 * SQLite's write-ahead log: what was committed and not put into the main file yet. A header of 32 bytes, then frames of
 * 24 bytes and a page each; a frame counts when its salts and its running checksum fit, up to the last commit.
 */

const HEADER = 32;
const FRAME = 24;
const MAGIC = 0x377f0682;

/** The database with everything that was committed to its log; the log may be torn, or left from long ago. */
export function withWal(main: Buffer, wal: Buffer): Buffer {
  if (wal.length < HEADER || (wal.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return main;
  const isBig = (wal.readUInt32BE(0) & 1) === 1;
  const size = wal.readUInt32BE(8);
  const sums = new Checksum(isBig);
  sums.add(wal.subarray(0, 24));
  if (size < 512 || size > 65_536 || !sums.is(wal.readUInt32BE(24), wal.readUInt32BE(28))) return main;
  let pending: [page: number, at: number][] = [];
  const pages = new Map<number, number>();
  let total = 0;
  for (let at = HEADER; at + FRAME + size <= wal.length; at += FRAME + size) {
    if (wal.compare(wal, 16, 24, at + 8, at + 16) !== 0) break;
    sums.add(wal.subarray(at, at + 8));
    sums.add(wal.subarray(at + FRAME, at + FRAME + size));
    if (!sums.is(wal.readUInt32BE(at + 16), wal.readUInt32BE(at + 20))) break;
    pending.push([wal.readUInt32BE(at), at + FRAME]);
    const committed = wal.readUInt32BE(at + 4);
    if (committed === 0) continue;
    for (const [page, place] of pending) pages.set(page, place);
    pending = [];
    total = committed;
  }
  if (total === 0) return main;
  const whole = Buffer.alloc(total * size);
  main.copy(whole);
  for (const [page, place] of pages) {
    if (page >= 1 && page <= total) wal.copy(whole, (page - 1) * size, place, place + size);
  }
  return whole;
}

class Checksum {
  readonly #isBig: boolean;
  #first = 0;
  #second = 0;

  constructor(isBig: boolean) {
    this.#isBig = isBig;
  }

  /** A multiple of 8 bytes. */
  add(bytes: Buffer): void {
    let [first, second] = [this.#first, this.#second];
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      const a = this.#isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
      const b = this.#isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
      first = (first + a + second) >>> 0;
      second = (second + b + first) >>> 0;
    }
    [this.#first, this.#second] = [first, second];
  }

  is(first: number, second: number): boolean {
    return this.#first === first && this.#second === second;
  }
}
