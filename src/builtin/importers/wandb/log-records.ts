import { crc32 } from "node:zlib";
import { ByteStream } from "../byte-stream.ts";

/*
 * `run-<id>.wandb`: seven bytes, then blocks of 32 KiB (of which the first has these seven in it) as LevelDB's log has
 * them: chunks of CRC-32, length and kind; a record is one chunk or several.
 */

const HEADER = 7;
const BLOCK = 32_768;
const MAGIC = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe]);
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** Why a file is no log that can be read; undefined when it is one. */
export function logProblem(path: string): string | undefined {
  const stream = new ByteStream(path, 64);
  try {
    const header = stream.take(HEADER);
    if (!header?.subarray(0, 6).equals(MAGIC)) return "it does not begin as a log of W&B does";
    return header[6] === 0 ? undefined : `it is of version ${header[6]}, which is not known`;
  } finally {
    stream.close();
  }
}

/** The records of a log, valid until the next one is asked for. What cannot be read is told. */
export function* logRecords(path: string, problem: (text: string) => void): Generator<Buffer> {
  const stream = new ByteStream(path);
  const assembly = new Assembly(problem);
  try {
    if (!stream.take(HEADER)) return;
    for (let size = BLOCK - HEADER; ; size = BLOCK) {
      let block = stream.take(size);
      const isLast = block === undefined;
      block ??= stream.take(stream.rest);
      if (!block || block.length === 0) break;
      yield* assembly.block(block, isLast);
      if (isLast) break;
    }
    assembly.end();
  } finally {
    stream.close();
  }
}

class Assembly {
  readonly #problem: (text: string) => void;
  /** Chunks of a record whose last one did not come yet. */
  #parts: Buffer[] | undefined;

  constructor(problem: (text: string) => void) {
    this.#problem = problem;
  }

  *block(block: Buffer, isLast: boolean): Generator<Buffer> {
    let at = 0;
    while (at + HEADER <= block.length) {
      const length = block.readUInt16LE(at + 4);
      const kind = block[at + 6] as number;
      const end = at + HEADER + length;
      if (kind === 0 && length === 0) return;
      if (end > block.length) {
        if (isLast) this.#parts = [];
        else this.#damaged();
        return;
      }
      if (crc32(block.subarray(at + 6, end)) !== block.readUInt32LE(at)) {
        this.#damaged();
        return;
      }
      const record = this.#add(kind, block.subarray(at + HEADER, end));
      if (record) yield record;
      at = end;
    }
    if (isLast && at < block.length) this.#parts = [];
  }

  /** After the last block. */
  end(): void {
    if (this.#parts) this.#problem("its last record was cut off");
  }

  #add(kind: number, data: Buffer): Buffer | undefined {
    if (kind === FULL) {
      this.#parts = undefined;
      return data;
    }
    if (kind === FIRST) this.#parts = [Buffer.from(data)];
    else if ((kind === MIDDLE || kind === LAST) && this.#parts) this.#parts.push(Buffer.from(data));
    if (kind !== LAST || !this.#parts) return undefined;
    const record = Buffer.concat(this.#parts);
    this.#parts = undefined;
    return record;
  }

  /** What follows in the block cannot be told apart any more; the next block begins with a chunk again. */
  #damaged(): void {
    this.#parts = undefined;
    this.#problem("a part of it is damaged, and some records were left out");
  }
}
