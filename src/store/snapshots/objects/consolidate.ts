import { join } from "node:path";
import { crc32 } from "node:zlib";
import { removeIfThere } from "../files/file-system.ts";
import { toHex } from "./object-id.ts";
import type { ObjectStore } from "./object-store.ts";
import { decodeHeader } from "./pack-entry.ts";
import type { Pack } from "./pack-set.ts";
import type { PackedObject } from "./pack-writer.ts";

const MOST_PACKS = 50;
/** Larger packs are left alone, so that no byte is copied again and again. */
const SMALL_PACK = 16 * 1024 * 1024;
/** Bounds memory as well as the result. */
const LARGEST_RESULT = 64 * 1024 * 1024;
/** A reader that holds the old list has this long to finish. */
const GRACE_MS = 60_000;

/**
 * Merges small packs when there are many. Entries are copied as they are; the old packs go a minute later, with
 * a later call. Two engines at it do the same work twice and lose nothing. `now` is the file system's time.
 */
export async function consolidate(store: ObjectStore, now: number): Promise<void> {
  removeRetired(store, now);
  if (store.packs.all.length <= MOST_PACKS) return;
  store.packs.refresh();
  const chosen = choose(store.packs.all.filter((pack) => !pack.retired));
  if (chosen.length <= MOST_PACKS / 2) return;
  const objects = new Map<string, PackedObject>();
  const copied: string[] = [];
  for (const pack of chosen) {
    const entries = copyEntries(store, pack);
    if (!entries) continue;
    copied.push(pack.name);
    for (const object of entries) objects.set(object.id, object);
  }
  if (copied.length < 2) return;
  const merged = await store.writePack([...objects.values()]);
  store.packs.add(merged);
  retire(
    store,
    copied.filter((name) => name !== merged.name),
  );
}

/** The smallest packs whose sum stays in bounds. */
function choose(packs: readonly Pack[]): Pack[] {
  const chosen: Pack[] = [];
  let bytes = 0;
  for (const pack of [...packs].sort((a, b) => a.bytes - b.bytes)) {
    if (pack.bytes > SMALL_PACK || bytes + pack.bytes > LARGEST_RESULT) break;
    chosen.push(pack);
    bytes += pack.bytes;
  }
  return chosen;
}

/** Undefined for a pack that is gone, or that holds a delta, which means nothing without its pack. */
function copyEntries(store: ObjectStore, pack: Pack): PackedObject[] | undefined {
  const bytes = store.packs.read(pack, 0, pack.bytes);
  if (!bytes) return undefined;
  const objects: PackedObject[] = [];
  for (let position = 0; position < pack.index.count; position++) {
    const { start, end } = pack.index.placeAt(position, pack.bytes);
    const data = bytes.subarray(start, end);
    const crc = pack.index.crcAt(position);
    if (decodeHeader(data).type === "delta" || crc32(data) !== crc) return undefined;
    objects.push({ id: toHex(pack.index.idAt(position)), crc, data });
  }
  return objects;
}

/** Marks packs whose objects are in another one now. The age of the mark is the grace that has passed. */
export function retire(store: ObjectStore, names: readonly string[]): void {
  const folder = store.packs.retiredFolder;
  store.fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of names) store.fs.closeSync(store.fs.openSync(join(folder, name), "w", 0o600));
}

function removeRetired(store: ObjectStore, now: number): void {
  const folder = store.packs.retiredFolder;
  const marks = store.packs.retiredNames();
  const old = marks.filter((name) => {
    const facts = store.fs.lstatSync(join(folder, name), { throwIfNoEntry: false });
    return facts !== undefined && facts.mtimeMs < now - GRACE_MS;
  });
  if (old.length === 0) return;
  store.packs.refresh();
  const staying = store.packs.all.filter((pack) => !pack.retired);
  for (const name of old) {
    const pack = store.packs.all.find((other) => other.name === name);
    if (pack && !isCovered(pack, staying)) continue;
    removePack(store, name);
  }
  store.packs.refresh();
}

/** Removes a pack that is marked, and then the mark. */
export function removePack(store: ObjectStore, name: string): void {
  // The index first: without it git and we do not look for the pack.
  removeIfThere(store.fs, store.path("objects", "pack", `${name}.idx`));
  removeIfThere(store.fs, store.path("objects", "pack", `${name}.pack`));
  removeIfThere(store.fs, join(store.packs.retiredFolder, name));
}

/** True when every object of a pack is in another one as well. */
function isCovered(pack: Pack, others: readonly Pack[]): boolean {
  for (let position = 0; position < pack.index.count; position++) {
    const id = pack.index.idAt(position);
    if (!others.some((other) => other.index.find(id) >= 0)) return false;
  }
  return true;
}
