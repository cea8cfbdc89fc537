import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { renamePatiently } from "../../files/atomic-write.ts";
import { isMissing, namesIn, removeIfThere, syncFolder } from "../../files/file-system.ts";
import { requireSpace } from "../../files/free-space.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { type BigFilePlace, MovedCount, type MovedFiles } from "../big-files/big-file-place.ts";
import { copyBigFile } from "./copy-file.ts";

/** A copy that was not written to for so long is one of a process that was killed. Milliseconds. */
const STALE_MS = 86_400_000;

/** Big files of a repository on this machine, where git-lfs keeps them: `lfs/objects/aa/bb/<sha256>`. */
export class FolderFiles implements BigFilePlace {
  readonly #store: ObjectStore;
  readonly #root: string;

  constructor(store: ObjectStore, gitDirectory: string) {
    this.#store = store;
    this.#root = join(gitDirectory, "lfs");
  }

  async download(pointers: readonly LfsPointer[], options: WorkOptions): Promise<MovedFiles> {
    const { fs, lfs } = this.#store;
    const count = new MovedCount("Fetching big files", pointers, options);
    requireSpace(fs, this.#store.gitDirectory, sum(pointers), "the big files");
    for (const pointer of pointers) {
      const temporary = lfs.temporary();
      await copyBigFile(this.#path(pointer), temporary, pointer, this.#how(options, count, 0o400)).catch(
        (error: unknown) => {
          if (!isMissing(error)) throw error;
          throw new DamagedObject(pointer.sha256, "(a big file) is missing");
        },
      );
      lfs.adopt(temporary, pointer);
      count.moved(pointer);
    }
    return count.result;
  }

  async upload(pointers: readonly LfsPointer[], _refName: string, options: WorkOptions): Promise<MovedFiles> {
    const { fs } = this.#store;
    const missing = pointers.filter((pointer) => !this.#has(pointer));
    const count = new MovedCount("Sending big files", missing, options);
    if (missing.length === 0) return count.result;
    fs.mkdirSync(join(this.#root, "tmp"), { recursive: true });
    this.#removeLeftOvers();
    requireSpace(fs, this.#root, sum(missing), "the big files");
    for (const pointer of missing) {
      await this.#send(pointer, options, count);
      count.moved(pointer);
    }
    return count.result;
  }

  async #send(pointer: LfsPointer, options: WorkOptions, count: MovedCount): Promise<void> {
    const { fs, lfs } = this.#store;
    const temporary = join(this.#root, "tmp", randomBytes(12).toString("hex"));
    const path = this.#path(pointer);
    await copyBigFile(lfs.path(pointer.sha256), temporary, pointer, this.#how(options, count, 0o444));
    try {
      // A clone has the mode of the stored file, which nobody else could read.
      fs.chmodSync(temporary, 0o444);
      const folder = dirname(path);
      if (fs.mkdirSync(folder, { recursive: true }) !== undefined) {
        await syncFolder(fs, dirname(folder));
        await syncFolder(fs, dirname(dirname(folder)));
      }
      renamePatiently(fs, temporary, path);
    } catch (error) {
      removeIfThere(fs, temporary);
      throw error;
    }
    await syncFolder(fs, dirname(path));
  }

  /** Only what has a name that `#send` gives: git-lfs keeps its own there too. */
  #removeLeftOvers(): void {
    const { fs } = this.#store;
    for (const name of namesIn(fs, join(this.#root, "tmp"))) {
      const path = join(this.#root, "tmp", name);
      const facts = fs.lstatSync(path, { throwIfNoEntry: false });
      const isOurs = /^[0-9a-f]{24}$/.test(name) && facts?.isFile() === true;
      if (!isOurs || facts.mtimeMs > Date.now() - STALE_MS) continue;
      try {
        removeIfThere(fs, path);
      } catch {
        // Somebody else's, in a folder that several people write to.
      }
    }
  }

  #how(options: WorkOptions, count: MovedCount, mode: number): Parameters<typeof copyBigFile>[3] {
    const { signal } = options;
    return { ...(signal ? { signal } : {}), mode, onBytes: (bytes) => count.add(bytes) };
  }

  #path({ sha256 }: LfsPointer): string {
    return join(this.#root, "objects", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  #has(pointer: LfsPointer): boolean {
    const facts = this.#store.fs.statSync(this.#path(pointer), { throwIfNoEntry: false });
    return facts?.isFile() === true && facts.size === pointer.bytes;
  }
}

function sum(pointers: readonly LfsPointer[]): number {
  return pointers.reduce((total, { bytes }) => total + bytes, 0);
}
