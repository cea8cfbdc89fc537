import type { Summary } from "../../services/ports/series.ts";
import { FILE_HEADER_BYTES, FRAME_TYPE, FrameReader, parseFileHeader } from "../../util/frame.ts";
import type { Coverage } from "./coverage.ts";
import { BLOCK_POINTS, type BlockColumns, blockColumns, blockPoints, blockSeries } from "./sealed-block.ts";
import { type SealedFile, stepRange, TRAILER_BYTES } from "./sealed-file.ts";
import type { BlockPlace, SealedIndex, SealedSeries } from "./sealed-index.ts";
import { OPEN_READ, readInto, type SeriesFs } from "./series-fs.ts";
import { SummaryTable } from "./summary-table.ts";

/** Why a sealed file that came from elsewhere is not taken in. */
export class ImageRefused extends Error {}

export const MAX_IMAGE_BYTES: number = 1024 * 1024 * 1024;
const MAX_SERIES = 1_000_000;
const MAX_NAME_BYTES = 1_000;
const BLOCKS_AT_ONCE = 16;
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads every frame of a sealed file from the first byte to the last, also those that only a damaged file needs.
 * Throws `ImageRefused`.
 */
export async function checkFrames(
  fs: SeriesFs,
  path: string,
  { series }: SealedIndex,
  signal?: AbortSignal,
): Promise<void> {
  const file = await fs.open(path, OPEN_READ);
  try {
    const head = Buffer.alloc(FILE_HEADER_BYTES);
    await readInto(fs, file, head, head.length, 0);
    const header = parseFileHeader(head, "DATMOSLD");
    if (header.state !== "ok") throw new ImageRefused("its header is damaged");
    const reader = new FrameReader(header.header.salt);
    let read = FILE_HEADER_BYTES;
    let defined = 0;
    for (;;) {
      signal?.throwIfAborted();
      const start = reader.offset;
      const result = reader.next();
      if (result.state === "short") {
        const piece = Buffer.allocUnsafe(PIECE_BYTES);
        const got = await readInto(fs, file, piece, piece.length, read);
        refuseUnless(got > 0, "it is cut off");
        reader.push(piece.subarray(0, got));
        read += got;
        continue;
      }
      if (result.state === "bad") throw new ImageRefused("a part of it is damaged");
      const { type, payload } = result.frame;
      if (type === FRAME_TYPE.DEF) defined += definesSeries(payload, series) ? 1 : 0;
      else if (type === FRAME_TYPE.SEAL) {
        const { bytes } = await fs.stat(file);
        const trailer = Buffer.alloc(TRAILER_BYTES);
        await readInto(fs, file, trailer, trailer.length, reader.offset);
        const ends = bytes === reader.offset + TRAILER_BYTES && Number(trailer.readBigUInt64LE(0)) === start;
        refuseUnless(ends && defined === series.length, "its end is not where it should be");
        return;
      } else refuseUnless(type === FRAME_TYPE.CHUNK, "it holds something unknown");
    }
  } finally {
    await fs.close(file);
  }
}

/**
 * Holds a whole sealed file against its own index: nothing in it is believed. Returns the number of its points.
 * Throws `ImageRefused`.
 */
export async function checkImage(file: SealedFile, bytes: number, signal?: AbortSignal): Promise<number> {
  const { series, coverage } = file.index;
  refuseUnless(file.damage === undefined, "it is damaged");
  checkCoverage(coverage);
  checkSeries(series);
  checkPlaces(series, bytes);
  const table = new SummaryTable();
  let points = 0;
  for (const [number, { name, blocks, summary }] of series.entries()) {
    for await (const columns of columnsOf(file, number, blocks)) {
      signal?.throwIfAborted();
      const { step, value, at } = columns;
      for (let i = 0; i < step.length; i++) {
        refuseUnless(Number.isFinite(step[i]) && Number.isFinite(at[i]), "a step or time is no number");
        table.add(number, step[i]!, value[i]!, at[i]!);
      }
      points += step.length;
    }
    refuseUnless(isSummary(summary, table.get(number)), `the summary of ${name} is not that of its points`);
  }
  refuseUnless(points === 0 || !coverage.isEmpty, "its points have no source");
  return points;
}

/** The blocks of one series in turn, each held against its place. Throws `ImageRefused`. */
export async function* columnsOf(
  file: SealedFile,
  number: number,
  blocks: readonly BlockPlace[],
): AsyncGenerator<BlockColumns, void> {
  for (let i = 0; i < blocks.length; i += BLOCKS_AT_ONCE) {
    const places = blocks.slice(i, i + BLOCKS_AT_ONCE);
    for (const [p, block] of (await file.blocks(places)).entries()) {
      const place = places[p]!;
      refuseUnless(
        block !== undefined && blockSeries(block) === number && blockPoints(block) === place.points,
        "a block of points is damaged",
      );
      const columns = blockColumns(block as Buffer);
      const { minStep, maxStep } = stepRange(columns.step);
      refuseUnless(minStep === place.minStep && maxStep === place.maxStep, "the steps of a block are others");
      yield columns;
    }
  }
}

/** Throws `ImageRefused` unless `fact` holds. */
export function refuseUnless(fact: boolean, reason: string): void {
  if (!fact) throw new ImageRefused(reason);
}

function definesSeries(payload: Buffer, series: readonly SealedSeries[]): boolean {
  const {
    id,
    name,
    weak = false,
  } = JSON.parse(payload.toString("utf8")) as {
    readonly id: number;
    readonly name: string;
    readonly weak?: boolean;
  };
  return series[id]?.name === name && series[id].weak === weak;
}

function checkCoverage(coverage: Coverage): void {
  for (const [source, stretches] of coverage.entries()) {
    let last = -1;
    const rising = stretches.every((position) => {
      const fits = Number.isSafeInteger(position) && position > last;
      last = position;
      return fits;
    });
    refuseUnless(/^[0-9a-f]{16}$/.test(source) && rising, "a source of its points is none");
  }
}

function checkSeries(series: readonly SealedSeries[]): void {
  refuseUnless(series.length <= MAX_SERIES, "it has too many series");
  const names = new Set<string>();
  for (const { name, weak, writers, summary, blocks } of series) {
    const isName = typeof name === "string" && name !== "" && Buffer.byteLength(name) <= MAX_NAME_BYTES;
    refuseUnless(isName && !names.has(`${weak} ${name}`), "a name of a series is none");
    names.add(`${weak} ${name}`);
    const isWriter = (writer: unknown): boolean =>
      typeof writer === "string" && /^[0-9A-Za-z]{1,64}$/.test(writer);
    refuseUnless(Array.isArray(writers) && writers.every(isWriter), "a writer is none");
    const known = typeof summary.count === "number" && Array.isArray(blocks);
    refuseUnless(known, "a series has no summary");
  }
}

/** No block may be told of twice, or lie outside of the file: reading them all reads no more than the file. */
function checkPlaces(series: readonly SealedSeries[], bytes: number): void {
  const places = series.flatMap(({ blocks }) => blocks).sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { offset, bytes: length, points, minStep, maxStep } of places) {
    const whole = [offset, length, points].every((number) => Number.isSafeInteger(number) && number > 0);
    const fits = whole && offset >= end && offset + length <= bytes - TRAILER_BYTES && points <= BLOCK_POINTS;
    refuseUnless(fits && Number.isFinite(minStep) && Number.isFinite(maxStep), "a block's place is none");
    end = offset + length;
  }
}

function isSummary(told: Summary, found: Summary | undefined): boolean {
  if (found === undefined) return told.count === 0;
  const keys = ["count", "last", "lastStep", "lastAt", "min", "max"] as const;
  return keys.every(
    (key) => told[key] === found[key] || (Number.isNaN(told[key]) && Number.isNaN(found[key])),
  );
}
