import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { PointColumns, PointSource } from "../../services/ports/series.ts";
import { Batch } from "./batch.ts";
import type { ChunkSource } from "./chunk.ts";
import { POINT_BYTES, type PointBuffer } from "./point-buffer.ts";
import { SeriesFile } from "./series-file.ts";
import { errorCode, type SeriesFs, storageError } from "./series-fs.ts";
import { loggedName, SeriesNames } from "./series-names.ts";
import { SpaceWait } from "./space-wait.ts";
import { SummaryTable } from "./summary-table.ts";

/** Most points in one chunk of many small appends. */
export const CHUNK_POINTS = 65_536;

export interface WriterLimits {
  /** Memory for points that wait for space on a full disk, and for points not synced yet. Bytes. */
  readonly bufferBytes: number;
  /** How long points wait for space before they are refused. Milliseconds. */
  readonly fullPatienceMs: number;
  /** How long written points may wait to be synced to disk. Milliseconds. */
  readonly syncDelayMs: number;
  /** A series file that has grown so long is followed by a new one. Bytes. */
  readonly fileBytes: number;
}

export interface RunWriterOptions {
  readonly fs: SeriesFs;
  /** The project's `.datmo`. */
  readonly directory: string;
  readonly runId: string;
  readonly writer: string;
  readonly limits: WriterLimits;
  readonly now: () => number;
  /** Told when points that were acknowledged could not be kept on disk. */
  readonly onLoss: (error: Error) => void;
}

/** Writes the points that this engine takes in for one run: one batch at a time, several appends in each. */
export class RunWriter {
  readonly names = new SeriesNames();
  readonly summaries = { strong: new SummaryTable(), weak: new SummaryTable() };
  /** How often acknowledged points could not be brought to disk. Whoever relied on them must start over. */
  losses = 0;
  readonly #options: RunWriterOptions;
  /** Source of the points that come without one: each has a position of its own, so none is ever stored twice. */
  readonly #ownSource = randomBytes(8).toString("hex");
  #ownPosition = 0;
  /** Batches to write, those to write again first. */
  #queue: Batch[] = [];
  #current: Batch | undefined;
  #pumping = false;
  #file: SeriesFile | undefined;
  #segment = 0;
  #syncing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #space: SpaceWait;

  constructor(options: RunWriterOptions) {
    this.#options = options;
    this.#space = new SpaceWait(options.limits.fullPatienceMs, options.now);
  }

  /** Resolves when the points are written. Throws `DISK_FULL`, `STORAGE_IO`, `READ_ONLY`; then none is stored. */
  append(columns: PointColumns, source?: PointSource, stored = loggedName): Promise<void> {
    const count = columns.name.length;
    this.#refuseWhenFull(count);
    const batch = source ? this.#enqueue(new Batch(chunkSource(source))) : this.#ownBatch(count);
    batch.add(columns, this.names, stored);
    return batch.done;
  }

  /** The same for points that lie in columns already; the buffer is the writer's from now on. */
  appendBuffer(points: PointBuffer, source: ChunkSource): Promise<void> {
    return this.#enqueue(new Batch(source, points, false)).done;
  }

  /** Everything appended so far is on disk afterwards. Does not wait for space on a full disk. */
  async flush(): Promise<void> {
    try {
      await this.#space.hurry(settled(this.#waiting()));
    } finally {
      await this.sync();
    }
  }

  /** Everything *written* so far is on disk afterwards. Throws `STORAGE_IO` when the disk could not keep it. */
  async sync(): Promise<void> {
    const before = this.losses;
    let again: Batch[];
    do {
      await (this.#file ? this.#syncFile(this.#file) : this.#syncing);
      again = this.#waiting().filter((batch) => batch.rewrites > 0);
      await Promise.allSettled(again.map((batch) => batch.done));
    } while (again.length > 0);
    if (this.losses > before) throw errors.STORAGE_IO({ reason: "synchronising failed" });
  }

  /** Flushes and lets go of the file; later points go to a new one. */
  async release(): Promise<void> {
    try {
      await this.flush();
    } finally {
      const file = this.#file;
      if (file) await this.#letGo(file);
    }
  }

  async close(): Promise<void> {
    try {
      await this.release();
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #refuseWhenFull(count: number): void {
    if (!this.#space.full) return;
    const held = this.#waiting().reduce((sum, batch) => sum + batch.bytes, 0);
    if (held + count * POINT_BYTES > this.#options.limits.bufferBytes) {
      throw errors.DISK_FULL({ operation: "metric points", directory: this.#folder() });
    }
  }

  /** The batch that takes the next `count` points without a source. */
  #ownBatch(count: number): Batch {
    let batch = this.#queue.at(-1);
    const fits =
      batch?.open && batch.source.id === this.#ownSource && batch.points.length + count <= CHUNK_POINTS;
    const from = this.#ownPosition;
    this.#ownPosition += count;
    if (!batch || !fits) {
      const source = { id: this.#ownSource, from, to: from, stride: 1, gaps: [], weak: false };
      batch = this.#enqueue(new Batch(source));
    }
    batch.extendTo(from + count);
    return batch;
  }

  #enqueue(batch: Batch): Batch {
    this.#queue.push(batch);
    this.#kick();
    return batch;
  }

  #kick(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // After the requests that arrived together have all been looked at: they share one write.
    setImmediate(() => void this.#pump());
  }

  async #pump(): Promise<void> {
    for (;;) {
      const batch = this.#queue.shift();
      if (!batch) break;
      batch.open = false;
      this.#current = batch;
      try {
        await this.#store(batch);
        if (batch.rewrites === 0) this.#summarise(batch);
        batch.succeed();
      } catch (error) {
        if (batch.rewrites > 0) this.#lose(error);
        batch.fail(error);
      }
      this.#current = undefined;
    }
    this.#pumping = false;
  }

  /** Writes a batch to a file that is still this engine's when it is done. */
  async #store(batch: Batch): Promise<void> {
    for (;;) {
      const file = await this.#appendSomewhere(batch);
      if (this.#file === file && file.stillMine()) {
        file.keep(batch);
        this.#space.found();
        await this.#afterWrite(file);
        return;
      }
      await this.#letGo(file);
    }
  }

  async #appendSomewhere(batch: Batch): Promise<SeriesFile> {
    for (;;) {
      try {
        this.#file ??= await this.#create();
        const file = this.#file;
        await file.append(batch, this.names.list);
        return file;
      } catch (error) {
        const full = errorCode(error) === "ENOSPC";
        if (full && (await this.#space.wait())) continue;
        if (!full && this.#file) await this.#letGo(this.#file);
        throw storageError(error, "metric points", this.#folder());
      }
    }
  }

  async #create(): Promise<SeriesFile> {
    const { fs, directory, runId, writer } = this.#options;
    const { file, segment } = await SeriesFile.create(fs, {
      directory,
      runId,
      writer,
      segment: this.#segment,
    });
    this.#segment = segment + 1;
    return file;
  }

  async #afterWrite(file: SeriesFile): Promise<void> {
    const { bufferBytes, syncDelayMs, fileBytes } = this.#options.limits;
    if (file.length > fileBytes) return this.#letGo(file);
    if (file.unsyncedBytes > bufferBytes * 2) await this.#syncing;
    if (file.unsyncedBytes > bufferBytes) void this.#syncFile(file);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#file) void this.#syncFile(this.#file);
    }, syncDelayMs).unref();
  }

  #summarise(batch: Batch): void {
    const { points, source } = batch;
    const table = source.weak ? this.summaries.weak : this.summaries.strong;
    for (let i = 0; i < points.length; i++) {
      table.add(points.series[i]!, points.step[i]!, points.value[i]!, points.at[i]!);
    }
  }

  /** Batches that are not written yet. */
  #waiting(): Batch[] {
    return this.#current ? [this.#current, ...this.#queue] : [...this.#queue];
  }

  #syncFile(file: SeriesFile): Promise<void> {
    const work = this.#syncing.then(() => this.#syncInTurn(file));
    this.#syncing = work;
    return work;
  }

  /** When the disk refuses, the batches are queued to be written again, to a new file. */
  async #syncInTurn(file: SeriesFile): Promise<void> {
    try {
      await file.sync();
    } catch (error) {
      // Never asked again: the system may have marked the pages clean although they were not written.
      if (this.#file === file) this.#file = undefined;
      this.#writeAgain(file.takeUnsynced(), error);
      void file.close().catch(() => undefined);
    }
  }

  #writeAgain(batches: readonly Batch[], error: unknown): void {
    const again = batches.filter((batch) => batch.rewrites < 2);
    if (again.length < batches.length) this.#lose(error);
    for (const batch of again) {
      batch.rewrites += 1;
      batch.renew();
    }
    this.#queue.unshift(...again);
    if (again.length > 0) this.#kick();
  }

  async #letGo(file: SeriesFile): Promise<void> {
    if (this.#file === file) this.#file = undefined;
    await this.#syncFile(file);
    await file.close().catch(() => undefined);
  }

  #lose(error: unknown): void {
    this.losses += 1;
    this.#options.onLoss(storageError(error, "metric points", this.#folder()));
  }

  #folder(): string {
    return join(this.#options.directory, "series", this.#options.runId);
  }
}

function chunkSource(source: PointSource): ChunkSource {
  const { id, from, to, stride = 0 } = source;
  return { id, from, to, stride, gaps: [], weak: source.weak === true };
}

/** Waits for all; throws the first refusal. */
async function settled(batches: readonly Batch[]): Promise<void> {
  for (const result of await Promise.allSettled(batches.map((batch) => batch.done))) {
    if (result.status === "rejected") throw result.reason;
  }
}
