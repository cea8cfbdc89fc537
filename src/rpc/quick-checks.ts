import type { MetricLogParams } from "../protocol/types.ts";

/*
 * A generated validator takes 40 to 80 µs for 500 points, a third of what the whole request may take. A quick check
 * accepts the usual, certainly valid params of a method; whatever it does not accept goes to the validator.
 */

export type QuickCheck = (params: unknown) => boolean;

export const QUICK_CHECKS: ReadonlyMap<string, QuickCheck> = new Map([["metric.log", isPlainMetricLog]]);

/** Limit of the contract, in UTF-16 units here: never more than it allows. */
const MAX_NAME = 1000;
const MAX_ID = 200;

function isPlainMetricLog(params: unknown): boolean {
  const { runId, points } = (params ?? {}) as Partial<MetricLogParams>;
  if (typeof runId !== "string" || runId.length === 0 || runId.length > MAX_ID) return false;
  if (typeof points !== "object" || points === null || propertyCount(params as object) !== 2) return false;
  const { name, step, value, at } = points;
  if (!Array.isArray(name) || !Array.isArray(step) || !Array.isArray(value) || !Array.isArray(at))
    return false;
  if (propertyCount(points) !== 4) return false;
  const { length } = name;
  if (step.length !== length || value.length !== length || at.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const text: unknown = name[i];
    if (typeof text !== "string" || text.length === 0 || text.length > MAX_NAME) return false;
    if (!Number.isInteger(step[i]) || !Number.isFinite(value[i]) || !Number.isFinite(at[i])) return false;
  }
  return true;
}

function propertyCount(object: object): number {
  let count = 0;
  for (const _ in object) count++;
  return count;
}
