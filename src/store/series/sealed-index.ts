import { type MetricValue, metricFromWire, metricToWire } from "../../domain/metric-values.ts";
import type { Summary } from "../../services/ports/series.ts";
import type { JsonObject } from "../../util/json.ts";
import { Coverage } from "./coverage.ts";

/** Of a series without points. */
export const NO_SUMMARY: Summary = {
  last: Number.NaN,
  lastStep: 0,
  lastAt: 0,
  min: Number.NaN,
  max: Number.NaN,
  count: 0,
};

/** Where a block lies in a sealed file. */
export interface BlockPlace {
  /** Of its frame, from the beginning of the file. */
  readonly offset: number;
  /** Length of its frame. */
  readonly bytes: number;
  readonly points: number;
  readonly minStep: number;
  readonly maxStep: number;
}

export interface SealedSeries {
  readonly name: string;
  /** Guessed: gives way to a series of the same name that is not. */
  readonly weak: boolean;
  /** Whole ids of the engines that took its points in. */
  readonly writers: readonly string[];
  readonly summary: Summary;
  /** In the order in which the points came. */
  readonly blocks: readonly BlockPlace[];
}

/** The last frame of a sealed file. A series' number is its place in `series`. */
export interface SealedIndex {
  readonly series: readonly SealedSeries[];
  /** Every position of every source that the file holds, or that held nothing. */
  readonly coverage: Coverage;
}

export function indexToJson(index: SealedIndex): string {
  const series = index.series.map(({ name, weak, writers, summary, blocks }) => ({
    name,
    ...(weak ? { weak } : {}),
    writers,
    summary: {
      ...summary,
      last: metricToWire(summary.last),
      min: metricToWire(summary.min),
      max: metricToWire(summary.max),
    },
    blocks: blocks.map((block) => [block.offset, block.bytes, block.points, block.minStep, block.maxStep]),
  }));
  return JSON.stringify({ v: 1, sources: Object.fromEntries(index.coverage.entries()), series });
}

export function indexFromJson(json: string): SealedIndex {
  const parsed = JSON.parse(json) as StoredIndex;
  const coverage = new Coverage();
  for (const [source, stretches] of Object.entries(parsed.sources)) {
    for (let i = 0; i < stretches.length; i += 2) coverage.add(source, stretches[i]!, stretches[i + 1]!);
  }
  return { series: parsed.series.map(seriesFromJson), coverage };
}

interface StoredIndex {
  readonly sources: Readonly<Record<string, number[]>>;
  readonly series: readonly StoredSeries[];
}

interface StoredSeries {
  readonly name: string;
  readonly weak?: boolean;
  readonly writers: readonly string[];
  readonly summary: JsonObject;
  readonly blocks: readonly (readonly [number, number, number, number, number])[];
}

function seriesFromJson(stored: StoredSeries): SealedSeries {
  const { summary } = stored;
  return {
    name: stored.name,
    weak: stored.weak === true,
    writers: stored.writers,
    summary: {
      last: metricFromWire(summary["last"] as MetricValue),
      lastStep: summary["lastStep"] as number,
      lastAt: summary["lastAt"] as number,
      min: metricFromWire(summary["min"] as MetricValue),
      max: metricFromWire(summary["max"] as MetricValue),
      count: summary["count"] as number,
    },
    blocks: stored.blocks.map(([offset, bytes, points, minStep, maxStep]) => ({
      offset,
      bytes,
      points,
      minStep,
      maxStep,
    })),
  };
}
