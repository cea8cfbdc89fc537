import { createHash, type Hash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";
import type { ContentQuery, FileContent, WorkOptions } from "../../../services/ports/snapshots.ts";
import { errorCode, type FileSystem, isMissing, readFully } from "../files/file-system.ts";
import { fsPath } from "../files/names.ts";
import type { LfsHints } from "../lfs/lfs-hints.ts";

const BLOCK = 1024 * 1024;
/** Smaller files are read again rather than remembered. */
const REMEMBERED_BYTES = 64 * 1024;
/** The event loop gets its turn at least this often. */
const SLICE_MS = 25;
/** A file changed less than this before it is read may change again and keep its times: see `activity.ts`. */
const FINE_WINDOW_MS = 20;
const COARSE_WINDOW_MS = 2000;

export interface ContentOptions extends WorkOptions {
  readonly most?: number;
  readonly follow?: boolean;
}

/** Tells what files anywhere hold, reading as little as possible. Changes nothing. */
export class ContentReader {
  readonly #fs: FileSystem;
  readonly #hints: LfsHints;

  constructor(fs: FileSystem, hints: LfsHints) {
    this.#fs = fs;
    this.#hints = hints;
  }

  async read(queries: readonly ContentQuery[], options: ContentOptions): Promise<FileContent[]> {
    const found: FileContent[] = [];
    for (const query of queries) {
      if (options.signal?.aborted) throw errors.CANCELLED({});
      found.push(await this.#readOne(query, options));
    }
    await this.#hints.save();
    return found;
  }

  async #readOne({ path, bytes }: ContentQuery, options: ContentOptions): Promise<FileContent> {
    try {
      const real = this.#real(path, options.follow === true);
      const facts = this.#fs.lstatSync(fsPath(real));
      if (facts.isSymbolicLink()) return this.#link(real);
      if (facts.isDirectory()) return { state: "folder" };
      if (!facts.isFile()) return { state: "special" };
      const file = { state: "file", bytes: facts.size, executable: (facts.mode & 0o100) !== 0 } as const;
      if (bytes !== undefined && bytes !== facts.size) return file;
      const known = this.#hints.find(real, facts);
      if (known) return { ...file, sha256: known.sha256 };
      if (options.most !== undefined && facts.size > options.most) return file;
      return { ...file, ...(await this.#hash(real, options)) };
    } catch (error) {
      if (isMissing(error)) return { state: "absent" };
      const code = errorCode(error);
      if (["EACCES", "EPERM", "EIO", "ELOOP", "EBUSY"].includes(code)) {
        return { state: "unreadable", reason: `it cannot be read (${code})` };
      }
      throw error;
    }
  }

  #real(path: string, follow: boolean): string {
    if (follow) return this.#fs.realpathSync(path);
    return join(this.#fs.realpathSync(dirname(path)), basename(path));
  }

  #link(path: string): FileContent {
    const target = this.#fs.readlinkSync(fsPath(path), { encoding: "buffer" });
    return {
      state: "link",
      bytes: target.length,
      sha256: createHash("sha256").update(target).digest("hex"),
    };
  }

  async #hash(path: string, options: ContentOptions): Promise<{ bytes: number; sha256: string }> {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const fd = this.#fs.openSync(fsPath(path), flags);
    try {
      let facts = this.#fs.fstatSync(fd);
      if (facts.size >= BLOCK && isFresh(facts)) {
        await setTimeout(FINE_WINDOW_MS);
        facts = this.#fs.fstatSync(fd);
      }
      const fresh = isFresh(facts);
      const hash = createHash("sha256");
      const bytes = await this.#update(hash, fd, facts.size, path, options);
      const sha256 = hash.digest("hex");
      const after = this.#fs.fstatSync(fd);
      const same = bytes === after.size && after.mtimeMs === facts.mtimeMs && after.ctimeMs === facts.ctimeMs;
      if (same && !fresh && bytes >= REMEMBERED_BYTES) {
        this.#hints.set(path, [after.mtimeMs, after.ctimeMs, after.size, after.ino], sha256);
      }
      return { bytes, sha256 };
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  /** Takes a file in block by block; returns how many bytes there were. */
  async #update(
    hash: Hash,
    fd: number,
    total: number,
    path: string,
    { signal, progress }: ContentOptions,
  ): Promise<number> {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, Math.max(1, total)));
    let deadline = performance.now() + SLICE_MS;
    let done = 0;
    // A file that grows as fast as it is read still ends where it ended when it was opened.
    while (done < total) {
      const read = readFully(this.#fs, fd, block.subarray(0, Math.min(block.length, total - done)), done);
      if (read === 0) break;
      hash.update(block.subarray(0, read));
      done += read;
      if (performance.now() < deadline) continue;
      progress?.({ message: `Reading ${basename(path)}`, done, total });
      await setImmediate();
      if (signal?.aborted) throw errors.CANCELLED({});
      deadline = performance.now() + SLICE_MS;
    }
    return done;
  }
}

function isFresh({ mtimeMs, ctimeMs }: Stats): boolean {
  const window = mtimeMs % 1000 === 0 ? COARSE_WINDOW_MS : FINE_WINDOW_MS;
  return Math.max(mtimeMs, ctimeMs) >= Date.now() - window;
}
