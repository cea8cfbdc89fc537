import {
  FILE_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  type Frame,
  parseFileHeader,
  readFrame,
  salvageFrames,
} from "../../util/frame.ts";
import { Coverage } from "./coverage.ts";
import { type BlockColumns, unpackBlock } from "./sealed-block.ts";
import {
  type BlockPlace,
  indexFromJson,
  NO_SUMMARY,
  type SealedIndex,
  type SealedSeries,
} from "./sealed-index.ts";
import { OPEN_READ, readInto, type SeriesFs } from "./series-fs.ts";
import { SummaryTable } from "./summary-table.ts";

export const TRAILER_BYTES = 16;
export const TRAILER_MAGIC = "DATMOEND";

/** The file is of a later format: nothing of it can be used. */
export class NewerFormat extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`format ${version}`);
    this.version = version;
  }
}

/** A sealed file that is open for reading. It never changes. */
export class SealedFile {
  readonly index: SealedIndex;
  /** Offset of what is damaged, when something is. */
  damage: number | undefined;
  readonly #fs: SeriesFs;
  readonly #file: number;
  readonly #salt: number;

  private constructor(
    fs: SeriesFs,
    file: number,
    salt: number,
    found: { index: SealedIndex; damage?: number },
  ) {
    this.#fs = fs;
    this.#file = file;
    this.#salt = salt;
    this.index = found.index;
    this.damage = found.damage;
  }

  /** Throws `NewerFormat`, or what the system says. */
  static async open(fs: SeriesFs, path: string): Promise<SealedFile> {
    const file = await fs.open(path, OPEN_READ);
    try {
      const { bytes: size } = await fs.stat(file);
      const head = Buffer.alloc(FILE_HEADER_BYTES);
      const got = await readInto(fs, file, head, FILE_HEADER_BYTES, 0);
      const result = parseFileHeader(head.subarray(0, got), "DATMOSLD");
      if (result.state === "newer") throw new NewerFormat(result.version);
      if (result.state !== "ok") {
        return new SealedFile(fs, file, 0, { index: { series: [], coverage: new Coverage() }, damage: 0 });
      }
      const { salt } = result.header;
      const index = await readIndex(fs, file, size, salt);
      const found = index ? { index } : await recoverIndex(fs, file, size, salt);
      return new SealedFile(fs, file, salt, found);
    } catch (error) {
      await fs.close(file);
      throw error;
    }
  }

  /** The bytes of a block's payload as they lie in the file; undefined when they are damaged. */
  async payload(place: BlockPlace): Promise<Buffer | undefined> {
    const frame = await frameAt(this.#fs, this.#file, place.offset, this.#salt);
    if (frame?.type === FRAME_TYPE.CHUNK) return frame.payload;
    this.damage ??= place.offset;
    return undefined;
  }

  /** The points of a block; undefined when it is damaged. */
  async block(place: BlockPlace): Promise<BlockColumns | undefined> {
    const payload = await this.payload(place);
    const columns = payload && (await unpackBlock(payload, place.points));
    if (columns === undefined) this.damage ??= place.offset;
    return columns;
  }

  close(): Promise<void> {
    return this.#fs.close(this.#file);
  }
}

async function readIndex(
  fs: SeriesFs,
  file: number,
  size: number,
  salt: number,
): Promise<SealedIndex | undefined> {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  if (size < FILE_HEADER_BYTES + TRAILER_BYTES) return undefined;
  await readInto(fs, file, trailer, TRAILER_BYTES, size - TRAILER_BYTES);
  if (trailer.toString("latin1", 8) !== TRAILER_MAGIC) return undefined;
  const offset = Number(trailer.readBigUInt64LE(0));
  const frame = offset < size ? await frameAt(fs, file, offset, salt) : undefined;
  return frame?.type === FRAME_TYPE.SEAL ? indexFromJson(frame.payload.toString("utf8")) : undefined;
}

async function frameAt(fs: SeriesFs, file: number, offset: number, salt: number): Promise<Frame | undefined> {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  await readInto(fs, file, head, FRAME_HEADER_BYTES, offset);
  const sequence = head.readUInt32LE(8);
  const result = readFrame(head, 0, salt, sequence);
  if (result.state === "frame") return result.frame;
  if (result.state === "bad") return undefined;
  const bytes = Buffer.allocUnsafe(result.needed);
  const got = await readInto(fs, file, bytes, bytes.length, offset);
  const whole = readFrame(bytes.subarray(0, got), 0, salt, sequence);
  return whole.state === "frame" ? whole.frame : undefined;
}

/** The index is damaged: another one is made of the blocks that can be read. */
async function recoverIndex(
  fs: SeriesFs,
  file: number,
  size: number,
  salt: number,
): Promise<{ index: SealedIndex; damage: number }> {
  const bytes = Buffer.allocUnsafe(size);
  await readInto(fs, file, bytes, size, 0);
  const series: (SealedSeries & { blocks: BlockPlace[] })[] = [];
  const table = new SummaryTable();
  let damage = FILE_HEADER_BYTES;
  for (const { frame, offset } of salvageFrames(bytes, FILE_HEADER_BYTES, salt, 0)) {
    if (frame.type === FRAME_TYPE.DEF) {
      const { id, name, weak } = JSON.parse(frame.payload.toString("utf8"));
      series[id] = { name, weak: weak === true, writers: [], summary: NO_SUMMARY, blocks: [] };
    }
    const block = frame.type === FRAME_TYPE.CHUNK ? await unpackBlock(frame.payload) : undefined;
    const owner = block && series[block.series];
    if (block && owner) {
      const { step, value, at } = block;
      for (let i = 0; i < step.length; i++) table.add(block.series, step[i]!, value[i]!, at[i]!);
      owner.blocks.push({ offset, points: block.step.length, ...stepRange(block.step) });
    }
    if (offset === damage) damage = offset + FRAME_HEADER_BYTES + frame.payload.length;
  }
  // A series whose name is damaged keeps its number, without points, so that the numbers of the others are right.
  const whole = Array.from(series, (known, id) => ({
    ...(known ?? { name: "", weak: true, writers: [], blocks: [] }),
    summary: table.get(id) ?? NO_SUMMARY,
  }));
  return { index: { series: whole, coverage: new Coverage() }, damage };
}

/** Least and greatest step of a block. */
export function stepRange(step: Float64Array): { minStep: number; maxStep: number } {
  let minStep = step[0] ?? 0;
  let maxStep = minStep;
  for (const value of step) {
    if (value < minStep) minStep = value;
    if (value > maxStep) maxStep = value;
  }
  return { minStep, maxStep };
}
