import { hashObject, type ObjectType, toHex } from "./object-id.ts";
import { encodeEntry, type PackEntry } from "./pack-entry.ts";
import type { PackedObject } from "./pack-writer.ts";

/** Objects that are in memory only: what a snapshot adds, until one pack takes all of it to the disk. */
export class PendingObjects {
  readonly #objects = new Map<string, PackedObject>();
  #bytes = 0;

  get count(): number {
    return this.#objects.size;
  }

  /** Compressed size. */
  get bytes(): number {
    return this.#bytes;
  }

  has(id: string): boolean {
    return this.#objects.has(id);
  }

  get(id: string): Uint8Array | undefined {
    return this.#objects.get(id)?.data;
  }

  put(id: string, entry: { readonly data: Uint8Array; readonly crc: number }): void {
    if (this.#objects.has(id)) return;
    this.#objects.set(id, { id, crc: entry.crc, data: entry.data });
    this.#bytes += entry.data.length;
  }

  /** Adds an object unless `known` says that the store has it. Returns its id. */
  add(type: ObjectType, body: Uint8Array, known: (id: Buffer) => boolean): string {
    const id = hashObject(type, body);
    const hex = toHex(id);
    if (!this.#objects.has(hex) && !known(id)) this.put(hex, encodeEntry(type, body) as PackEntry);
    return hex;
  }

  list(): PackedObject[] {
    return [...this.#objects.values()];
  }

  /** Forgets these objects: they are on disk now. */
  drop(written: readonly PackedObject[]): void {
    for (const { id, data } of written) if (this.#objects.delete(id)) this.#bytes -= data.length;
  }
}
