import type { StoreProblem } from "./records.ts";

/** Points as columns of equal length. Unit of `at`: milliseconds since the epoch, fractions allowed. */
export interface PointColumns {
  readonly name: readonly string[];
  readonly step: readonly number[];
  readonly value: readonly number[];
  readonly at: readonly number[];
}

export interface Summary {
  readonly last: number;
  readonly lastStep: number;
  readonly lastAt: number;
  /** Over the numbers only; NaN when there was none. */
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

export interface HistoryQuery {
  readonly fromStep?: number;
  readonly toStep?: number;
  /** Down-sample to this many buckets, keeping each bucket's minimum and maximum (never NaN-blind). */
  readonly buckets?: number;
  /** Of the system metric of that name. Absent: of the logged one. */
  readonly system?: boolean;
}

export interface Series {
  readonly step: Float64Array;
  readonly value: Float64Array;
  readonly at: Float64Array;
}

/**
 * Where points came from, when they were read from a file that may be read again: a position in it
 * (bytes). Points of one source are taken in once, whoever reads it. A stretch is taken or dropped whole, so
 * readers that may overlap must cut alike: one stretch per record.
 */
export interface PointSource {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Positions that each point takes: then every point is taken once, however readers cut. Absent: they must cut alike. */
  readonly stride?: 1;
  /** Guessed (parsed from output): all of them give way when the run has points of that name from elsewhere. */
  readonly weak?: boolean;
}

export interface SpoolStretch {
  /** Path of the spool file; opened with O_NOFOLLOW, must be a regular file. */
  readonly path: string;
  readonly from: number;
  /** Byte offset to read up to; absent: to the end of the valid records. */
  readonly to?: number;
}

/** Metric points of all runs, in chunk files outside the database. */
export interface SeriesStore {
  /** Resolves when written (survives the end of this process); synced to disk within a second. */
  append(runId: string, points: PointColumns, source?: PointSource): Promise<void>;
  /**
   * The same for points that datmo measured itself. They lie apart: no name of theirs is ever that of a metric that
   * the run logs.
   */
  appendSystem(runId: string, points: PointColumns, source?: PointSource): Promise<void>;
  /** Up to where points of this source are in the run's files, whoever took them in; 0 when none. */
  takenTo(runId: string, sourceId: string): Promise<number>;
  /** The same of every source that the files tell of. */
  takenOf(runId: string): Promise<ReadonlyMap<string, number>>;
  /** Random id of this engine's series files. */
  readonly writer: string;
  /**
   * Takes in a stretch of a spool file (`docs/formats.md`), skipping what was taken in before.
   * `durableTo` is the offset up to which every record is on disk in the project (after fdatasync).
   */
  appendSpool(runId: string, stretch: SpoolStretch): Promise<{ durableTo: number; points: number }>;
  /** Syncs what was appended to this run (all runs) to disk. */
  flush(runId?: string): Promise<void>;
  /** Summaries of what *this engine* has appended to the run so far (default `strong`); no file is read. */
  ownSummaries(runId: string, which?: "strong" | "weak"): ReadonlyMap<string, Summary>;
  /** Summaries over all writers, from the files, with the writers they cover; of logged metrics by default. */
  summaries(
    runId: string,
    which?: "logged" | "system",
  ): Promise<Map<string, { readonly summary: Summary; readonly writers: readonly string[] }>>;
  /** Every point, in order of step, then of time; nothing dropped. */
  history(runId: string, name: string, query?: HistoryQuery): Promise<Series>;
  /** Compresses a run that has ended into one sealed, indexed file. Safe beside readers; idempotent. */
  seal(runId: string): Promise<void>;
  /** Frees the memory that is kept for a run, once it is sealed and as long as nobody logs to it. */
  forget(runId: string): void;
  /** Bytes on disk of one run. */
  usage(runId: string): Promise<number>;
  /** Reads every point of a run and says what is damaged. Changes nothing. */
  check(runId: string): Promise<StoreProblem[]>;
  close(): Promise<void>;
}
