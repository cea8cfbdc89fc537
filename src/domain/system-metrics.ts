import type { Json, JsonObject } from "../util/json.ts";
import { fieldPath, pathKeys } from "./field-paths.ts";

/*
 * What a run used of the machine, measured over time. A point's step is the time since the run's start in whole
 * seconds. Each value holds for the time since the point before it, so means weigh points by that.
 */

/** A system metric in short. `lastAt`: milliseconds since the epoch. */
export interface SystemSummary {
  readonly last: number;
  readonly lastStep: number;
  readonly lastAt: number;
  readonly min: number;
  readonly max: number;
  /** Over the time that the points stand for. */
  readonly mean: number;
  readonly count: number;
  /** The time that the points stand for, seconds. */
  readonly seconds: number;
}

export interface SystemPoint {
  readonly step: number;
  readonly value: number;
  readonly at: number;
}

/** What the first point stands for: nothing was measured before it. Seconds. */
const FIRST_SECONDS = 1;

/** The summary with one point more. Points come in order. */
export function withPoint(known: SystemSummary | undefined, { step, value, at }: SystemPoint): SystemSummary {
  const last = { last: value, lastStep: step, lastAt: at };
  if (!known) return { ...last, min: value, max: value, mean: value, count: 1, seconds: FIRST_SECONDS };
  const weight = Math.max(0, step - known.lastStep);
  const seconds = known.seconds + weight;
  return {
    ...last,
    min: Math.min(known.min, value),
    max: Math.max(known.max, value),
    mean: known.mean + ((value - known.mean) * weight) / seconds,
    count: known.count + 1,
    seconds,
  };
}

/** The summary of a whole series; undefined when it has no point. */
export function summaryOfSeries(series: {
  readonly step: Float64Array;
  readonly value: Float64Array;
  readonly at: Float64Array;
}): SystemSummary | undefined {
  let summary: SystemSummary | undefined;
  for (let i = 0; i < series.step.length; i++) {
    const [step = 0, value = 0, at = 0] = [series.step[i], series.value[i], series.at[i]];
    summary = withPoint(summary, { step, value, at });
  }
  return summary;
}

/** The field of a summary in a run's record. */
export function systemField(name: string, summary: SystemSummary): [string, Json] {
  const { last, lastStep, lastAt, min, max, mean, count, seconds } = summary;
  return [
    fieldPath("system", name),
    { last, step: lastStep, at: lastAt, min, max, mean, n: count, s: seconds },
  ];
}

/** All system metrics of a run's record, by name. */
export function systemFromFields(fields: { readonly [path: string]: Json }): Map<string, SystemSummary> {
  const found = new Map<string, SystemSummary>();
  for (const path in fields) {
    if (!path.startsWith("system/")) continue;
    const [, name = ""] = pathKeys(path);
    const summary = fromJson(fields[path] as JsonObject | null);
    if (summary) found.set(name, summary);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** True for what a field of a summary holds, whoever wrote it. */
export function isSystemSummary(value: Json): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return ["last", "step", "at", "min", "max", "mean", "n", "s"].every(
    (key) => typeof (value as JsonObject)[key] === "number",
  );
}

function fromJson(json: JsonObject | null): SystemSummary | undefined {
  if (json === null || !isSystemSummary(json)) return undefined;
  const { last, step, at, min, max, mean, n, s } = json as Record<string, number>;
  return {
    last: last as number,
    lastStep: step as number,
    lastAt: at as number,
    min: min as number,
    max: max as number,
    mean: mean as number,
    count: n as number,
    seconds: s as number,
  };
}
