import type { ReadyPeer } from "./peer.ts";

/** A row of the table. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly better: "less" | "more";
  /** Where a ratio would say nothing, such as with shares that are kept. */
  readonly isShare?: boolean;
}

export interface Sample {
  readonly value: number;
  /** What a reader must know of it, such as a smaller count. */
  readonly note?: string;
}

/** Rows that one measurement gives. */
export interface Group {
  /** What `--row` names, and adapters in `ROWS`. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** How often each peer is measured, in turn with the others. */
  readonly rounds: number;
  applies(peer: ReadyPeer): boolean;
  /** A sample by the name of its row. `place` is an empty folder of this measurement. Throws with the reason. */
  measure(peer: ReadyPeer, place: string): Promise<Record<string, Sample>>;
}

/** Trackers with an adapter that has these functions. */
export function tracks(group: string, ...functions: readonly string[]): (peer: ReadyPeer) => boolean {
  return ({ about }) =>
    about !== undefined &&
    (about.rows === null || about.rows.includes(group)) &&
    functions.every((name) => about.offers.includes(name));
}
