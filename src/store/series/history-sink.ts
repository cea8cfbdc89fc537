import type { HistoryQuery } from "../../services/ports/series.ts";
import { type Chunk, seriesOf, stepOf, timeOf } from "./chunk.ts";
import type { Stretches } from "./coverage.ts";
import { PointBuffer } from "./point-buffer.ts";
import type { ChunkFile, RunSink } from "./run-pass.ts";
import { blockColumns, blockPoints, decodeBlock } from "./sealed-block.ts";
import type { SealedFile } from "./sealed-file.ts";
import type { BlockPlace, SealedSeries } from "./sealed-index.ts";
import type { SeriesColumns } from "./series-order.ts";

/** Blocks that are read and inflated at a time. */
const BLOCKS_AT_ONCE = 16;

/** Collects the points of one name, in the order of the files. */
export class HistorySink implements RunSink {
  readonly #name: string;
  readonly #fromStep: number;
  readonly #toStep: number;
  readonly #strong = new PointBuffer();
  readonly #weak = new PointBuffer();
  /** There are points that are not guessed, in the range or not. */
  #anyStrong = false;

  constructor(name: string, query: HistoryQuery) {
    this.#name = name;
    this.#fromStep = query.fromStep ?? Number.NEGATIVE_INFINITY;
    this.#toStep = query.toStep ?? Number.POSITIVE_INFINITY;
  }

  async sealed(file: SealedFile): Promise<void> {
    for (const series of file.index.series) {
      if (series.name !== this.#name || series.blocks.length === 0) continue;
      if (!series.weak) this.#anyStrong = true;
      await this.#takeSealed(file, series);
    }
  }

  chunk(chunk: Chunk, fresh: Stretches, file: ChunkFile): void {
    const series = file.names.indexOf(this.#name);
    if (series < 0) return;
    const { weak } = chunk.source;
    const points = weak ? this.#weak : this.#strong;
    const before = points.length;
    for (let i = 0; i < fresh.length; i += 2)
      this.#takeChunk(chunk, series, fresh[i]!, fresh[i + 1]!, points);
    if (!weak && (points.length > before || hasSeries(chunk, series))) this.#anyStrong = true;
  }

  result(): SeriesColumns {
    const { step, value, at, length } = this.#anyStrong ? this.#strong : this.#weak;
    return { step: step.subarray(0, length), value: value.subarray(0, length), at: at.subarray(0, length) };
  }

  async #takeSealed(file: SealedFile, series: SealedSeries): Promise<void> {
    const points = series.weak ? this.#weak : this.#strong;
    const wanted = series.blocks.filter(
      (block) => block.maxStep >= this.#fromStep && block.minStep <= this.#toStep,
    );
    points.reserve(wanted.reduce((sum, block) => sum + block.points, 0));
    for (let i = 0; i < wanted.length; i += BLOCKS_AT_ONCE) {
      const places = wanted.slice(i, i + BLOCKS_AT_ONCE);
      for (const [p, block] of (await file.blocks(places)).entries()) {
        if (block) this.#takeBlock(block, places[p]!, points);
      }
    }
  }

  #takeBlock(block: Buffer, place: BlockPlace, points: PointBuffer): void {
    const count = blockPoints(block);
    points.reserve(count);
    if (place.minStep >= this.#fromStep && place.maxStep <= this.#toStep) {
      decodeBlock(block, points, points.length);
      points.length += count;
      return;
    }
    const { step, value, at } = blockColumns(block);
    for (let i = 0; i < count; i++) {
      if (this.#inRange(step[i]!)) points.push(0, step[i]!, value[i]!, at[i]!);
    }
  }

  #takeChunk(chunk: Chunk, series: number, first: number, past: number, points: PointBuffer): void {
    points.reserve(past - first);
    const { step, value, at } = points;
    let n = points.length;
    for (let i = first; i < past; i++) {
      if (seriesOf(chunk, i) !== series) continue;
      const stepHere = stepOf(chunk, i);
      if (!this.#inRange(stepHere)) continue;
      step[n] = stepHere;
      value[n] = chunk.values[i]!;
      at[n] = timeOf(chunk, i);
      n += 1;
    }
    points.length = n;
  }

  #inRange(step: number): boolean {
    return step >= this.#fromStep && step <= this.#toStep;
  }
}

function hasSeries(chunk: Chunk, series: number): boolean {
  return typeof chunk.series === "number" ? chunk.series === series : chunk.series.includes(series);
}
