import type { JsonObject } from "../../util/json.ts";
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
      readonly refused: readonly {
        readonly name: string;
        readonly reason: string;
        /** The remote has another commit there than was expected: list again, and decide anew. */
        readonly changed?: boolean;
      }[];
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
  /** Why a file, said to have this hash, is none that datmo wrote: `take` would refuse it. Changes nothing. */
  check(sha256: string, path: string, signal?: AbortSignal): Promise<string | undefined>;
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

/** What one push added to the remote: a commit of the chain that one copy of the project writes. */
export interface SharedUnit {
  readonly commit: string;
  /** The one before it in the chain. Absent: it is the first. */
  readonly parent?: string;
  /** Version of the format it is written in. */
  readonly format: number;
  /** Blobs of stamped operations, one per line. */
  readonly operations: readonly string[];
  readonly images: readonly { readonly runId: string; readonly sha256: string; readonly blobId: string }[];
  /** Trees of files that runs have kept. */
  readonly files: readonly { readonly runId: string; readonly treeId: string }[];
}

/** A chain that is not what datmo writes. */
export interface UnitsRefused {
  readonly refused: string;
}

/** The git side of sharing: what is sent is put together here, and what was fetched is looked at and adopted. */
export interface ShareStore {
  /** Until it is ended, nothing that was fetched or written is taken for garbage. */
  begin(): Promise<() => void>;
  /** An empty folder for files that are about to be sent, and its removal. */
  workFolder(): Promise<{ readonly path: string; remove(): Promise<void> }>;
  /** A commit with the tree that `content` was captured as, and with these trees. Durable when it resolves. */
  writeUnit(unit: {
    readonly content: string;
    readonly files: readonly { readonly runId: string; readonly treeId: string }[];
    readonly parent?: string;
    readonly createdAt: string;
  }): Promise<string>;
  /** The chain from `tip` back to one of `known` or to its beginning, oldest first. Its objects must be there. */
  units(tip: string, known: ReadonlySet<string>): Promise<readonly SharedUnit[] | UnitsRefused>;
  /** Whether a tree is in the store. */
  hasTree(treeId: string): Promise<boolean>;
  /** Content of a blob, big ones resolved. */
  read(blobId: string, limit: number): Promise<Buffer>;
  /** Path of a file with the content of a blob; it must be let go of afterwards, and never be changed. */
  file(blobId: string): Promise<{ readonly path: string; release(): Promise<void> }>;
  /** Commits of all snapshots, by id. */
  snapshots(): Promise<Map<string, string>>;
  /** The manifest of a fetched commit that claims to be this snapshot, or why it is none. */
  inspect(id: string, commit: string): Promise<{ readonly manifest: JsonObject } | UnitsRefused>;
  /** Gives a snapshot the commit: its reference is there, durably, when it resolves. */
  adopt(id: string, commit: string): Promise<void>;
  /** Newest commits of the chains as they are here, by the id of the copy that writes them. */
  tips(): Promise<Map<string, string>>;
  /** Remembers the newest commit of a chain, so that it and what it builds on are kept. */
  setTip(sharer: string, commit: string): Promise<void>;
  /** What sharing remembers under a name; undefined when nothing. */
  readNote(name: string): Promise<string | undefined>;
  writeNote(name: string, text: string): Promise<void>;
}

/** What sharing needs of a project besides its records, runs and snapshots. */
export interface ShareParts {
  readonly transport: ShareTransport;
  readonly store: ShareStore;
  readonly images: SeriesImages;
}
