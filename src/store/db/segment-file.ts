import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { encodeFileHeader, FILE_HEADER_BYTES, FRAME_HEADER_BYTES, finishFrame } from "../../util/frame.ts";
import { CREATE_APPEND, type Files, syncFolder, writeAllSync } from "./files.ts";
import { segmentFile } from "./layout.ts";

/** Creating a segment failed. `nameUsed`: a file of that name may exist, so the number must not be used again. */
export class SegmentNotCreated extends Error {
  readonly nameUsed: boolean;

  constructor(cause: unknown, nameUsed: boolean) {
    super("segment not created", { cause });
    this.nameUsed = nameUsed;
  }
}

/** A segment that this process created and alone appends to. */
export class SegmentFile {
  readonly path: string;
  readonly number: number;
  /** Bytes up to the end of the last frame written. */
  size = FILE_HEADER_BYTES;
  readonly #files: Files;
  readonly #fd: number;
  readonly #salt: number;
  readonly #ino: number;
  readonly #dev: number;
  #sequence = 0;

  private constructor(files: Files, path: string, number: number, fd: number, salt: number) {
    this.#files = files;
    this.path = path;
    this.number = number;
    this.#fd = fd;
    this.#salt = salt;
    const facts = files.fstatSync(fd);
    this.#ino = facts.ino;
    this.#dev = facts.dev;
  }

  /** Creates segment `number` of `writer`, durable with its name before it resolves. Throws SegmentNotCreated. */
  static async create(files: Files, folder: string, writer: string, number: number): Promise<SegmentFile> {
    const path = join(folder, segmentFile(writer, number));
    const fd = await openNew(files, folder, path);
    let headerWritten = false;
    try {
      const salt = randomBytes(4).readUInt32LE();
      writeAllSync(files, fd, encodeFileHeader({ magic: "DATMOSEG", writer, segment: number, salt }));
      headerWritten = true;
      await files.fsync(fd);
      await syncFolder(files, folder);
      return new SegmentFile(files, path, number, fd, salt);
    } catch (error) {
      await files.close(fd).catch(() => {});
      // Without a whole header nobody can have read from it, so the name may be given back.
      throw new SegmentNotCreated(error, headerWritten || !removed(files, path));
    }
  }

  /** Appends one frame for each payload in one write. When that fails the file is cut back and must be left. */
  async append(type: number, payloads: readonly Buffer[]): Promise<void> {
    const bytes = this.#encode(type, payloads);
    try {
      await this.#write(bytes);
    } catch (error) {
      await this.#files.ftruncate(this.#fd, this.size).catch(() => {});
      throw error;
    }
    this.size += bytes.length;
    this.#sequence += payloads.length;
  }

  async sync(): Promise<void> {
    await this.#files.fdatasync(this.#fd);
  }

  /**
   * False when the name does not lead to this file any more (retired while this process was stopped, removed)
   * or somebody else appended to it (a cloned machine): then what was written may never be read.
   */
  isMine(): boolean {
    try {
      const facts = this.#files.statSync(this.path);
      return facts?.ino === this.#ino && facts.dev === this.#dev && facts.size === this.size;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#files.close(this.#fd).catch(() => {});
  }

  #encode(type: number, payloads: readonly Buffer[]): Buffer {
    const total = payloads.reduce((sum, payload) => sum + FRAME_HEADER_BYTES + payload.length, 0);
    const bytes = Buffer.allocUnsafe(total);
    let at = 0;
    for (const [index, payload] of payloads.entries()) {
      payload.copy(bytes, at + FRAME_HEADER_BYTES);
      const frame = { type, flags: 0, sequence: this.#sequence + index };
      at = finishFrame(bytes, at, payload.length, frame, this.#salt);
    }
    return bytes;
  }

  async #write(bytes: Buffer): Promise<void> {
    // A small write goes to the page cache faster than a thread can be asked to do it.
    if (bytes.length <= SMALL_WRITE) return writeAllSync(this.#files, this.#fd, bytes);
    let done = 0;
    while (done < bytes.length) {
      const n = await this.#files.write(this.#fd, bytes, done, bytes.length - done);
      if (n === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
      done += n;
    }
  }
}

const SMALL_WRITE = 64 * 1024;

async function openNew(files: Files, folder: string, path: string): Promise<number> {
  try {
    return await files.open(path, CREATE_APPEND, 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      // A copy may have left out the empty folder. If the project itself is gone, this fails as well.
      files.mkdirSync(folder);
      return files.open(path, CREATE_APPEND, 0o600);
    });
  } catch (error) {
    throw new SegmentNotCreated(error, false);
  }
}

function removed(files: Files, path: string): boolean {
  try {
    files.unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
