import type { Json, JsonObject } from "../util/json.ts";
import { fieldPath, pathKeys } from "./field-paths.ts";
import { type MetricValue, metricFromWire, metricToWire } from "./metric-values.ts";

/** A metric in short, over all points some writers logged. `lastAt` is milliseconds since the epoch. */
export interface MetricSummary {
  readonly last: number;
  readonly lastStep: number;
  readonly lastAt: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/**
 * A run's record keeps one summary per metric and writer, because two engines that log to one run must not
 * overwrite each other. The writer `all` is what a reconciling engine computed from the files; it names the
 * writers it covers.
 */
const ALL = "all";

/** Stands before the writer of a summary over points that were parsed from the output. */
const WEAK = "weak-";

/** The writer of a weak summary: its points give way when the run logged the same name itself. */
export function weakWriter(writer: string): string {
  return WEAK + writer;
}

/** The field of a summary in a run's record. */
export function summaryField(name: string, writer: string, summary: MetricSummary): [string, Json] {
  return [fieldPath("metrics", name, writer), summaryToJson(summary)];
}

/** The field of a summary that covers everything `writers` logged. */
export function combinedSummaryField(
  name: string,
  writers: readonly string[],
  summary: MetricSummary,
): [string, Json] {
  return [fieldPath("metrics", name, ALL), { ...summaryToJson(summary), covers: [...writers] }];
}

/** The summary of one writer, as it lies in the record. */
type Written = readonly [writer: string, json: JsonObject];

/** All metrics of a run's record, merged over the writers. */
export function summariesFromFields(fields: { readonly [path: string]: Json }): Map<string, MetricSummary> {
  const byName = new Map<string, Written[]>();
  for (const path in fields) {
    if (!path.startsWith("metrics/")) continue;
    const value = fields[path];
    if (value === null || typeof value !== "object") continue;
    const [, name = "", writer = ""] = pathKeys(path);
    const known = byName.get(name);
    if (known) known.push([writer, value as JsonObject]);
    else byName.set(name, [[writer, value as JsonObject]]);
  }
  const merged = new Map<string, MetricSummary>();
  for (const [name, writers] of byName) {
    const parts = partsThatCount(writers);
    let summary = parts[0] && fromJson(parts[0][1]);
    for (let i = 1; summary && i < parts.length; i++)
      summary = mergeSummaries(summary, fromJson(parts[i]![1]));
    if (summary) merged.set(name, summary);
  }
  return merged;
}

/** The summary of two disjoint sets of points of one metric. */
export function mergeSummaries(a: MetricSummary, b: MetricSummary): MetricSummary {
  const newer = b.lastAt >= a.lastAt ? b : a;
  return {
    last: newer.last,
    lastStep: newer.lastStep,
    lastAt: newer.lastAt,
    min: extreme(a.min, b.min, Math.min),
    max: extreme(a.max, b.max, Math.max),
    count: a.count + b.count,
  };
}

/** What was parsed from the output gives way to what was logged; what `all` covers is in `all`. */
function partsThatCount(writers: readonly Written[]): readonly Written[] {
  // Nearly always there is one, and lists have thousands of metrics.
  if (writers.length === 1) return writers;
  const all = writers.find(([writer]) => writer === ALL);
  const covered = new Set(all?.[1]["covers"] as readonly string[] | undefined);
  const left = writers.filter(([writer]) => !covered.has(writer));
  const strong = left.filter(([writer]) => !writer.startsWith(WEAK));
  return strong.length > 0 ? strong : left;
}

function extreme(a: number, b: number, pick: (a: number, b: number) => number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : pick(a, b);
}

function summaryToJson(summary: MetricSummary): JsonObject {
  return {
    last: metricToWire(summary.last),
    step: summary.lastStep,
    at: summary.lastAt,
    min: metricToWire(summary.min),
    max: metricToWire(summary.max),
    n: summary.count,
  };
}

function fromJson(json: JsonObject): MetricSummary {
  return {
    last: metricFromWire(json["last"] as MetricValue),
    lastStep: json["step"] as number,
    lastAt: json["at"] as number,
    min: metricFromWire(json["min"] as MetricValue),
    max: metricFromWire(json["max"] as MetricValue),
    count: json["n"] as number,
  };
}
