import { randomBytes } from "node:crypto";
import {
  encodeFileHeader,
  encodeFrame,
  FILE_HEADER_BYTES,
  FLAG_DEFLATED,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
} from "../../util/frame.ts";
import type { Coverage } from "./coverage.ts";
import { POINT_BYTES, PointBuffer } from "./point-buffer.ts";
import { BLOCK_POINTS, packBlock } from "./sealed-block.ts";
import { stepRange, TRAILER_BYTES, TRAILER_MAGIC } from "./sealed-file.ts";
import { type BlockPlace, indexToJson, NO_SUMMARY } from "./sealed-index.ts";
import { type SeriesFs, writeAll } from "./series-fs.ts";
import { SummaryTable } from "./summary-table.ts";

/** Memory for points that do not fill a block yet, bytes. */
const HELD_BYTES = 48 * 1024 * 1024;
const WRITE_BYTES = 256 * 1024;
/** So many series may keep the memory of a whole block each. */
const FEW_SERIES = 16;

/** Writes a sealed file from its beginning to its end. Points keep the order in which they are given. */
export class SealedWriter {
  readonly #fs: SeriesFs;
  readonly #file: number;
  readonly #salt = randomBytes(4).readUInt32LE(0);
  readonly #series: OpenSeries[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #summaries = new SummaryTable();
  /** Numbers of the series that hold a block's worth of points. */
  readonly #full = new Set<number>();
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #offset = FILE_HEADER_BYTES;
  #sequence = 0;
  #heldBytes = 0;

  constructor(fs: SeriesFs, file: number, writer: string) {
    this.#fs = fs;
    this.#file = file;
    this.#piece(encodeFileHeader({ magic: "DATMOSLD", writer, segment: 0, salt: this.#salt }));
  }

  /** Summaries by the number of the series, to be kept up by whoever adds points. */
  get summaries(): SummaryTable {
    return this.#summaries;
  }

  /** The number of a series, which is the same in every later file of the run. */
  numberOf(name: string, weak: boolean): number {
    const key = `${weak ? "w" : "s"}${name}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#series.length;
    this.#numbers.set(key, number);
    this.#series.push({ name, weak, writers: new Set(), blocks: [], held: new PointBuffer(16) });
    const json = JSON.stringify({ id: number, name, ...(weak ? { weak } : {}) });
    this.#frame(FRAME_TYPE.DEF, 0, Buffer.from(json));
    return number;
  }

  addWriter(series: number, writer: string): void {
    this.#series[series]!.writers.add(writer);
  }

  /** Adds one point; `relieve` must be called now and then. */
  add(series: number, step: number, value: number, at: number): void {
    const { held } = this.#series[series]!;
    const before = held.step.length;
    // To four times the size: what is grown out of stays in memory for a while.
    if (held.length === before) held.reserve(Math.min(3 * before, BLOCK_POINTS));
    held.push(series, step, value, at);
    this.#heldBytes += (held.step.length - before) * POINT_BYTES;
    if (held.length === BLOCK_POINTS) this.#full.add(series);
  }

  /** A series holds a whole block: `relieve` writes it, and its memory can be used again. */
  get hasFull(): boolean {
    return this.#full.size > 0;
  }

  /** Adds a block of an earlier file as it is. */
  async copyBlock(series: number, place: BlockPlace, payload: Buffer): Promise<void> {
    await this.#writeHeld(series);
    this.#block(series, payload, place);
    await this.#writePieces(WRITE_BYTES);
  }

  /** Writes blocks that are full, and others when too many points are held. */
  async relieve(): Promise<void> {
    for (const series of this.#full) await this.#writeHeld(series);
    while (this.#heldBytes > HELD_BYTES) await this.#writeHeld(this.#largest());
    await this.#writePieces(WRITE_BYTES);
  }

  /** Writes the rest and the index, and syncs the file. */
  async finish(coverage: Coverage): Promise<void> {
    for (let series = 0; series < this.#series.length; series++) await this.#writeHeld(series);
    const series = this.#series.map(({ name, weak, writers, blocks }, number) => ({
      name,
      weak,
      writers: [...writers].sort(),
      summary: this.#summaries.get(number) ?? NO_SUMMARY,
      blocks,
    }));
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeBigUInt64LE(BigInt(this.#offset), 0);
    trailer.write(TRAILER_MAGIC, 8, "latin1");
    this.#frame(FRAME_TYPE.SEAL, 0, Buffer.from(indexToJson({ series, coverage })));
    this.#piece(trailer);
    await this.#writePieces(0);
    await this.#fs.sync(this.#file);
  }

  #largest(): number {
    let largest = 0;
    this.#series.forEach(({ held }, number) => {
      if (held.length > this.#series[largest]!.held.length) largest = number;
    });
    return largest;
  }

  /** Writes the points held of a series, in blocks. */
  async #writeHeld(series: number): Promise<void> {
    const owner = this.#series[series]!;
    const { held } = owner;
    if (held.length === 0) return;
    this.#full.delete(series);
    for (let start = 0; start < held.length; start += BLOCK_POINTS) {
      const past = Math.min(held.length, start + BLOCK_POINTS);
      const step = held.step.subarray(start, past);
      const columns = { step, at: held.at.subarray(start, past), value: held.value.subarray(start, past) };
      const payload = await packBlock(series, columns);
      this.#block(series, payload, { points: past - start, ...stepRange(step) });
    }
    held.length = 0;
    // A few series go on in the memory they have.
    if (this.#series.length <= FEW_SERIES && held.step.length <= BLOCK_POINTS) return;
    owner.held = new PointBuffer(16);
    this.#heldBytes -= held.step.length * POINT_BYTES;
  }

  #block(series: number, payload: Buffer, place: Omit<BlockPlace, "offset" | "bytes">): void {
    const { points, minStep, maxStep } = place;
    const bytes = FRAME_HEADER_BYTES + payload.length;
    this.#series[series]!.blocks.push({ offset: this.#offset, bytes, points, minStep, maxStep });
    this.#frame(FRAME_TYPE.CHUNK, FLAG_DEFLATED, payload);
  }

  #frame(type: number, flags: number, payload: Buffer): void {
    this.#piece(encodeFrame({ type, flags, sequence: this.#sequence++, payload }, this.#salt));
    this.#offset += FRAME_HEADER_BYTES + payload.length;
  }

  #piece(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
  }

  async #writePieces(more: number): Promise<void> {
    if (this.#pieceBytes <= more) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    await writeAll(this.#fs, this.#file, bytes);
  }
}

interface OpenSeries {
  readonly name: string;
  readonly weak: boolean;
  readonly writers: Set<string>;
  readonly blocks: BlockPlace[];
  held: PointBuffer;
}
