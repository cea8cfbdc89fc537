import type { Json, JsonObject } from "../util/json.ts";
import { type Stamp, stampTime } from "./clock.ts";
import { isId } from "./ids.ts";
import { isLocalField } from "./local-fields.ts";
import { emptyRecord, mergeChange, type RecordState, statusRank } from "./merge.ts";
import { fieldProblem } from "./shared-fields.ts";

/* Stamped operations as they travel: the payloads of the journal, one per line. See `docs/formats.md`, "Sharing". */

/** Fields of one record that were changed at one stamp. */
export interface SharedOperation {
  readonly stamp: Stamp;
  readonly kind: string;
  readonly id: string;
  readonly set: { readonly [path: string]: Json };
}

/** A line of operations: those that are understood, and the texts of those that only a later version does. */
export interface SharedLine {
  readonly stamp: Stamp;
  readonly operations: readonly SharedOperation[];
  readonly later: readonly string[];
  /** The one text in `later` is the whole line, whose version is not known. */
  readonly isPayload: boolean;
}

/** A line is not what datmo writes. */
export class OperationRefused extends Error {}

/** Records of these kinds are about one copy of the project only. */
const LOCAL_KINDS = new Set(["project", "environment", "sweep"]);
/** The year 10000: no later time can be written in the usual form. */
const MAX_STAMP_MS = 253_402_300_800_000;
const MAX_FIELDS = 1_000_000;
const VERSION = 1;

/** True for a kind of records that copies of a project share. */
export function isSharedKind(kind: string): boolean {
  return !LOCAL_KINDS.has(kind);
}

/** Reads a line that another copy wrote, and believes nothing of it. Throws `OperationRefused`. */
export function parseSharedLine(text: string): SharedLine {
  const body = parseObject(text);
  const stamp = body["t"];
  if (typeof stamp !== "string" || !/^[0-9a-f]{16}-[0-9a-f]{32}$/.test(stamp))
    throw new OperationRefused("an operation has no stamp");
  if (stampTime(stamp) >= MAX_STAMP_MS) throw new OperationRefused(`the stamp ${stamp} is out of range`);
  const operations = body["c"];
  if (body["v"] !== VERSION) {
    const isLater = typeof body["v"] === "number" && body["v"] > VERSION;
    if (!isLater) throw new OperationRefused("an operation has no version");
    return { stamp, operations: [], later: [text], isPayload: true };
  }
  if (!Array.isArray(operations)) throw new OperationRefused("a line holds no operations");
  const known: SharedOperation[] = [];
  const later: string[] = [];
  for (const operation of operations as Json[]) {
    const found = asOperation(stamp, operation);
    if (found) known.push(found);
    else later.push(JSON.stringify(operation));
  }
  return { stamp, operations: known, later, isPayload: false };
}

/** The line of operations that have one stamp. */
export function sharedLine(stamp: Stamp, operations: readonly SharedOperation[]): string {
  const c = operations.map(({ kind, id, set }) => ({ k: kind, i: id, s: set }));
  return JSON.stringify({ v: VERSION, t: stamp, c });
}

/** The operations that make up a record, as far as they change something of what the other side has, oldest first. */
export function operationsFor(
  kind: string,
  id: string,
  state: RecordState,
  other: RecordState | undefined,
): SharedOperation[] {
  const byStamp = new Map<Stamp, Record<string, Json>>();
  for (const [path, stamp] of state.stamps) {
    if (isLocalField(path)) continue;
    const value = state.values.get(path) ?? null;
    if (other && !isNews(kind, path, value, stamp, other)) continue;
    const set = byStamp.get(stamp) ?? {};
    Object.defineProperty(set, path, { value, enumerable: true, writable: true, configurable: true });
    byStamp.set(stamp, set);
  }
  return [...byStamp].sort(([a], [b]) => (a < b ? -1 : 1)).map(([stamp, set]) => ({ stamp, kind, id, set }));
}

/** Those of the operations that change something of the record, which is changed by them. */
export function takeNews(
  record: RecordState | undefined,
  operations: readonly SharedOperation[],
): { readonly news: SharedOperation[]; readonly record: RecordState } {
  const state = record ?? emptyRecord();
  const news: SharedOperation[] = [];
  for (const operation of [...operations].sort((a, b) => (a.stamp < b.stamp ? -1 : 1))) {
    const { kind, set, stamp } = operation;
    const won: Record<string, Json> = {};
    for (const [path, value] of Object.entries(set)) {
      const before = state.stamps.get(path);
      const old = state.values.get(path) ?? null;
      mergeChange(state, kind, { [path]: value }, stamp);
      const changed = state.stamps.get(path) !== before || !same(state.values.get(path) ?? null, old);
      if (changed) Object.defineProperty(won, path, { value, enumerable: true, configurable: true });
    }
    if (Object.keys(won).length > 0) news.push({ ...operation, set: won });
  }
  return { news, record: state };
}

function isNews(kind: string, path: string, value: Json, stamp: Stamp, other: RecordState): boolean {
  const theirs = other.stamps.get(path);
  if (theirs === undefined) return true;
  if (theirs === stamp) return false;
  if (kind === "run" && path === "status") {
    const difference = statusRank(value) - statusRank(other.values.get(path));
    if (difference !== 0) return difference > 0;
  }
  return stamp > theirs;
}

function same(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function asOperation(stamp: Stamp, operation: Json): SharedOperation | undefined {
  if (typeof operation !== "object" || operation === null || Array.isArray(operation))
    throw new OperationRefused("an operation is no object");
  const { k, i, s, ...more } = operation as JsonObject;
  if (Object.keys(more).length > 0 && typeof k !== "undefined" && refusesAnyway(k, s))
    throw new OperationRefused("an operation is about one copy of a project");
  if (typeof k !== "string" || typeof i !== "string" || Object.keys(more).length > 0) return undefined;
  if (typeof s !== "object" || s === null || Array.isArray(s)) return undefined;
  checkRecord(k, i);
  const set = s as JsonObject;
  const paths = Object.keys(set);
  if (paths.length > MAX_FIELDS) throw new OperationRefused(`${k} ${i} has too many fields`);
  for (const path of paths) {
    const problem = fieldProblem(k, i, path, set[path] as Json);
    if (problem !== undefined) throw new OperationRefused(`${JSON.stringify(path)} of ${k} ${i} ${problem}`);
  }
  return { stamp, kind: k, id: i, set };
}

/** Also in the form of a later version nothing comes in that belongs to one copy. */
function refusesAnyway(kind: Json, set: Json | undefined): boolean {
  if (typeof kind === "string" && !isSharedKind(kind)) return true;
  return typeof set === "object" && set !== null && Object.keys(set).some(isLocalField);
}

function checkRecord(kind: string, id: string): void {
  if (!/^[a-z][A-Za-z]{0,39}$/.test(kind) || !isSharedKind(kind))
    throw new OperationRefused(`${JSON.stringify(kind)} is no kind of record that is shared`);
  const isName = KNOWN_KINDS.has(kind) ? isId(id) : /^[\w.:-]{1,200}$/.test(id);
  if (!isName) throw new OperationRefused(`${JSON.stringify(id)} is no id of a ${kind}`);
}

const KNOWN_KINDS = new Set(["run", "snapshot", "task", "environment", "purge"]);

function parseObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Refused below.
  }
  throw new OperationRefused("a line of operations is not JSON");
}
