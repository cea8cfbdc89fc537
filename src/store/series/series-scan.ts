import {
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  type Frame,
  parseFileHeader,
  readFrame,
  salvageFrames,
} from "../../util/frame.ts";
import { type Chunk, readChunk } from "./chunk.ts";
import { readInto, type SeriesFs } from "./series-fs.ts";

/** Bytes read at once. */
const WINDOW_BYTES = 1024 * 1024;
const SALT_OFFSET = 20;

/** Takes a chunk; its columns are views that are good only until the answer. */
export type ChunkTaker = (chunk: Chunk) => void | Promise<void>;

export type ScanProblem =
  | { readonly kind: "damaged"; readonly offset: number; readonly salvageable: number }
  /** A later format: nothing of it, or nothing from the unknown frame on, was read. */
  | { readonly kind: "newer"; readonly version: number };

/** Reads the chunks of one series file, each once; goes on where it stopped when the file has grown. */
export class SeriesScan {
  /** Names of the series by their numbers in this file. */
  readonly names: string[] = [];
  problem: ScanProblem | undefined;
  #offset = FILE_HEADER_BYTES;
  #sequence = 0;
  #salt: number | undefined;
  #stopped = false;

  /** Takes what is new in the open file. A torn end is left for the next time. */
  async advance(fs: SeriesFs, file: number, take: ChunkTaker): Promise<void> {
    const { bytes: size } = await fs.stat(file);
    if (this.#salt === undefined) await this.#readHeader(fs, file, size);
    if (this.#stopped || this.#salt === undefined) return;
    let window = newWindow(Math.min(WINDOW_BYTES, size - this.#offset));
    while (!this.#stopped && this.#offset < size) {
      const wanted = Math.min(window.length, size - this.#offset);
      const got = await readInto(fs, file, window, wanted, this.#offset);
      const result = await this.#takeFrames(window.subarray(0, got), take);
      if (result.advanced > 0 && result.state === "short") continue;
      if (result.state === "short" && result.needed > window.length && this.#offset + result.needed <= size) {
        window = newWindow(result.needed);
        continue;
      }
      await this.#takeSalvage(fs, file, size, take);
      break;
    }
  }

  async #readHeader(fs: SeriesFs, file: number, size: number): Promise<void> {
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    const got = await readInto(fs, file, bytes, FILE_HEADER_BYTES, 0);
    const result = parseFileHeader(bytes.subarray(0, got), "DATMOSER");
    if (result.state === "ok") this.#salt = result.header.salt;
    if (result.state === "newer") this.#stop({ kind: "newer", version: result.version });
    if (result.state === "bad" && size > FILE_HEADER_BYTES) {
      this.problem = { kind: "damaged", offset: 0, salvageable: 0 };
      // When the salt is what is damaged, no frame of the file can be told from noise.
      this.#salt = bytes.readUInt32LE(SALT_OFFSET);
    }
  }

  /** Takes the frames that lie whole in `bytes`. */
  async #takeFrames(
    bytes: Buffer,
    take: ChunkTaker,
  ): Promise<{ state: "bad" | "short"; needed: number; advanced: number }> {
    let position = 0;
    while (!this.#stopped && position < bytes.length) {
      const result = readFrame(bytes, position, this.#salt!, this.#sequence);
      if (result.state === "short") return { state: "short", needed: result.needed, advanced: position };
      if (result.state === "bad") return { state: "bad", needed: 0, advanced: position };
      const taken = this.#takeFrame(result.frame, take);
      if (taken) await taken;
      this.#offset += result.end - position;
      this.#sequence += 1;
      position = result.end;
    }
    return { state: "short", needed: 0, advanced: position };
  }

  #takeFrame(frame: Frame, take: ChunkTaker): void | Promise<void> {
    switch (frame.type) {
      case FRAME_TYPE.DEF:
        return this.#define(frame.payload);
      case FRAME_TYPE.CHUNK: {
        const chunk = readChunk(frame.payload);
        if (chunk) return take(chunk);
        this.problem ??= { kind: "damaged", offset: this.#offset, salvageable: 0 };
        return;
      }
      default:
        this.#stop({ kind: "newer", version: FORMAT_VERSION + 1 });
    }
  }

  #define(payload: Buffer): void {
    const { id, name } = JSON.parse(payload.toString("utf8")) as { id: number; name: string };
    this.names[id] = name;
  }

  /**
   * The bytes at the offset are no frame. With good frames behind them that is damage: these are taken. Without,
   * it is the end of a write that was cut off, or that is still under way.
   */
  async #takeSalvage(fs: SeriesFs, file: number, size: number, take: ChunkTaker): Promise<void> {
    const memory = newWindow(size - this.#offset);
    const rest = memory.subarray(0, await readInto(fs, file, memory, memory.length, this.#offset));
    const start = this.#offset;
    let count = 0;
    // A name that is damaged may be defined again further on.
    for (const { frame } of salvageFrames(rest, 0, this.#salt!, this.#sequence)) {
      if (frame.type === FRAME_TYPE.DEF) this.#define(frame.payload);
    }
    for (const { frame, offset } of salvageFrames(rest, 0, this.#salt!, this.#sequence)) {
      count += 1;
      const taken = this.#takeFrame(frame, take);
      if (taken) await taken;
      if (this.#stopped) return;
      this.#sequence = frame.sequence + 1;
      this.#offset = start + offset + FRAME_HEADER_BYTES + frame.payload.length;
    }
    if (count > 0) this.problem ??= { kind: "damaged", offset: start, salvageable: count };
  }

  #stop(problem: ScanProblem): void {
    this.problem ??= problem;
    this.#stopped = true;
  }
}

/** Memory of its own, so that columns in it begin at multiples of 8. */
function newWindow(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.max(bytes, 0));
}
