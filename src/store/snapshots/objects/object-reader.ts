import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { type FileSystem, readIfThere } from "../files/file-system.ts";
import { DamagedObject } from "./damaged-object.ts";
import { hashObject, type ObjectType, toHex } from "./object-id.ts";
import { decodeHeader, inflateEntry, MAX_HEADER, MAX_OBJECT } from "./pack-entry.ts";
import type { FoundObject, PackSet } from "./pack-set.ts";
import type { PendingObjects } from "./pending-objects.ts";

export interface GitObject {
  readonly type: ObjectType;
  readonly body: Buffer;
}

/** Reads an object that is a delta in its pack. */
export type ReadDelta = (id: string) => Promise<GitObject>;

/** Reads objects and proves them by their id: pending ones, packs, loose ones, and deltas with help. */
export class ObjectReader {
  readonly #fs: FileSystem;
  readonly #gitDirectory: string;
  readonly #packs: PackSet;
  readonly #pending: PendingObjects | undefined;
  readonly #readDelta: ReadDelta | undefined;

  constructor(
    fs: FileSystem,
    gitDirectory: string,
    packs: PackSet,
    pending?: PendingObjects,
    readDelta?: ReadDelta,
  ) {
    this.#fs = fs;
    this.#gitDirectory = gitDirectory;
    this.#packs = packs;
    this.#pending = pending;
    this.#readDelta = readDelta;
  }

  /** Throws `DamagedObject`. */
  async read(id: string): Promise<GitObject> {
    const own = this.readOwn(id);
    if (own) return own;
    if (!this.#readDelta) throw new DamagedObject(id, "is a delta, which cannot be read here");
    for (let attempt = 0; ; attempt++) {
      try {
        return proven(id, await this.#readDelta(id));
      } catch (error) {
        // Another process may have merged this pack away.
        if (attempt === 0) this.#packs.refresh();
        else if (error instanceof DamagedObject) throw error;
        else throw new DamagedObject(id, `cannot be read: ${(error as Error).message}`);
      }
      const own = this.readOwn(id);
      if (own) return own;
    }
  }

  /** Throws `DamagedObject`, also when the object is of another type. */
  async readAs(id: string, type: ObjectType): Promise<Buffer> {
    const object = await this.read(id);
    if (object.type !== type) throw new DamagedObject(id, `is a ${object.type}, not a ${type}`);
    return object.body;
  }

  /** Undefined when the object is a delta. Throws `DamagedObject`. */
  readOwn(id: string): GitObject | undefined {
    try {
      const entry = this.#pending?.get(id) ?? this.#packedBytes(id);
      if (!entry) return proven(id, this.#readLoose(id));
      const header = decodeHeader(entry);
      if (header.type === "delta") return undefined;
      if (header.size > MAX_OBJECT) throw new Error(`claims ${header.size} bytes`);
      return proven(id, { type: header.type, body: inflateEntry(entry, header) });
    } catch (error) {
      if (error instanceof DamagedObject) throw error;
      throw new DamagedObject(id, `cannot be read: ${(error as Error).message}`);
    }
  }

  /** Type and size; of an object in a pack or pending without inflating it, and then unproven. */
  async facts(id: string): Promise<{ type: ObjectType; size: number }> {
    const pending = this.#pending?.get(id);
    const found = pending ? undefined : this.#locate(id);
    const head = pending ?? (found ? this.#headerBytes(found) : undefined);
    const header = head ? decodeHeader(head) : undefined;
    if (header && header.type !== "delta") return { type: header.type, size: header.size };
    const { type, body } = await this.read(id);
    return { type, size: body.length };
  }

  /** True when the object is there; says nothing about its content. */
  has(id: string): boolean {
    return (
      (this.#pending?.has(id) ?? false) ||
      this.#locate(id) !== undefined ||
      this.#looseBytes(id) !== undefined
    );
  }

  #packedBytes(id: string): Buffer | undefined {
    for (let attempt = 0; ; attempt++) {
      const found = this.#locate(id);
      if (!found) return undefined;
      const bytes = this.#packs.read(found.pack, found.place.start, found.place.end);
      if (bytes) return bytes;
      // Another process merged this pack away; the object is in a newer one.
      if (attempt === 2) throw new Error(`${found.pack.name} is gone`);
      this.#packs.refresh();
    }
  }

  #headerBytes(found: FoundObject): Buffer | undefined {
    const { start, end } = found.place;
    return this.#packs.read(found.pack, start, Math.min(end, start + MAX_HEADER));
  }

  #locate(id: string): FoundObject | undefined {
    const bytes = Buffer.from(id, "hex");
    const found = this.#packs.find(bytes);
    if (found) return found;
    this.#packs.refresh();
    return this.#packs.find(bytes);
  }

  #looseBytes(id: string): Buffer | undefined {
    return readIfThere(this.#fs, join(this.#gitDirectory, "objects", id.slice(0, 2), id.slice(2)));
  }

  #readLoose(id: string): GitObject {
    const bytes = this.#looseBytes(id);
    if (!bytes) throw new DamagedObject(id, "is missing");
    const content = inflateSync(bytes, { maxOutputLength: MAX_OBJECT });
    const end = content.indexOf(0);
    const [type, size] = content.toString("latin1", 0, Math.max(0, end)).split(" ");
    const body = content.subarray(end + 1);
    if (!type || !/^(commit|tree|blob|tag)$/.test(type) || Number(size) !== body.length) {
      throw new DamagedObject(id, "has a damaged header");
    }
    return { type: type as ObjectType, body };
  }
}

function proven(id: string, object: GitObject): GitObject {
  if (toHex(hashObject(object.type, object.body)) !== id)
    throw new DamagedObject(id, "does not match its id");
  return object;
}
