import type { WorkOptions } from "./snapshots.ts";

/** Things of one kind that go, or are there. */
export interface Amount {
  readonly count: number;
  /** On disk; of merged packs, what merging them saves. */
  readonly bytes: number;
}

export type CollectedKind =
  /** Objects of code, environments and small files that nothing needs. */
  | "objects"
  /** Packs that are merged into others. */
  | "packs"
  /** Big files that nothing needs. */
  | "bigFiles"
  /** What killed processes left half written. */
  | "leftovers";

export interface CollectRequest {
  readonly dryRun: boolean;
  /** Snapshots that are taken as deleted (in a dry run: their references are still there). */
  readonly without: readonly string[];
  /** Trees that records keep; asked for again when it matters. */
  keptTrees(): Promise<readonly string[]>;
}

export interface CollectReport {
  readonly kinds: Readonly<Record<CollectedKind, Amount>>;
  /** What nothing needs and work under way, or its age, still keeps. Bytes. */
  readonly laterBytes: number;
}

/** What a snapshot takes. Bytes. */
export interface SnapshotUsage {
  readonly id: string;
  /** Its files as a checkout or export would write them. */
  readonly fullBytes: number;
  /** What deleting it alone, and collecting, would free. */
  readonly ownBytes: number;
}

export interface PurgeQuery {
  /** True for a path of a file, relative to the project or to the files of a snapshot or run. */
  readonly matches?: (path: string) => boolean;
  /** Snapshots to remove altogether: what only they hold. */
  readonly snapshots: readonly string[];
  readonly keptTrees: readonly string[];
}

export interface PurgeTarget {
  /** Ids of the contents, sorted. */
  readonly blobs: readonly string[];
  /** Where they were found. */
  readonly paths: readonly string[];
}

export interface RewrittenSnapshot {
  readonly id: string;
  readonly oldCommit: string;
  readonly newCommit: string;
  /** False when only the code before it is another one. */
  readonly changed: boolean;
  readonly codeTree: string;
  /** Absent: it has no files. */
  readonly filesTree?: string;
}

export interface PurgeReport {
  readonly snapshots: readonly RewrittenSnapshot[];
  /** New trees by old ones, of those that were asked for. */
  readonly trees: ReadonlyMap<string, string>;
  readonly bytes: number;
}

export interface FoundDamage {
  readonly path: string;
  readonly problem: string;
  readonly snapshots: string[];
}

/** What lies in the hidden git store, taken together: measuring, collecting, removing for good, checking. */
export interface Collector {
  /** Removes what nothing needs. Safe beside everything; may be cancelled and repeated. */
  collect(request: CollectRequest, options?: WorkOptions): Promise<CollectReport>;
  usage(keptTrees: readonly string[], options?: WorkOptions): Promise<SnapshotUsage[]>;
  /** The contents at these paths, or of these snapshots alone. */
  find(query: PurgeQuery, options?: WorkOptions): Promise<PurgeTarget>;
  /** Those of the contents that are stored. */
  stored(blobs: readonly string[]): Promise<string[]>;
  /** Ids of the snapshots that hold one of these contents. */
  holders(blobs: readonly string[], options?: WorkOptions): Promise<string[]>;
  /**
   * Writes every reference that needs one of these contents anew without them, and removes them. Repeating it is
   * harmless. `planned` is told what will be named instead of what before any reference is changed.
   */
  purge(
    request: {
      readonly blobs: readonly string[];
      readonly keptTrees: readonly string[];
      planned(plan: Omit<PurgeReport, "bytes">): Promise<void>;
    },
    options?: WorkOptions,
  ): Promise<PurgeReport>;
  /** No work under way whose result nothing names yet. */
  isQuiet(): Promise<boolean>;
  /** Every object, whether a snapshot needs it or not. Changes nothing. */
  check(options?: WorkOptions): Promise<FoundDamage[]>;
  close(): Promise<void>;
}
