import type { WorkOptions } from "./snapshots.ts";

/** A reference of a remote: its full name (`refs/datmo/…`) and the commit that it names. */
export interface RemoteRef {
  readonly name: string;
  readonly commit: string;
}

/** One change of one reference. */
export interface RefUpdate {
  readonly name: string;
  /** Absent: remove the reference. */
  readonly commit?: string;
  /** What the remote has now; the update is refused when that is no longer so. Absent: no such reference. */
  readonly expected?: string;
}

export interface Transferred {
  /** Git objects that were not there before. */
  readonly objects: number;
  readonly bigFiles: number;
  /** Size of the big files. */
  readonly bigFileBytes: number;
}

/** Git remotes: by the system's git when there is one, over http without. Nothing of a remote is ever executed. */
export interface ShareTransport {
  /** References under `refs/datmo/`. Throws when the remote is not there, refuses, or is no git repository. */
  list(remote: string, options?: WorkOptions): Promise<RemoteRef[]>;
  /**
   * Brings commits with all that they need, big files too, into the project's store, checked before anything
   * names them. Durable when it resolves. Writes no reference; may be repeated after a cut and goes on from there.
   */
  fetch(remote: string, refs: readonly RemoteRef[], options?: WorkOptions): Promise<Transferred>;
  /** Sends big files, then objects, then references; each reference by itself. */
  push(
    remote: string,
    updates: readonly RefUpdate[],
    options?: WorkOptions,
  ): Promise<
    Transferred & {
      readonly accepted: readonly string[];
      readonly refused: readonly { readonly name: string; readonly reason: string }[];
    }
  >;
}

/** A sealed file with points of a run. */
export interface SharedImage {
  /** Of its content: what it is known by everywhere. */
  readonly sha256: string;
  readonly path: string;
  readonly points: number;
}

/** Points of runs as files that other copies of the project take in: a union, each point once. */
export interface SeriesImages {
  /** The files that hold a sealed run's points. `whole`: there are no points besides. */
  list(runId: string): Promise<{ images: SharedImage[]; whole: boolean }>;
  /**
   * Takes a file in as far as it has points that are not there; durable when it resolves. `points`: how many were
   * new. `refused`: why it is none that datmo wrote; then nothing was changed.
   */
  take(
    runId: string,
    sha256: string,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ points: number; refused?: string }>;
  /** A text that is another one once points of a sealed run come, or files change. */
  marker(runId: string): Promise<string>;
}
