import { join } from "node:path";
import { FRAME_TYPE } from "../../util/frame.ts";
import { errorCode, type Files } from "./files.ts";
import { SegmentFile, SegmentNotCreated } from "./segment-file.ts";

export interface SegmentWriterOptions {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  /** A fresh random id: 32 hexadecimal digits. */
  readonly randomWriter: () => string;
  /** Called with each id this process writes under, before it is used. */
  readonly onIdentity: (writer: string) => void;
  /** Told when a sync of writes that were already acknowledged fails; they are written again. */
  readonly onLateFailure: (error: unknown) => void;
  /** A segment of this size gets no more frames, bytes. */
  readonly rotateAt?: number;
  /** Longest time until acknowledged writes of durability `process` are synced, milliseconds. */
  readonly syncWithin?: number;
}

interface Entry {
  readonly payload: Buffer;
  readonly power: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * This process's journal: everything queued goes out in one write and one sync, then all of it is
 * acknowledged. No lock, no other process is waited for. A file that failed in any way is left for a new one.
 */
export class SegmentWriter {
  /** Bytes of frames written by this process. */
  written = 0;
  readonly #options: SegmentWriterOptions;
  readonly #folder: string;
  readonly #rotateAt: number;
  #writer = "";
  #next = 0;
  #file: SegmentFile | undefined;
  /** The last file that was left, if any. */
  #previous: SegmentFile | undefined;
  #queue: Entry[] = [];
  /** Acknowledged and not yet synced; written again when the file is left before they are. */
  #unsynced: Buffer[] = [];
  #carry: Buffer[] = [];
  #syncDue = false;
  #timer: NodeJS.Timeout | undefined;
  #pumping: Promise<void> | undefined;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#folder = join(options.directory, "seg");
    this.#rotateAt = options.rotateAt ?? 16 * 1024 * 1024;
  }

  /** Resolves when the payload is safe: `power` after a sync, else after the write. Rejects with what the system says. */
  append(payload: Buffer, power: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ payload, power, resolve, reject });
      this.#pump();
    });
  }

  /** Resolves when everything appended so far is synced, or was rejected. */
  async flush(): Promise<void> {
    this.#syncDue = true;
    while (this.#syncDue) await this.#pump();
  }

  /** Writes what is queued, marks a clean end, and lets go of the file. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    const file = this.#file;
    this.#file = undefined;
    // No sync: a mark lost to a power cut only makes the file be cleaned up later.
    await file?.append(FRAME_TYPE.SEAL, [Buffer.alloc(0)]).catch(() => {});
    await file?.close();
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#drain().finally(() => {
      this.#pumping = undefined;
      if (this.#queue.length > 0) this.#pump();
    });
    return this.#pumping;
  }

  async #drain(): Promise<void> {
    // What is asked for in the same turn goes out together.
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#syncDue) {
      const batch = this.#take();
      const sync = this.#syncDue && this.#queue.length === 0;
      if (sync) this.#syncDue = false;
      await this.#commit(batch, sync);
    }
  }

  #take(): Entry[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < BATCH_BYTES) bytes += this.#queue[count++]!.payload.length;
    return this.#queue.splice(0, count);
  }

  async #commit(batch: readonly Entry[], sync: boolean): Promise<void> {
    if (batch.length + this.#unsynced.length + this.#carry.length === 0) return;
    const power = sync || batch.some((entry) => entry.power);
    const payloads = batch.map((entry) => entry.payload);
    try {
      await this.#store(payloads, power);
    } catch (error) {
      this.#leave();
      for (const entry of batch) entry.reject(error);
      if (this.#carry.length > 0) this.#retryLater(error);
      return;
    }
    if (this.#unsynced.length > 0) this.#syncSoon(this.#options.syncWithin ?? 200);
    for (const entry of batch) entry.resolve();
  }

  async #store(payloads: readonly Buffer[], power: boolean): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const file = await this.#open();
      const all = [...this.#carry, ...payloads];
      if (all.length > 0) await file.append(FRAME_TYPE.TXN, all);
      this.#unsynced.push(...this.#carry.splice(0));
      const full = file.size >= this.#rotateAt;
      if (power || full) await file.sync();
      if (file.isMine()) {
        this.written += payloads.reduce((sum, payload) => sum + payload.length, 0);
        if (power || full) this.#unsynced = [];
        else this.#unsynced.push(...payloads);
        if (full) this.#leave();
        return;
      }
      this.#leave();
      this.#writer = "";
    }
    throw Object.assign(new Error("EIO: the journal file is changed by another program"), { code: "EIO" });
  }

  async #open(): Promise<SegmentFile> {
    if (this.#file) return this.#file;
    // Its earlier files may have been cleaned up; a later number alone would look like a gap.
    if (this.#writer === "" || (this.#previous && !this.#previous.isMine())) this.#newIdentity();
    try {
      this.#file = await SegmentFile.create(this.#options.files, this.#folder, this.#writer, this.#next);
      this.#next += 1;
      return this.#file;
    } catch (error) {
      if (!(error instanceof SegmentNotCreated)) throw error;
      if (error.nameUsed) this.#next += 1;
      if (errorCode(error.cause) === "EEXIST") this.#writer = "";
      throw error.cause;
    }
  }

  #newIdentity(): void {
    this.#writer = this.#options.randomWriter();
    this.#next = 0;
    this.#previous = undefined;
    this.#options.onIdentity(this.#writer);
  }

  /** The file is not written to any more. What it may have lost is written again into the next. */
  #leave(): void {
    this.#carry.push(...this.#unsynced.splice(0));
    if (!this.#file) return;
    this.#previous = this.#file;
    void this.#file.close();
    this.#file = undefined;
  }

  #syncSoon(delay: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, delay).unref();
  }

  #retryLater(error: unknown): void {
    this.#options.onLateFailure(error);
    this.#syncSoon(RETRY_MS);
  }
}

const BATCH_BYTES = 32 * 1024 * 1024;
const RETRY_MS = 1000;
