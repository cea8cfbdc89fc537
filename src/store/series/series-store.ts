import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import { errors } from "../../protocol/errors.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import type {
  PointColumns,
  PointSource,
  SeriesStore,
  SpoolStretch,
  Summary,
} from "../../services/ports/series.ts";
import { CheckSink } from "./check-sink.ts";
import { HistorySink } from "./history-sink.ts";
import { checkPoints, checkSource } from "./point-checks.ts";
import { RETIRED_SUFFIX, seriesFolder } from "./run-folder.ts";
import { RunIndex } from "./run-index.ts";
import { RunPass } from "./run-pass.ts";
import { RunWriter, type WriterLimits } from "./run-writer.ts";
import { sealRun } from "./seal.ts";
import { errorCode, orMissing, type SeriesFs, storageError, systemFs } from "./series-fs.ts";
import { isSystemName, loggedName, systemName } from "./series-names.ts";
import { downSampled, inOrder } from "./series-order.ts";
import { scanProblem, storeProblem } from "./series-problems.ts";
import type { ScanProblem } from "./series-scan.ts";
import { SpoolIntake } from "./spool-intake.ts";
import { SummarySink } from "./summary-sink.ts";

export interface SeriesStoreOptions {
  /** The project's `.datmo`. Folders and files below it are made with the first points. */
  readonly directory: string;
  /** 32 hexadecimal digits; random when absent. */
  readonly writer?: string;
  /** Milliseconds that rise. */
  readonly now?: () => number;
  readonly fs?: SeriesFs;
  readonly limits?: Partial<WriterLimits>;
  /** Called once for each problem. */
  readonly onProblem?: (problem: StoreProblem) => void;
}

const LIMITS: WriterLimits = {
  bufferBytes: 8 * 1024 * 1024,
  fullPatienceMs: 10_000,
  syncDelayMs: 700,
  fileBytes: 128 * 1024 * 1024,
};

/** Opens the series store of a project; no file is touched before it is used. */
export function openSeriesStore(options: SeriesStoreOptions): SeriesStore {
  return new FileSeriesStore(options);
}

/** Runs whose files' state is remembered without this engine writing to them. */
const MAX_IDLE_RUNS = 64;

class FileSeriesStore implements SeriesStore {
  readonly writer: string;
  readonly #directory: string;
  readonly #fs: SeriesFs;
  readonly #now: () => number;
  readonly #limits: WriterLimits;
  readonly #onProblem: (problem: StoreProblem) => void;
  readonly #told = new Set<string>();
  readonly #writers = new Map<string, RunWriter>();
  readonly #indexes = new Map<string, RunIndex>();
  readonly #sealing = new Map<string, Promise<unknown>>();
  readonly #spools: SpoolIntake;
  #closed = false;

  constructor(options: SeriesStoreOptions) {
    this.writer = options.writer ?? randomBytes(16).toString("hex");
    this.#directory = options.directory;
    this.#fs = options.fs ?? systemFs;
    this.#now = options.now ?? (() => performance.now());
    this.#limits = { ...LIMITS, ...options.limits };
    this.#onProblem = options.onProblem ?? (() => undefined);
    this.#spools = new SpoolIntake({
      fs: this.#fs,
      durable: (run, spool) => this.#reading(this.#indexOf(run).durable(spool)),
    });
  }

  append(runId: string, points: PointColumns, source?: PointSource): Promise<void> {
    return source ? this.#appendOnce(runId, points, source) : this.#appendFresh(runId, points);
  }

  async appendSystem(runId: string, points: PointColumns, source?: PointSource): Promise<void> {
    if (source) await this.#appendOnce(runId, points, source, systemName);
    else await this.#appendFresh(runId, points, systemName);
  }

  async appendSpool(runId: string, stretch: SpoolStretch): Promise<{ durableTo: number; points: number }> {
    this.#check(runId);
    return this.#spools.take(runId, this.#writerOf(runId), stretch);
  }

  async takenTo(runId: string, sourceId: string): Promise<number> {
    this.#check(runId);
    return this.#reading(this.#indexOf(runId).takenTo(sourceId, this.#now()));
  }

  async takenOf(runId: string): Promise<ReadonlyMap<string, number>> {
    this.#check(runId);
    const { pass } = this.#indexOf(runId);
    await this.#reading(pass.refresh());
    return new Map([...pass.coverage.entries()].map(([id]) => [id, pass.coverage.end(id)]));
  }

  async flush(runId?: string): Promise<void> {
    if (this.#closed) throw errors.STORE_CLOSED();
    await allOf(
      [...this.#writers].filter(([id]) => id === (runId ?? id)).map(([, writer]) => writer.flush()),
    );
  }

  ownSummaries(runId: string, which: "strong" | "weak" = "strong"): ReadonlyMap<string, Summary> {
    const found = new Map<string, Summary>();
    const writer = this.#writers.get(runId);
    writer?.names.list.forEach((name, number) => {
      const summary = writer.summaries[which].get(number);
      if (summary && !isSystemName(name)) found.set(name, summary);
    });
    return found;
  }

  async summaries(
    ...[runId, which = "logged"]: Parameters<SeriesStore["summaries"]>
  ): ReturnType<SeriesStore["summaries"]> {
    this.#check(runId);
    const sink = await this.#reading(this.#indexOf(runId).pass.refresh());
    return sink.result(which);
  }

  async history(
    ...[runId, name, query = {}]: Parameters<SeriesStore["history"]>
  ): ReturnType<SeriesStore["history"]> {
    this.#check(runId);
    const stored = query.system ? systemName(name) : loggedName(name);
    const pass = this.#pass(runId, () => new HistorySink(stored, query));
    const points = inOrder((await this.#reading(pass.refresh())).result());
    return query.buckets === undefined ? points : downSampled(points, query.buckets);
  }

  async seal(runId: string): Promise<void> {
    this.#check(runId);
    const before = this.#sealing.get(runId) ?? Promise.resolve();
    const work = before.then(() => this.#sealInTurn(runId));
    this.#sealing.set(
      runId,
      work.catch(() => undefined),
    );
    await work;
  }

  forget(runId: string): void {
    this.#writers.delete(runId);
    this.#indexes.delete(runId);
    this.#sealing.delete(runId);
  }

  async usage(runId: string): Promise<number> {
    this.#check(runId);
    const folder = seriesFolder(this.#directory, runId);
    let bytes = 0;
    for (const name of (await this.#reading(orMissing(this.#fs.list(folder)))) ?? []) {
      bytes += (await this.#reading(orMissing(this.#fs.statPath(join(folder, name)))))?.bytes ?? 0;
    }
    return bytes;
  }

  async check(runId: string): Promise<StoreProblem[]> {
    this.#check(runId);
    const problems: StoreProblem[] = [];
    const pass = new RunPass({
      fs: this.#fs,
      folder: seriesFolder(this.#directory, runId),
      sink: () => new CheckSink(),
      onProblem: (name, problem) => problems.push(scanProblem(join("series", runId, name), problem)),
    });
    await this.#reading(pass.refresh());
    return problems;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#sealing.values());
    await allOf([...this.#writers.values()].map((writer) => writer.close()));
  }

  /** No async function: a promise less for each of 100,000 calls a second. */
  #appendFresh(runId: string, points: PointColumns, stored = loggedName): Promise<void> {
    try {
      this.#check(runId);
      checkPoints(points);
      if (points.name.length === 0) return Promise.resolve();
      return this.#writerOf(runId).append(points, undefined, stored);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #appendOnce(
    ...[runId, points, source, stored = loggedName]: [string, PointColumns, PointSource, typeof loggedName?]
  ): Promise<void> {
    this.#check(runId);
    checkPoints(points);
    checkSource(source, points.name.length);
    if (points.name.length === 0) return;
    await this.#writerOf(runId).append(points, source, stored);
    this.#indexOf(runId).remember(source.id, source.to);
  }

  async #sealInTurn(runId: string): Promise<void> {
    await this.#writers.get(runId)?.release();
    const folder = seriesFolder(this.#directory, runId);
    const onProblem = (file: string, problem: ScanProblem): void => this.#tell(runId, file, problem);
    try {
      await sealRun({ fs: this.#fs, folder, writer: this.writer, onProblem });
    } catch (error) {
      throw storageError(error, "sealed series", folder);
    }
    this.#spools.forget(runId);
  }

  #check(runId: string): void {
    if (this.#closed) throw errors.STORE_CLOSED();
    // A run id becomes the name of a folder.
    if (!this.#writers.has(runId) && !isId(runId)) throw errors.RUN_NOT_FOUND({ id: runId });
  }

  #writerOf(runId: string): RunWriter {
    let writer = this.#writers.get(runId);
    if (!writer) {
      writer = new RunWriter({
        fs: this.#fs,
        directory: this.#directory,
        runId,
        writer: this.writer,
        limits: this.#limits,
        now: this.#now,
        onLoss: (error) => this.#onProblem(storeProblem(error)),
      });
      this.#writers.set(runId, writer);
    }
    return writer;
  }

  #indexOf(runId: string): RunIndex {
    let index = this.#indexes.get(runId);
    if (!index) {
      for (const id of this.#indexes.keys()) {
        if (this.#indexes.size < MAX_IDLE_RUNS) break;
        if (!this.#writers.has(id)) this.#indexes.delete(id);
      }
      index = new RunIndex(
        this.#fs,
        this.#directory,
        runId,
        this.#pass(runId, () => new SummarySink()),
      );
      this.#indexes.set(runId, index);
    }
    return index;
  }

  #pass<S extends SummarySink | HistorySink>(runId: string, sink: () => S): RunPass<S> {
    const folder = seriesFolder(this.#directory, runId);
    return new RunPass({
      fs: this.#fs,
      folder,
      sink,
      onProblem: (file, problem) => this.#tell(runId, file, problem),
    });
  }

  /** What the system refuses while files are read. */
  async #reading<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (errorCode(error) === "") throw error;
      throw errors.STORAGE_IO({ reason: (error as Error).message }, { cause: error });
    }
  }

  #tell(runId: string, name: string, problem: ScanProblem): void {
    const file = join("series", runId, name.replace(RETIRED_SUFFIX, ""));
    if (this.#told.has(file)) return;
    this.#told.add(file);
    this.#onProblem(scanProblem(file, problem));
  }
}

/** Waits for all; throws the first error. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === "rejected") throw result.reason;
}
