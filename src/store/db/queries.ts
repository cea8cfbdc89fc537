import { isDeletedRecord, recordCreatedAt } from "../../domain/merge.ts";
import type { RecordQuery, StoredRecord } from "../../services/ports/records.ts";
import type { Image } from "./image.ts";
import type { Overlay } from "./overlay.ts";
import { type RecordRow, storedFromRow, storedFromState } from "./record-row.ts";

/* Questions to the records as they are: the snapshot with what changed since laid over it. */

export interface Layers {
  readonly image: Image | undefined;
  readonly overlay: Overlay;
}

interface Place {
  readonly createdAt: string;
  readonly id: string;
}

export function getRecord({ image, overlay }: Layers, kind: string, id: string): StoredRecord | undefined {
  const changed = overlay.get(kind, id);
  if (changed) return storedFromState(kind, id, changed.record);
  const found = image?.get(kind, id);
  return found && storedFromRow(kind, found.row);
}

export function listRecords(layers: Layers, kind: string, query: RecordQuery = {}): StoredRecord[] {
  const { order = "newest", limit = Number.POSITIVE_INFINITY, after, includeDeleted = false } = query;
  const compare = order === "newest" ? (a: Place, b: Place) => comparePlaces(b, a) : comparePlaces;
  const changed: { readonly place: Place; readonly stored: () => StoredRecord }[] = [];
  for (const { id, record } of layers.overlay.ofKind(kind)) {
    const place = { createdAt: recordCreatedAt(record), id };
    if (!includeDeleted && isDeletedRecord(record)) continue;
    if (after && compare(place, after) <= 0) continue;
    changed.push({ place, stored: () => storedFromState(kind, id, record) });
  }
  changed.sort((a, b) => compare(a.place, b.place));
  const found: StoredRecord[] = [];
  let next = 0;
  for (const row of unchangedRows(layers, kind, order, after, includeDeleted, limit)) {
    while (next < changed.length && found.length < limit && compare(changed[next]!.place, row) < 0) {
      found.push(changed[next++]!.stored());
    }
    if (found.length >= limit) return found;
    found.push(storedFromRow(kind, row));
    if (found.length >= limit) return found;
  }
  while (next < changed.length && found.length < limit) found.push(changed[next++]!.stored());
  return found;
}

export function recordsByField(
  { image, overlay }: Layers,
  kind: string,
  path: string,
  value: string,
): StoredRecord[] {
  const found: StoredRecord[] = [];
  for (const { id, record } of overlay.ofKind(kind)) {
    if (record.values.get(path) === value && !isDeletedRecord(record)) {
      found.push(storedFromState(kind, id, record));
    }
  }
  for (const row of image?.rowsByField(kind, path, value) ?? []) {
    if (overlay.get(kind, row.id)) continue;
    const stored = storedFromRow(kind, row);
    // SQLite ends a text at its first NUL.
    if (stored.fields[path] === value) found.push(stored);
  }
  return found.sort(comparePlaces);
}

export function recordIdsByPrefix(
  { image, overlay }: Layers,
  kind: string,
  prefix: string,
  limit: number,
): string[] {
  const ids = new Set<string>();
  // The overlay may hide some of the image's ids, so as many more are asked for.
  for (const id of image?.idsByPrefix(kind, prefix, limit + overlay.size) ?? []) ids.add(id);
  for (const { id, record } of overlay.ofKind(kind)) {
    if (!id.startsWith(prefix)) continue;
    if (isDeletedRecord(record)) ids.delete(id);
    else ids.add(id);
  }
  return [...ids].sort().slice(0, limit);
}

/** Of one kind, or of all; deleted ones left out. */
export function countRecords({ image, overlay }: Layers, kind?: string): number {
  const inImage = kind === undefined ? image?.countAll() : image?.count(kind);
  return (inImage ?? 0) + overlay.countBeyondImage(kind);
}

function* unchangedRows(
  { image, overlay }: Layers,
  kind: string,
  order: "newest" | "oldest",
  after: Place | undefined,
  includeDeleted: boolean,
  limit: number,
): Generator<RecordRow, void> {
  if (limit <= 0) return;
  for (const row of image?.rows(kind, { order, after }) ?? []) {
    if (overlay.get(kind, row.id) || (row.deleted && !includeDeleted)) continue;
    yield row;
  }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
