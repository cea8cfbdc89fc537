/** What a filling script is to do. */
export interface ScriptOrder {
  readonly directory: string;
  /** Names of its runs begin with this. */
  readonly name: string;
  /** Number of its first run. */
  readonly first: number;
  readonly runs: number;
  /** Points of each run. */
  readonly points: number;
}

/** Points of a run go to this many series in turn; their values are random, so that nothing compresses. */
export const SERIES_OF_A_RUN = 3;

/* Of a spool, docs/formats.md. */
export const HEADER_BYTES = 64;
export const SLOT_BYTES = 32;
