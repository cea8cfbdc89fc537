import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  encodeFileHeader,
  FILE_HEADER_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  finishFrame,
} from "../../util/frame.ts";
import type { Batch } from "./batch.ts";
import { chunkBytes, chunkForms, writeChunk } from "./chunk.ts";
import { borrow, giveBack } from "./scratch.ts";
import { errorCode, OPEN_NEW_APPEND, type SeriesFs, writeAll } from "./series-fs.ts";

const DEFINE_AGAIN_BYTES = { least: 64 * 1024, most: 4 * 1024 * 1024 } as const;

/** A series file that this engine created and alone writes. */
export class SeriesFile {
  readonly path: string;
  readonly #fs: SeriesFs;
  readonly #file: number;
  readonly #header: Buffer;
  readonly #salt: number;
  readonly #identity: string;
  readonly #folders: readonly string[];
  readonly #using = new Set<Promise<unknown>>();
  /** Batches written and not known to be on disk. */
  #unsynced: Batch[] = [];
  #unsyncedBytes = 0;
  #length = 0;
  #sequence = 0;
  /** Names defined so far, and what that took; all are defined again now and then. */
  #defined = 0;
  #definitionBytes = 0;
  #defineAgainAt: number = DEFINE_AGAIN_BYTES.least;
  #foldersSynced = false;
  #closed: Promise<void> | undefined;

  private constructor(init: FileInit) {
    this.path = init.path;
    this.#fs = init.fs;
    this.#file = init.file;
    this.#identity = init.identity;
    this.#folders = init.folders;
    this.#salt = randomBytes(4).readUInt32LE(0);
    const { writer, segment } = init;
    this.#header = encodeFileHeader({ magic: "DATMOSER", writer, segment, salt: this.#salt });
  }

  /**
   * Creates `<writer>-<segment>.ser` below `<project>/series/<run>`; with the next number when there is such a
   * file. Throws what the system says.
   */
  static async create(fs: SeriesFs, place: FilePlace): Promise<{ file: SeriesFile; segment: number }> {
    const seriesFolder = join(place.directory, "series");
    const runFolder = join(seriesFolder, place.runId);
    await makeDirectory(fs, seriesFolder);
    await makeDirectory(fs, runFolder);
    for (let segment = place.segment; ; segment++) {
      const path = join(runFolder, `${place.writer}-${segment}.ser`);
      let file: number;
      try {
        file = await fs.open(path, OPEN_NEW_APPEND, 0o600);
      } catch (error) {
        if (errorCode(error) === "EEXIST") continue;
        throw error;
      }
      const { identity } = await fs.stat(file);
      const folders = [runFolder, seriesFolder, place.directory];
      const init = { fs, file, path, identity, folders, writer: place.writer, segment };
      return { file: new SeriesFile(init), segment };
    }
  }

  /** Bytes in the file. */
  get length(): number {
    return this.#length;
  }

  /**
   * Writes a batch and the names it needs. When that fails the file is as it was before, and what the system
   * said is thrown; only after ENOSPC can the file be used on.
   */
  async append(batch: Batch, names: readonly string[]): Promise<void> {
    const again = this.#length >= this.#defineAgainAt;
    const defined = again ? 0 : this.#defined;
    // A copy: more names may come while this is written.
    const definitions = names.slice(defined).map((name, i) => definition(defined + i, name));
    const bytes = this.#encode(batch, definitions);
    try {
      await this.#use(writeAll(this.#fs, this.#file, bytes));
    } catch (error) {
      await this.#use(this.#fs.truncate(this.#file, this.#length));
      throw error;
    }
    giveBack(bytes);
    this.#sequence += definitions.length + 1;
    this.#length += bytes.length;
    this.#defined = defined + definitions.length;
    this.#definitionBytes = definitions.reduce(
      (sum, def) => sum + def.length,
      again ? 0 : this.#definitionBytes,
    );
    if (again) this.#defineAgainAt = this.#length + this.#distance();
  }

  /** Memory of the batches that are written and not known to be on disk, bytes. */
  get unsyncedBytes(): number {
    return this.#unsyncedBytes;
  }

  /** Remembers a written batch until it is on disk. */
  keep(batch: Batch): void {
    this.#unsynced.push(batch);
    this.#unsyncedBytes += batch.bytes;
  }

  /** Forgets the batches that are not known to be on disk, and hands them over. */
  takeUnsynced(count = this.#unsynced.length): Batch[] {
    const taken = this.#unsynced.splice(0, count);
    for (const batch of taken) this.#unsyncedBytes -= batch.bytes;
    return taken;
  }

  /** False when another engine took the file away to seal it: what was written last may not have been seen. */
  stillMine(): boolean {
    try {
      return this.#fs.identityNow(this.path) === this.#identity;
    } catch {
      return false;
    }
  }

  /** Every batch kept so far is on disk, under the file's name, afterwards. Not to be called twice at a time. */
  async sync(): Promise<void> {
    const count = this.#unsynced.length;
    if (count === 0) return;
    await this.#use(this.#fs.dataSync(this.#file));
    if (!this.#foldersSynced) {
      for (const folder of this.#folders) await this.#fs.syncDirectory(folder);
      this.#foldersSynced = true;
    }
    this.takeUnsynced(count);
  }

  /** Closes the file once nothing is under way; a file without content is removed. */
  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  async #closeOnce(): Promise<void> {
    while (this.#using.size > 0) await Promise.allSettled(this.#using);
    await this.#fs.close(this.#file);
    if (this.#length === 0) await this.#fs.unlink(this.path).catch(() => undefined);
  }

  async #use<T>(work: Promise<T>): Promise<T> {
    this.#using.add(work);
    try {
      return await work;
    } finally {
      this.#using.delete(work);
    }
  }

  /**
   * Bytes from one definition of all names to the next: damage to the names then costs a stretch of the file,
   * not all of it. They take two per cent of it at most.
   */
  #distance(): number {
    const least = Math.max(DEFINE_AGAIN_BYTES.least, this.#definitionBytes * 50);
    return Math.max(least, Math.min(this.#length, DEFINE_AGAIN_BYTES.most));
  }

  /** Definitions and the chunk, behind the header when the file is new. */
  #encode(batch: Batch, definitions: readonly Buffer[]): Buffer<ArrayBuffer> {
    const { points, source } = batch;
    const start = this.#length === 0 ? FILE_HEADER_BYTES : 0;
    const forms = chunkForms(points, source);
    const payload = chunkBytes(points.length, forms, source.gaps.length / 2);
    const defBytes = definitions.reduce((sum, def) => sum + FRAME_HEADER_BYTES + def.length, 0);
    const bytes = borrow(start + defBytes + FRAME_HEADER_BYTES + payload);
    if (start > 0) this.#header.copy(bytes);
    let at = start;
    let sequence = this.#sequence;
    for (const def of definitions) {
      def.copy(bytes, at + FRAME_HEADER_BYTES);
      const frame = { type: FRAME_TYPE.DEF, flags: 0, sequence: sequence++ };
      at = finishFrame(bytes, at, def.length, frame, this.#salt);
    }
    writeChunk(bytes, at + FRAME_HEADER_BYTES, points, source, forms);
    finishFrame(bytes, at, payload, { type: FRAME_TYPE.CHUNK, flags: 0, sequence }, this.#salt);
    return bytes;
  }
}

/** The payload of a DEF frame: JSON with spaces behind it, so that the next frame begins at a multiple of 8. */
export function definition(id: number, name: string): Buffer {
  const json = Buffer.from(JSON.stringify({ id, name }));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
  json.copy(padded);
  return padded;
}

interface FilePlace {
  /** The project's `.datmo`. */
  readonly directory: string;
  readonly runId: string;
  readonly writer: string;
  readonly segment: number;
}

interface FileInit {
  readonly fs: SeriesFs;
  readonly file: number;
  readonly path: string;
  readonly identity: string;
  readonly folders: readonly string[];
  readonly writer: string;
  readonly segment: number;
}

/** Makes one folder; not its parents, so that a project that was deleted does not come back half. */
async function makeDirectory(fs: SeriesFs, path: string): Promise<void> {
  try {
    await fs.makeDirectory(path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}
