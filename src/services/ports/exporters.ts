import type { ExportedFacts, ExportPiece as WirePiece } from "../../protocol/types.ts";

export type { ExportedFacts };

/** Makes files of another tool out of runs. Built-in ones and those of plugins are the same to whoever exports. */
export interface Exporter {
  readonly name: string;
  /** Begins with a folder. Nothing is written by the exporter itself: it answers pieces of files. */
  open(target: ExportTarget): Exporting;
}

export interface ExportTarget {
  /** Absolute path of the folder. */
  readonly directory: string;
  readonly project: { readonly id: string; readonly name: string };
  readonly signal: AbortSignal;
}

/** Runs come one after the other, oldest first. */
export interface Exporting {
  /** What belongs to no single run and grows with each. */
  begin(): Pieces;
  run(run: ExportedRun): Pieces;
  end(): Pieces;
}

export type Pieces = AsyncIterable<ExportPiece> | Iterable<ExportPiece>;

/**
 * A piece of a file. Files that are created for a run are complete with it; those that `begin` or `end` creates, at the
 * very end.
 */
export interface ExportPiece extends Pick<WirePiece, "path" | "mode"> {
  readonly content: string | Uint8Array | KeptContent;
}

/** All that is in a file kept with the run. */
export interface KeptContent {
  readonly kept: string;
}

/** One run, read piece by piece when it is asked for. */
export interface ExportedRun {
  readonly facts: ExportedFacts;
  /** Every point of a metric, in order of step, then of time. */
  points(name: string): Promise<ExportedPoints>;
  /** The content of a file kept with the run, in pieces of at most 1 MiB. */
  content(path: string): AsyncIterable<Uint8Array>;
}

/** Columns of equal length. Unit of `at`: milliseconds since the epoch, fractions allowed. */
export interface ExportedPoints {
  readonly step: Float64Array;
  readonly value: Float64Array;
  readonly at: Float64Array;
}
