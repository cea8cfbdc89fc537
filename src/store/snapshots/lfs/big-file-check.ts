import type { LargeEntry } from "../capture/describe-folder.ts";
import type { Read } from "../capture/scan.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { type LfsPointer, parsePointer } from "./lfs-pointer.ts";

/** Makes sure that big files which look unchanged are in the big-file store still. */
export class BigFileCheck {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #pointers = new Map<string, LfsPointer>();

  constructor(store: ObjectStore, directory: string) {
    this.#store = store;
    this.#directory = directory;
  }

  /** The big files to store again, besides those that are read anyway. */
  async lost(large: readonly LargeEntry[], reads: readonly Read[]): Promise<Read[]> {
    if (large.length === 0) return [];
    const asked = new Set(reads.map((read) => read.path));
    const lost: Read[] = [];
    for (const { folder, index, path } of large) {
      const full = `${this.#directory}/${path}`;
      const pointer = await this.#pointer(folder.table.id(index));
      if (asked.has(full) || (pointer && this.#store.lfs.use(pointer))) continue;
      lost.push({ folder, index, path: full, bytes: folder.table.size(index), link: false, rehash: false });
    }
    return lost;
  }

  async #pointer(blobId: string): Promise<LfsPointer | undefined> {
    const known = this.#pointers.get(blobId);
    if (known) return known;
    const body = await this.#store.reader.readAs(blobId, "blob").catch(() => Buffer.alloc(0));
    const pointer = parsePointer(body);
    if (pointer) this.#pointers.set(blobId, pointer);
    return pointer;
  }
}
