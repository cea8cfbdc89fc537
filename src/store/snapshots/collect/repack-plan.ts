import { join } from "node:path";
import { namesIn } from "../files/file-system.ts";
import { toHex } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Pack } from "../objects/pack-set.ts";
import type { TakeTurn } from "./turn-taker.ts";

/** Packs that are smaller are merged when there are several. */
const SMALL_PACK = 16 * 1024 * 1024;
/** An object of no use that lies alone may have been put there by a git that is still at work. */
const LOOSE_AGE_MS = 3_600_000;
const PACK_FRAME = 12 + 20;
const INDEX_FRAME = 8 + 1024 + 40;
export const INDEX_ROW = 28;

export interface LooseObject {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

export interface RepackPlan {
  /** Packs that are replaced. */
  readonly packs: readonly Pack[];
  /** Objects to write anew. */
  readonly copies: readonly string[];
  /** Loose objects to remove: they are written anew, or of no use. */
  readonly loose: readonly LooseObject[];
  /** Objects that nothing needs, and their bytes. */
  readonly garbage: { readonly count: number; readonly bytes: number };
  /** Bytes on disk of all that goes. */
  readonly before: number;
}

/**
 * What to write anew so that only what is `needed` stays, and few packs. Packs that hold nothing but what is needed
 * are left alone unless they are small and many.
 */
export async function planRepack(
  store: ObjectStore,
  needed: ReadonlySet<string>,
  now: number,
  turn: TakeTurn,
): Promise<RepackPlan> {
  store.packs.refresh();
  const loose = listLoose(store);
  const packs = await choosePacks(
    store,
    needed,
    loose.some(({ id }) => needed.has(id)),
    turn,
  );
  const staying = store.packs.all.filter((pack) => !packs.includes(pack) && !pack.retired);
  const stays = (id: string): boolean => isIn(staying, id);
  const garbage = { count: 0, bytes: 0 };
  const seen = new Set<string>();
  const copies: string[] = [];
  const take = (id: string, bytes: number): void => {
    if (!needed.has(id)) {
      garbage.bytes += bytes;
      if (!seen.has(id)) garbage.count++;
    } else if (!seen.has(id) && !stays(id)) copies.push(id);
    seen.add(id);
  };
  let before = 0;
  for (const pack of packs) {
    before += pack.bytes + pack.index.memory.byteLength;
    for (const [id, bytes] of entriesOf(pack)) {
      await turn();
      take(id, bytes + INDEX_ROW);
    }
  }
  const going = loose.filter((object) => needed.has(object.id) || object.changedAt < now - LOOSE_AGE_MS);
  for (const { id, bytes } of going) take(id, bytes);
  before += going.reduce((sum, { bytes }) => sum + bytes, 0);
  return { packs, copies, loose: going, garbage, before };
}

/** Ids and stored sizes of a pack's objects. */
export function* entriesOf(pack: Pack): Generator<[string, number]> {
  for (let position = 0; position < pack.index.count; position++) {
    const { start, end } = pack.index.placeAt(position, pack.bytes);
    yield [toHex(pack.index.idAt(position)), end - start];
  }
}

export function isIn(packs: readonly Pack[], id: string): boolean {
  const bytes = Buffer.from(id, "hex");
  return packs.some((pack) => pack.index.find(bytes) >= 0);
}

export function listLoose(store: ObjectStore): (LooseObject & { changedAt: number })[] {
  const found: (LooseObject & { changedAt: number })[] = [];
  for (const folder of namesIn(store.fs, store.path("objects"))) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of namesIn(store.fs, store.path("objects", folder))) {
      const path = join(store.path("objects", folder), name);
      const facts = store.fs.lstatSync(path, { throwIfNoEntry: false });
      if (!facts?.isFile() || !/^[0-9a-f]{38}$/.test(name)) continue;
      found.push({ id: folder + name, path, bytes: facts.size, changedAt: facts.mtimeMs });
    }
  }
  return found;
}

async function choosePacks(
  store: ObjectStore,
  needed: ReadonlySet<string>,
  more: boolean,
  turn: TakeTurn,
): Promise<Pack[]> {
  const chosen: Pack[] = [];
  const small: Pack[] = [];
  for (const pack of store.packs.all) {
    await turn();
    if (pack.retired || holdsGarbage(pack, needed)) chosen.push(pack);
    else if (pack.bytes < SMALL_PACK) small.push(pack);
  }
  // One small pack alone is as good as it gets.
  return chosen.length + small.length > 1 || more ? [...chosen, ...small] : chosen;
}

function holdsGarbage(pack: Pack, needed: ReadonlySet<string>): boolean {
  for (let position = 0; position < pack.index.count; position++) {
    if (!needed.has(toHex(pack.index.idAt(position)))) return true;
  }
  return false;
}

/** Bytes of a pack with these objects, and of its index. */
export function packBytes(objects: readonly { readonly data: Uint8Array }[]): number {
  let bytes = PACK_FRAME + INDEX_FRAME;
  for (const { data } of objects) bytes += data.length + INDEX_ROW;
  return bytes;
}
