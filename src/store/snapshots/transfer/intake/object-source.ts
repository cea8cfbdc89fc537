import { dirname, join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { type FileSystem, readIfThere } from "../../files/file-system.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import { hashObject, type ObjectType, toHex } from "../../objects/object-id.ts";
import { ObjectReader } from "../../objects/object-reader.ts";
import { packDeltas } from "../../objects/pack-deltas.ts";
import { decodeHeader, encodeEntry, inflateStream, MAX_OBJECT } from "../../objects/pack-entry.ts";
import { PackSet } from "../../objects/pack-set.ts";
import type { PackedObject } from "../../objects/pack-writer.ts";

const MOST_ALTERNATES = 5;

/** A proven object, and its bytes for a pack of ours: without deltas. */
export interface SourceObject {
  readonly body: Buffer;
  readonly packed: PackedObject;
}

/** Objects of a git directory that somebody else wrote: nothing about it is believed. */
export class ObjectSource {
  readonly #places: { readonly packs: PackSet; readonly reader: ObjectReader }[] = [];

  constructor(fs: FileSystem, gitDirectory: string, options: { readonly alternates: boolean }) {
    const folders = options.alternates ? objectFolders(fs, join(gitDirectory, "objects")) : [];
    for (const objects of folders.length > 0 ? folders : [join(gitDirectory, "objects")]) {
      const packs = new PackSet(fs, join(objects, "pack"));
      const reader = new ObjectReader(fs, dirname(objects), packs, undefined, packDeltas(packs));
      this.#places.push({ packs, reader });
    }
  }

  /** Throws `DamagedObject`: missing, of another type, or not what its id says. */
  async take(id: string, type: ObjectType): Promise<SourceObject> {
    const copied = this.#copy(id, type);
    if (copied) return copied;
    for (const { reader } of this.#places) {
      if (!reader.has(id)) continue;
      const body = await reader.readAs(id, type);
      return { body, packed: { id, ...encodeEntry(type, body) } };
    }
    throw new DamagedObject(id, "is missing");
  }

  close(): void {
    for (const { packs } of this.#places) packs.close();
  }

  /** Takes an entry of a pack as it is; undefined when it is a delta, loose, or followed by something else. */
  #copy(id: string, type: ObjectType): SourceObject | undefined {
    const bytes = Buffer.from(id, "hex");
    for (const { packs } of this.#places) {
      const found = packs.find(bytes);
      const data = found ? packs.read(found.pack, found.place.start, found.place.end) : undefined;
      if (!data) continue;
      const body = entryBody(id, type, data);
      if (body) return { body, packed: { id, crc: crc32(data), data } };
    }
    return undefined;
  }
}

function entryBody(id: string, type: ObjectType, data: Buffer): Buffer | undefined {
  try {
    const header = decodeHeader(data);
    if (header.type === "delta") return undefined;
    if (header.type !== type) throw new DamagedObject(id, `is a ${header.type}, not a ${type}`);
    if (header.size > MAX_OBJECT) throw new Error(`it claims ${header.size} bytes`);
    const { body, used } = inflateStream(data.subarray(header.length), header.size);
    if (toHex(hashObject(type, body)) !== id) throw new DamagedObject(id, "does not match its id");
    return header.length + used === data.length ? body : undefined;
  } catch (error) {
    if (error instanceof DamagedObject) throw error;
    throw new DamagedObject(id, `cannot be read: ${(error as Error).message}`);
  }
}

/** The folder of objects itself and those that its `info/alternates` name. */
function objectFolders(fs: FileSystem, first: string): string[] {
  const found: string[] = [];
  const visit = (folder: string, depth: number): void => {
    if (found.includes(folder) || depth > MOST_ALTERNATES) return;
    found.push(folder);
    const text = readIfThere(fs, join(folder, "info", "alternates"))?.toString("utf8") ?? "";
    for (const line of text.split("\n")) {
      if (line !== "" && !/^[#"]/.test(line)) visit(resolve(folder, line), depth + 1);
    }
  };
  visit(first, 0);
  return found;
}
