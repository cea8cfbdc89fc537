import { emptyRecord, isDeletedRecord, type RecordState } from "../../domain/merge.ts";
import type { Image } from "./image.ts";
import { decodeState } from "./record-row.ts";

/** A record that changed since the snapshot was made. */
export interface OverlayEntry {
  readonly kind: string;
  readonly id: string;
  readonly record: RecordState;
  /** True when the snapshot holds it, not deleted. */
  readonly liveInImage: boolean;
}

/**
 * What the journal says beyond the snapshot, merged, in memory. A short tail never touches SQLite: no write
 * in it needs to be compiled, and a small project never loads it at all.
 */
export class Overlay {
  readonly #kinds = new Map<string, Map<string, OverlayEntry>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(kind: string, id: string): OverlayEntry | undefined {
    return this.#kinds.get(kind)?.get(id);
  }

  /** The record to merge a change into, taken over from the image when it is there. */
  touch(kind: string, id: string, image: Image | undefined): OverlayEntry {
    let records = this.#kinds.get(kind);
    if (!records) {
      records = new Map();
      this.#kinds.set(kind, records);
    }
    const known = records.get(id);
    if (known) return known;
    const found = image?.get(kind, id);
    const record = found ? decodeState(found.row.doc, found.stamps) : emptyRecord();
    const entry = { kind, id, record, liveInImage: found !== undefined && !found.row.deleted };
    records.set(id, entry);
    this.#size += 1;
    return entry;
  }

  ofKind(kind: string): IterableIterator<OverlayEntry> {
    return (this.#kinds.get(kind) ?? new Map<string, OverlayEntry>()).values();
  }

  *all(): Generator<OverlayEntry, void> {
    for (const records of this.#kinds.values()) yield* records.values();
  }

  /** How many more records are there, not deleted, than the image says. */
  countBeyondImage(kind?: string): number {
    let difference = 0;
    for (const entry of kind === undefined ? this.all() : this.ofKind(kind)) {
      difference += (isDeletedRecord(entry.record) ? 0 : 1) - (entry.liveInImage ? 1 : 0);
    }
    return difference;
  }

  /** The first `count` entries. */
  first(count: number): OverlayEntry[] {
    const entries: OverlayEntry[] = [];
    for (const entry of this.all()) {
      if (entries.length >= count) break;
      entries.push(entry);
    }
    return entries;
  }

  remove(entries: readonly OverlayEntry[]): void {
    for (const { kind, id } of entries) if (this.#kinds.get(kind)?.delete(id)) this.#size -= 1;
  }
}
