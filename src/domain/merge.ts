import type { Json } from "../util/json.ts";
import { type Stamp, stampTime } from "./clock.ts";

/*
 * How changes of one record from several engines come together: each field is a register, the higher stamp
 * wins, and the result is the same in whatever order and however often the changes arrive. The status of a
 * run is the exception: what has ended stays ended, whatever the clocks say.
 */

/** A record with what is needed to merge more changes into it. */
export interface RecordState {
  /** Fields that have a value. */
  readonly values: Map<string, Json>;
  /** The stamp of each field's last change; removed fields (null) keep theirs. */
  readonly stamps: Map<string, Stamp>;
  /** Time of the earliest change seen, milliseconds since the epoch. */
  firstMs: number;
}

export function emptyRecord(): RecordState {
  return { values: new Map(), stamps: new Map(), firstMs: Number.POSITIVE_INFINITY };
}

/** Merges one change into a record. True when a field changed. */
export function mergeChange(
  record: RecordState,
  kind: string,
  set: { readonly [path: string]: Json },
  stamp: Stamp,
): boolean {
  const ms = stampTime(stamp);
  let changed = ms < record.firstMs;
  if (changed) record.firstMs = ms;
  for (const path of Object.keys(set)) {
    const value = set[path] as Json;
    if (!wins(record, kind === "run" && path === "status", path, value, stamp)) continue;
    record.stamps.set(path, stamp);
    if (value === null) record.values.delete(path);
    else record.values.set(path, value);
    changed = true;
  }
  return changed;
}

/** The field `createdAt`, or the time of the first change when there is none yet. */
export function recordCreatedAt(record: RecordState): string {
  const field = record.values.get("createdAt");
  return typeof field === "string" ? field : new Date(record.firstMs).toISOString();
}

export function isDeletedRecord(record: RecordState): boolean {
  return record.values.get("deleted") === true;
}

/**
 * Rank of a run's status in a merge: ended, then `lost` (an end that nobody saw), then what comes before.
 * Of two with the same rank the later stamp wins: a run whose worker died before it was started is queued again.
 */
export function statusRank(status: Json | undefined): number {
  switch (status) {
    case "succeeded":
    case "failed":
    case "stopped":
      return 5;
    case "lost":
      return 4;
    case "running":
    case "preparing":
    case "queued":
      return 3;
    default:
      return 0;
  }
}

function wins(record: RecordState, ranked: boolean, path: string, value: Json, stamp: Stamp): boolean {
  const old = record.stamps.get(path);
  if (old === undefined) return true;
  const current = record.values.get(path) ?? null;
  if (ranked) {
    const difference = statusRank(value) - statusRank(current);
    if (difference !== 0) return difference > 0;
  }
  if (stamp !== old) return stamp > old;
  // The same stamp twice means a replay, or a cloned machine; any rule does that is the same everywhere.
  return JSON.stringify(value) > JSON.stringify(current);
}
