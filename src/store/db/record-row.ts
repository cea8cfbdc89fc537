import type { Stamp } from "../../domain/clock.ts";
import { isDeletedRecord, type RecordState, recordCreatedAt } from "../../domain/merge.ts";
import type { StoredRecord } from "../../services/ports/records.ts";
import type { Json } from "../../util/json.ts";

/* How a record lies in the database: its fields as one JSON object, the stamps of the fields as another. */

export interface RecordRow {
  readonly id: string;
  readonly createdAt: string;
  readonly deleted: boolean;
  readonly doc: string;
}

/** Most fields of a record come from one transaction, so its stamp is told once and only the others by path. */
interface StampsJson {
  /** The stamp of every field of the document that `o` does not name. */
  readonly b: Stamp;
  readonly o: { readonly [stamp: Stamp]: readonly string[] };
  /** Time of the first change, milliseconds since the epoch. */
  readonly f: number;
}

export function storedFromRow(kind: string, row: RecordRow): StoredRecord {
  const fields = JSON.parse(row.doc) as StoredRecord["fields"];
  return {
    kind: kind as StoredRecord["kind"],
    id: row.id,
    createdAt: row.createdAt,
    deleted: row.deleted,
    fields,
  };
}

export function storedFromState(kind: string, id: string, record: RecordState): StoredRecord {
  return {
    kind: kind as StoredRecord["kind"],
    id,
    createdAt: recordCreatedAt(record),
    deleted: isDeletedRecord(record),
    fields: Object.fromEntries(record.values),
  };
}

export function encodeDocument(record: RecordState): string {
  // Made of its parts: an object with this many names would first have to be built.
  let text = "";
  for (const [path, value] of record.values) {
    text += `${text === "" ? "{" : ","}${quoted(path)}:${typeof value === "number" ? value : JSON.stringify(value)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

/** Names as JSON; the same few hundred come again with every run. */
const quotedNames = new Map<string, string>();

function quoted(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  if (quotedNames.size >= 2000) quotedNames.clear();
  const text = JSON.stringify(name);
  quotedNames.set(name, text);
  return text;
}

export function encodeStamps(record: RecordState): string {
  const byStamp = new Map<Stamp, string[]>();
  for (const [path, stamp] of record.stamps) {
    const paths = byStamp.get(stamp);
    if (paths) paths.push(path);
    else byStamp.set(stamp, [path]);
  }
  let base = "";
  let most = 0;
  for (const [stamp, paths] of byStamp) {
    const live = paths.filter((path) => record.values.has(path)).length;
    if (live > most || (live === most && stamp > base)) {
      base = stamp;
      most = live;
    }
  }
  // A removed field is not in the document, so the base cannot stand for it.
  const rest = (byStamp.get(base) ?? []).filter((path) => !record.values.has(path));
  if (rest.length > 0) byStamp.set(base, rest);
  else byStamp.delete(base);
  const stamps: StampsJson = { b: base, o: Object.fromEntries(byStamp), f: record.firstMs };
  return JSON.stringify(stamps);
}

export function decodeState(doc: string, stampsText: string): RecordState {
  const values = new Map(Object.entries(JSON.parse(doc) as { [path: string]: Json }));
  const { b, o, f } = JSON.parse(stampsText) as StampsJson;
  const stamps = new Map<string, Stamp>();
  for (const path of values.keys()) stamps.set(path, b);
  for (const stamp of Object.keys(o)) for (const path of o[stamp] ?? []) stamps.set(path, stamp);
  return { values, stamps, firstMs: f };
}
