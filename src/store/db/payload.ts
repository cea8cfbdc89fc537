import { isStamp, type Stamp } from "../../domain/clock.ts";
import type { Change } from "../../services/ports/records.ts";
import type { Json, JsonObject } from "../../util/json.ts";

/* The payload of a TXN frame: `{"v":1,"t":"<stamp>","c":[{"k":"run","i":"<id>","s":{"<path>":<value>}}]}`. */

/** A change as a segment tells it; kinds of later versions are kept like the known ones. */
export interface StoredChange {
  readonly kind: string;
  readonly id: string;
  readonly set: { readonly [path: string]: Json };
}

export interface Transaction {
  readonly stamp: Stamp;
  /** Length of the payload. */
  readonly bytes: number;
  readonly changes: readonly StoredChange[];
  /** Operations of a later version, as they are; `position` is their place in the transaction. */
  readonly foreign: readonly ForeignOperation[];
}

export interface ForeignOperation {
  readonly stamp: Stamp;
  readonly position: number;
  /** JSON text: the operation, or the whole payload when its version is not known. */
  readonly raw: string;
}

const PAYLOAD_VERSION = 1;

/** Throws a RangeError for a value that JSON would change silently. */
export function encodeTransaction(stamp: Stamp, changes: readonly Change[]): Buffer {
  const c = joinRecords(changes).map(({ kind, id, set }) => ({ k: kind, i: id, s: set }));
  return Buffer.from(JSON.stringify({ v: PAYLOAD_VERSION, t: stamp, c }));
}

/** The payload of operations, as JSON texts, that were made elsewhere at this stamp. */
export function encodeShared(stamp: Stamp, operations: readonly string[]): Buffer {
  return Buffer.from(`{"v":${PAYLOAD_VERSION},"t":"${stamp}","c":[${operations.join(",")}]}`);
}

/** Undefined when it is no transaction at all. */
export function decodeTransaction(payload: Buffer): Transaction | undefined {
  const text = payload.toString("utf8");
  const body = parseObject(text);
  if (body === undefined || !isStamp(body["t"])) return undefined;
  const stamp = body["t"];
  const bytes = payload.length;
  const operations = body["c"];
  if (body["v"] !== PAYLOAD_VERSION || !Array.isArray(operations)) {
    return { stamp, bytes, changes: [], foreign: [{ stamp, position: -1, raw: text }] };
  }
  const changes: StoredChange[] = [];
  const foreign: ForeignOperation[] = [];
  for (const [position, operation] of (operations as Json[]).entries()) {
    const change = asChange(operation);
    if (change) changes.push(change);
    else foreign.push({ stamp, position, raw: JSON.stringify(operation) });
  }
  return { stamp, bytes, changes, foreign };
}

/** One change per record: fields of one transaction share a stamp, so the last one given must be the only one. */
function joinRecords(changes: readonly Change[]): readonly Change[] {
  for (const change of changes) checkNumbers(change);
  if (changes.length < 2) return changes;
  const byRecord = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.kind} ${change.id}`;
    const earlier = byRecord.get(key);
    byRecord.set(key, earlier ? { ...change, set: { ...earlier.set, ...change.set } } : change);
  }
  return [...byRecord.values()];
}

/** JSON writes NaN as null, which would remove the field. */
function checkNumbers(change: Change): void {
  for (const path in change.set) {
    const value = change.set[path];
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new RangeError(`${change.kind} ${change.id}: ${path} is ${value}, which JSON cannot hold`);
    }
  }
}

function asChange(operation: Json): StoredChange | undefined {
  if (typeof operation !== "object" || operation === null || Array.isArray(operation)) return undefined;
  const { k, i, s, ...more } = operation as JsonObject;
  if (typeof k !== "string" || typeof i !== "string" || Object.keys(more).length > 0) return undefined;
  if (typeof s !== "object" || s === null || Array.isArray(s)) return undefined;
  return { kind: k, id: i, set: s as JsonObject };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
