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
import { blockColumns, blockSeries, inflateBlock } from "./sealed-block.ts";
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

  /** Payloads of blocks as they lie in the file, in their order; undefined for each that is damaged. */
  async payloads(places: readonly BlockPlace[]): Promise<(Buffer | undefined)[]> {
    const found: (Buffer | undefined)[] = [];
    for (let i = 0; i < places.length; ) {
      // Blocks that lie side by side are read at once.
      let past = i + 1;
      while (past < places.length && places[past]!.offset === endOf(places[past - 1]!)) past += 1;
      const start = places[i]!.offset;
      const bytes = Buffer.allocUnsafeSlow(endOf(places[past - 1]!) - start);
      const got = await readInto(this.#fs, this.#file, bytes, bytes.length, start);
      for (; i < past; i++) found.push(this.#payload(bytes.subarray(0, got), places[i]!, start));
    }
    return found;
  }

  /** The same, inflated. */
  async blocks(places: readonly BlockPlace[]): Promise<(Buffer | undefined)[]> {
    const payloads = await this.payloads(places);
    return Promise.all(
      payloads.map(async (payload, i) => {
        const block = payload && (await inflateBlock(payload, places[i]!.points));
        if (block === undefined) this.damage ??= places[i]!.offset;
        return block;
      }),
    );
  }

  #payload(bytes: Buffer, place: BlockPlace, start: number): Buffer | undefined {
    const frame = frameIn(bytes.subarray(place.offset - start, endOf(place) - start), this.#salt);
    if (frame?.type === FRAME_TYPE.CHUNK) return frame.payload;
    this.damage ??= place.offset;
    return undefined;
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
  const bytes = Buffer.allocUnsafe(Math.max(0, size - TRAILER_BYTES - offset));
  await readInto(fs, file, bytes, bytes.length, offset);
  const frame = frameIn(bytes, salt);
  return frame?.type === FRAME_TYPE.SEAL ? indexFromJson(frame.payload.toString("utf8")) : undefined;
}

/** The one frame that fills `bytes`. */
function frameIn(bytes: Buffer, salt: number): Frame | undefined {
  if (bytes.length < FRAME_HEADER_BYTES) return undefined;
  const result = readFrame(bytes, 0, salt, bytes.readUInt32LE(8));
  return result.state === "frame" ? result.frame : undefined;
}

function endOf(place: BlockPlace): number {
  return place.offset + place.bytes;
}

/** The index is damaged: another one is made of the blocks that can be read. */
async function recoverIndex(
  fs: SeriesFs,
  file: number,
  size: number,
  salt: number,
): Promise<{ index: SealedIndex; damage: number }> {
  const content = Buffer.allocUnsafe(size);
  await readInto(fs, file, content, size, 0);
  const series: (SealedSeries & { blocks: BlockPlace[] })[] = [];
  const table = new SummaryTable();
  let damage = FILE_HEADER_BYTES;
  for (const { frame, offset } of salvageFrames(content, FILE_HEADER_BYTES, salt, 0)) {
    if (frame.type === FRAME_TYPE.DEF) {
      const { id, name, weak } = JSON.parse(frame.payload.toString("utf8"));
      series[id] = { name, weak: weak === true, writers: [], summary: NO_SUMMARY, blocks: [] };
    }
    const bytes = FRAME_HEADER_BYTES + frame.payload.length;
    const block = frame.type === FRAME_TYPE.CHUNK ? await inflateBlock(frame.payload) : undefined;
    const owner = block && series[blockSeries(block)];
    if (block && owner) {
      const { step, value, at } = blockColumns(block);
      for (let i = 0; i < step.length; i++) table.add(blockSeries(block), step[i]!, value[i]!, at[i]!);
      owner.blocks.push({ offset, bytes, points: step.length, ...stepRange(step) });
    }
    if (offset === damage) damage = offset + bytes;
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
