import { crc32 } from "node:zlib";
import { withDeltas } from "../objects/delta-chains.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { decodeDeltaBase, decodeHeader, encodeEntry } from "../objects/pack-entry.ts";
import type { PackedObject } from "../objects/pack-writer.ts";
import type { TakeTurn } from "./turn-taker.ts";

/** A new pack is held in memory until it is written. */
const LARGEST_PACK = 64 * 1024 * 1024;

/** An object to write, as it lies in its pack now or, where that would mean nothing, as a whole. */
export interface PlannedObject {
  readonly id: string;
  readonly whole: boolean;
}

/** Distributes objects over new packs. A delta stays one where what it is made from comes to the same pack. */
export async function groupObjects(
  store: ObjectStore,
  ids: readonly string[],
  turn: TakeTurn,
): Promise<PlannedObject[][]> {
  const wanted = new Set(ids);
  const places = new Map<string, number>();
  const groups: PlannedObject[][] = [];
  let size = Number.POSITIVE_INFINITY;
  const place = (id: string, whole: boolean, bytes: number): void => {
    groups.at(-1)?.push({ id, whole });
    places.set(id, groups.length);
    size += bytes;
  };
  for (const first of ids) {
    await turn();
    if (places.has(first)) continue;
    if (size > LARGEST_PACK) {
      groups.push([]);
      size = 0;
    }
    // What a delta is made from, and so on, comes before it.
    const chain: string[] = [];
    for (let id: string | undefined = first; id !== undefined && wanted.has(id) && !places.has(id); ) {
      if (chain.includes(id)) break;
      chain.push(id);
      id = rawEntry(store, id)?.base;
    }
    for (const id of chain.reverse()) {
      const raw = rawEntry(store, id);
      const fits = raw && (raw.base === undefined || places.get(raw.base) === groups.length);
      if (raw && fits) place(id, false, raw.data.length);
      else place(id, true, (await wholeEntry(store, id)).data.length);
    }
  }
  return groups;
}

/**
 * Objects for new packs, a pack at a time, each as small as it gets: what is a delta now is taken out first, so that
 * no two of them are made from each other. Equal objects give equal packs.
 */
export async function* smallestPacks(
  store: ObjectStore,
  ids: readonly string[],
  turn: TakeTurn,
): AsyncGenerator<PackedObject[]> {
  let group: PackedObject[] = [];
  let size = 0;
  for (const id of ids) {
    await turn();
    const raw = rawEntry(store, id);
    const object = raw && raw.base === undefined ? { id, ...raw } : await wholeEntry(store, id);
    group.push(object);
    size += object.data.length;
    if (size < LARGEST_PACK) continue;
    yield await withDeltas(store.reader, group, turn);
    group = [];
    size = 0;
  }
  if (group.length > 0) yield await withDeltas(store.reader, group, turn);
}

export async function readPlanned(store: ObjectStore, { id, whole }: PlannedObject): Promise<PackedObject> {
  const raw = whole ? undefined : rawEntry(store, id);
  return raw ? { id, crc: raw.crc, data: raw.data } : wholeEntry(store, id);
}

/** Undefined for what lies alone, is damaged, or is made from a place in its own pack. */
function rawEntry(
  store: ObjectStore,
  id: string,
): { readonly data: Buffer; readonly crc: number; readonly base?: string } | undefined {
  const bytes = Buffer.from(id, "hex");
  const found = store.packs.find(bytes);
  if (!found) return undefined;
  const { pack, place } = found;
  const data = store.packs.read(pack, place.start, place.end);
  const crc = pack.index.crcAt(pack.index.find(bytes));
  if (!data || crc32(data) !== crc) return undefined;
  const header = decodeHeader(data);
  if (header.type !== "delta") return { data, crc };
  const { base } = decodeDeltaBase(data, header);
  return "id" in base ? { data, crc, base: base.id } : undefined;
}

async function wholeEntry(store: ObjectStore, id: string): Promise<PackedObject> {
  const { type, body } = await store.reader.read(id);
  return { id, ...encodeEntry(type, body) };
}
