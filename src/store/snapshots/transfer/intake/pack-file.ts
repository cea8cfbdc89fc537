import { crc32 } from "node:zlib";
import { type FileSystem, readFully } from "../../files/file-system.ts";
import {
  type DeltaBase,
  decodeDeltaBase,
  decodeHeader,
  type EntryHeader,
  inflateStream,
  MAX_DELTA_HEADER,
  MAX_OBJECT,
} from "../../objects/pack-entry.ts";

const HEADER = 12;
const CHECKSUM = 20;
const WINDOW = 1024 * 1024;

/** One entry of a pack of which there is no index yet. */
export interface ScannedEntry {
  readonly offset: number;
  readonly end: number;
  readonly crc: number;
  readonly header: EntryHeader;
  readonly base?: DeltaBase;
  /** Content, or delta. */
  readonly body: Buffer;
}

/** A pack that somebody else made, read entry by entry. */
export class PackFile {
  readonly count: number;
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #end: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  /** Throws on a file that is no pack. */
  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#fd = fs.openSync(path, "r");
    this.#end = fs.fstatSync(this.#fd).size - CHECKSUM;
    const head = this.#bytes(0, HEADER);
    if (head.length < HEADER || head.toString("latin1", 0, 4) !== "PACK" || head.readUInt32BE(4) !== 2) {
      this.close();
      throw new Error("what came is no pack");
    }
    this.count = head.readUInt32BE(8);
  }

  /** All entries in their order. Throws when there is something between or behind them. */
  *entries(): Generator<ScannedEntry> {
    let offset = HEADER;
    for (let i = 0; i < this.count; i++) {
      const entry = this.entryAt(offset);
      yield entry;
      offset = entry.end;
    }
    if (offset !== this.#end) throw new Error("the pack holds something that is no object");
  }

  entryAt(offset: number): ScannedEntry {
    const head = this.#bytes(offset, MAX_DELTA_HEADER);
    const header = decodeHeader(head);
    if (header.size > MAX_OBJECT) throw new Error(`an object claims ${header.size} bytes`);
    const delta = header.type === "delta" ? decodeDeltaBase(head, header) : undefined;
    const start = offset + (delta?.length ?? header.length);
    const { body, used } = this.#inflate(start, header.size);
    const end = start + used;
    const crc = crc32(this.#bytes(offset, end - offset));
    return { offset, end, crc, header, ...(delta ? { base: delta.base } : {}), body };
  }

  checksum(): Buffer {
    const sum = Buffer.alloc(CHECKSUM);
    readFully(this.#fs, this.#fd, sum, this.#end);
    return sum;
  }

  close(): void {
    this.#fs.closeSync(this.#fd);
  }

  /** Nobody knows yet how long the stream is: it is tried with what such content usually takes, then with more. */
  #inflate(start: number, size: number): { body: Buffer; used: number } {
    const most = size * 2 + 64 * 1024;
    for (let length = size + (size >> 6) + 256; ; length = Math.min(most, length * 2)) {
      const stream = this.#bytes(start, length);
      try {
        return inflateStream(stream, size);
      } catch (error) {
        const cutOff = (error as NodeJS.ErrnoException).code === "Z_BUF_ERROR";
        if (!cutOff || stream.length < length || length >= most) throw error;
      }
    }
  }

  /** Fewer at the end of the entries. */
  #bytes(start: number, wanted: number): Buffer {
    const length = Math.max(0, Math.min(wanted, this.#end - start));
    const from = start - this.#windowStart;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const window = Buffer.allocUnsafe(Math.max(0, Math.min(Math.max(WINDOW, length), this.#end - start)));
    const read = readFully(this.#fs, this.#fd, window, start);
    this.#window = window.subarray(0, read);
    this.#windowStart = start;
    return this.#window.subarray(0, length);
  }
}
