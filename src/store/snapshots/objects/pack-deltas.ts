import { applyDelta } from "./delta.ts";
import type { GitObject, ReadDelta } from "./object-reader.ts";
import {
  type DeltaBase,
  decodeDeltaBase,
  decodeHeader,
  type EntryHeader,
  inflateStream,
  MAX_OBJECT,
} from "./pack-entry.ts";
import type { Pack, PackSet } from "./pack-set.ts";

/** Contents that deltas are made from are kept up to this, so that a chain is not followed again and again. */
const CACHED_BYTES = 32 * 1024 * 1024;
/** Git itself makes no longer chain; one that goes round in circles ends here. */
const LONGEST_CHAIN = 4096;
/** Deltas of one chain together; those of a large object that changed a little are small. */
const MOST_DELTA_BYTES = MAX_OBJECT;

/** Reads deltas of packs that another git made, in bounded memory. */
export function packDeltas(packs: PackSet): ReadDelta {
  const reader = new DeltaChains(packs);
  return async (id) => reader.read(id);
}

class DeltaChains {
  readonly #packs: PackSet;
  readonly #cache = new Map<string, GitObject>();
  #cached = 0;

  constructor(packs: PackSet) {
    this.#packs = packs;
  }

  read(id: string): GitObject {
    const found = this.#packs.find(Buffer.from(id, "hex"));
    if (!found) throw new Error("it is missing");
    return this.#at(found.pack, found.place.start);
  }

  #at(pack: Pack, offset: number): GitObject {
    const deltas: { readonly offset: number; readonly delta: Buffer }[] = [];
    let object: GitObject | undefined;
    let bytes = 0;
    for (let start = offset; object === undefined; ) {
      object = this.#cache.get(`${pack.name}:${start}`);
      if (object) break;
      const { header, base, body } = this.#entry(pack, start);
      if (header.type !== "delta") {
        object = { type: header.type, body };
        this.#keep(pack, start, object);
        break;
      }
      deltas.push({ offset: start, delta: body });
      bytes += body.length;
      if (bytes > MOST_DELTA_BYTES) throw new Error("a chain of deltas is too large");
      if (deltas.length > LONGEST_CHAIN) throw new Error("a chain of deltas does not end");
      start = baseOffset(pack, start, base as DeltaBase);
    }
    for (const { offset: at, delta } of deltas.reverse()) {
      object = { type: object.type, body: applyDelta(object.body, delta) };
      this.#keep(pack, at, object);
    }
    return object;
  }

  #entry(pack: Pack, start: number): { header: EntryHeader; base?: DeltaBase; body: Buffer } {
    const { end } = pack.index.placeFrom(start, pack.bytes);
    const bytes = this.#packs.read(pack, start, end);
    if (!bytes) throw new Error(`${pack.name} is gone`);
    const header = decodeHeader(bytes);
    if (header.size > MAX_OBJECT) throw new Error(`it claims ${header.size} bytes`);
    if (header.type !== "delta") {
      return { header, body: inflateStream(bytes.subarray(header.length), header.size).body };
    }
    const { base, length } = decodeDeltaBase(bytes, header);
    return { header, base, body: inflateStream(bytes.subarray(length), header.size).body };
  }

  /** The oldest go first when there are too many. */
  #keep(pack: Pack, offset: number, object: GitObject): void {
    if (object.body.length > CACHED_BYTES / 4) return;
    this.#cache.set(`${pack.name}:${offset}`, object);
    this.#cached += object.body.length;
    for (const [key, old] of this.#cache) {
      if (this.#cached <= CACHED_BYTES) break;
      this.#cache.delete(key);
      this.#cached -= old.body.length;
    }
  }
}

/** Bases lie in the same pack: packs on disk stand for themselves. */
function baseOffset(pack: Pack, start: number, base: DeltaBase): number {
  if ("distance" in base) {
    if (base.distance <= 0 || base.distance >= start) throw new Error("a delta has no base");
    return start - base.distance;
  }
  const position = pack.index.find(Buffer.from(base.id, "hex"));
  if (position < 0) throw new Error(`its base ${base.id} is missing`);
  return pack.index.offsetAt(position);
}
