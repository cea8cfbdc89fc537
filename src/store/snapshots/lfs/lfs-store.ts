import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { dirname, join } from "node:path";
import { renamePatiently } from "../files/atomic-write.ts";
import {
  errorCode,
  type FileSystem,
  isMissing,
  namesIn,
  readIfThere,
  removeIfThere,
  syncFolderNow,
  writeFully,
} from "../files/file-system.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import type { LfsPointer } from "./lfs-pointer.ts";

const BLOCK = 1024 * 1024;
const ZEROS = Buffer.alloc(BLOCK);
const NO_CLONE = new Set(["ENOTSUP", "EOPNOTSUPP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY", "EPERM"]);

/** Big files by content: `lfs/objects/aa/bb/<sha256>`, exactly as git-lfs lays them out. Written once. */
export class LfsStore {
  readonly #fs: FileSystem;
  readonly #root: string;
  #clones: boolean | undefined;

  constructor(fs: FileSystem, gitDirectory: string) {
    this.#fs = fs;
    this.#root = join(gitDirectory, "lfs");
  }

  path(sha256: string): string {
    return join(this.#root, "objects", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  /** True when the object is there in its full size; its content is proven when it is restored. */
  has({ sha256, bytes }: LfsPointer): boolean {
    const facts = this.#fs.lstatSync(this.path(sha256), { throwIfNoEntry: false });
    return facts?.isFile() === true && facts.size === bytes;
  }

  /**
   * As `has`, for whoever is going to rely on the object instead of storing it: it then looks new to a collector of
   * garbage, which moves an object aside before it looks at its age. So one that is being removed is not there.
   */
  use(pointer: LfsPointer): boolean {
    if (!this.has(pointer)) return false;
    const now = new Date();
    try {
      this.#fs.utimesSync(this.path(pointer.sha256), now, now);
    } catch (error) {
      if (isMissing(error)) return false;
      // Somebody else's, or a disk that is not written: nobody collects there either.
      if (!["EROFS", "EACCES", "EPERM"].includes(errorCode(error))) throw error;
    }
    return true;
  }

  /** Hash of the first `limit` bytes of an open file, read in constant memory. */
  hash(fd: number, limit = Number.POSITIVE_INFINITY): LfsPointer {
    const hash = createHash("sha256");
    const bytes = readBlocks(this.#fs, fd, limit, (block) => hash.update(block));
    return { sha256: hash.digest("hex"), bytes };
  }

  /** Stores an open file as far as it had grown (`bytes`). Durable when it returns. */
  put(fd: number, path: string | Buffer, bytes: number): LfsPointer {
    const temporary = this.temporary();
    try {
      const pointer = this.#clone(path, temporary) ?? this.#copy(fd, temporary, bytes);
      this.#publish(temporary, pointer);
      return pointer;
    } catch (error) {
      removeIfThere(this.#fs, temporary);
      throw error;
    }
  }

  /** Stores content that is in memory. */
  putBytes(content: Uint8Array): LfsPointer {
    const pointer = { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
    if (this.use(pointer)) return pointer;
    const temporary = this.temporary();
    const fd = this.#fs.openSync(temporary, "wx", 0o400);
    try {
      writeFully(this.#fs, fd, content);
      this.#fs.fsyncSync(fd);
    } catch (error) {
      removeIfThere(this.#fs, temporary);
      throw error;
    } finally {
      this.#fs.closeSync(fd);
    }
    this.#publish(temporary, pointer);
    return pointer;
  }

  /** A name for a file that is being written here and will be an object. */
  temporary(name = randomBytes(12).toString("hex")): string {
    return join(this.#root, "tmp", name);
  }

  /** Makes a complete, synced and proven file in `temporary` an object. */
  adopt(temporary: string, pointer: LfsPointer): void {
    this.#publish(temporary, pointer);
  }

  /**
   * Writes an object to a new file at `target` and proves its hash on the way. Throws when the target is there
   * already (EEXIST), and when the object is missing or not what its name says.
   */
  restore(pointer: LfsPointer, target: string | Buffer, mode: number): void {
    const cloned = this.#tryClone(this.path(pointer.sha256), target);
    // A clone has the mode of the stored object, and the umask had no say.
    if (cloned) this.#fs.chmodSync(target, mode & ~process.umask());
    const fd = this.#fs.openSync(target, cloned ? "r" : "wx", mode);
    let complete = false;
    try {
      const found = cloned ? this.hash(fd) : this.#copyFrom(this.path(pointer.sha256), fd);
      if (found.sha256 !== pointer.sha256 || found.bytes !== pointer.bytes) {
        throw new DamagedObject(pointer.sha256, "does not match its id");
      }
      complete = true;
    } finally {
      this.#fs.closeSync(fd);
      if (!complete) removeIfThere(this.#fs, target);
    }
  }

  /** Content of an object, proven; for those that fit into memory. */
  read(pointer: LfsPointer): Buffer {
    const content = readIfThere(this.#fs, this.path(pointer.sha256));
    if (!content) throw new DamagedObject(pointer.sha256, "is missing");
    const found = createHash("sha256").update(content).digest("hex");
    if (found !== pointer.sha256) throw new DamagedObject(pointer.sha256, "does not match its id");
    return content;
  }

  /** Removes what killed processes left half copied an hour ago or longer. */
  sweep(now: number): void {
    const directory = join(this.#root, "tmp");
    for (const name of namesIn(this.#fs, directory)) {
      const path = join(directory, name);
      const facts = this.#fs.lstatSync(path, { throwIfNoEntry: false });
      if (facts && facts.mtimeMs < now - 3_600_000) removeIfThere(this.#fs, path);
    }
  }

  /** A clone shares its blocks with the original and is an atomic picture of it. Undefined where there are none. */
  #clone(path: string | Buffer, temporary: string): LfsPointer | undefined {
    if (!this.#tryClone(path, temporary)) return undefined;
    const fd = this.#fs.openSync(temporary, "r");
    try {
      this.#fs.fsyncSync(fd);
      return this.hash(fd);
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  /** False where files cannot be cloned; then nothing is left at `to`. Throws EEXIST when something is there. */
  #tryClone(from: string | Buffer, to: string | Buffer): boolean {
    if (this.#clones === false) return false;
    try {
      this.#fs.copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      this.#clones = true;
      return true;
    } catch (error) {
      const code = errorCode(error);
      if (!NO_CLONE.has(code)) throw error;
      // Another file system says nothing about this one.
      if (code !== "EXDEV") this.#clones = false;
      return false;
    }
  }

  #copy(fd: number, temporary: string, limit: number): LfsPointer {
    const out = this.#fs.openSync(temporary, "wx", 0o400);
    try {
      const pointer = this.#copyBlocks(fd, out, limit);
      this.#fs.fsyncSync(out);
      return pointer;
    } finally {
      this.#fs.closeSync(out);
    }
  }

  #copyFrom(path: string, out: number): LfsPointer {
    const source = this.#fs.openSync(path, "r");
    try {
      return this.#copyBlocks(source, out, Number.POSITIVE_INFINITY);
    } finally {
      this.#fs.closeSync(source);
    }
  }

  /** Copies an open file and keeps its holes: a block of zeros is left out. */
  #copyBlocks(from: number, to: number, limit: number): LfsPointer {
    const hash = createHash("sha256");
    let position = 0;
    let sparse = false;
    readBlocks(this.#fs, from, limit, (block) => {
      hash.update(block);
      sparse = block.length === BLOCK && ZEROS.equals(block);
      if (!sparse) writeAt(this.#fs, to, block, position);
      position += block.length;
    });
    if (sparse) this.#fs.ftruncateSync(to, position);
    return { sha256: hash.digest("hex"), bytes: position };
  }

  #publish(temporary: string, pointer: LfsPointer): void {
    if (this.use(pointer)) {
      removeIfThere(this.#fs, temporary);
      return;
    }
    const path = this.path(pointer.sha256);
    const directory = dirname(path);
    if (this.#fs.mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) {
      syncFolderNow(this.#fs, dirname(directory));
      syncFolderNow(this.#fs, dirname(dirname(directory)));
    }
    this.#fs.chmodSync(temporary, 0o400);
    renamePatiently(this.#fs, temporary, path);
    syncFolderNow(this.#fs, directory);
  }
}

/** One for all files of a thread, which reads them one after the other: memory outside the heap is freed late. */
let blockBuffer: Buffer | undefined;

/**
 * Calls back with the blocks of a file from its start to its end or the limit; the block is reused. Returns the
 * number of bytes. The limit is what ends the reading of a file that grows as fast as it is read.
 */
function readBlocks(fs: FileSystem, fd: number, limit: number, take: (block: Buffer) => void): number {
  blockBuffer ??= Buffer.allocUnsafe(BLOCK);
  const buffer = blockBuffer;
  let position = 0;
  while (position < limit) {
    const read = fs.readSync(fd, buffer, 0, Math.min(BLOCK, limit - position), position);
    if (read === 0) break;
    take(buffer.subarray(0, read));
    position += read;
  }
  return position;
}

function writeAt(fs: FileSystem, fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const written = fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
    if (written === 0) throw Object.assign(new Error("no space left (short write)"), { code: "ENOSPC" });
    done += written;
  }
}
