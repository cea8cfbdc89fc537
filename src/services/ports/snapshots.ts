import type { JsonObject } from "../../util/json.ts";

export interface FileEntry {
  /** Path inside the component, `/`-separated. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it lay in the project, relative and `/`-separated. Absent: elsewhere, or in a run's own folder. */
  readonly source?: string;
}

/** A file or folder to keep. */
export interface FileSource {
  /** Path inside the component. */
  readonly name: string;
  /** Absolute. */
  readonly source: string;
  /** A link is taken as the link that it is. Absent: what it names is taken. */
  readonly asLink?: boolean;
}

/** Content of a file on disk, as far as it was asked for. */
export type FileContent =
  /** `sha256` is absent when the size is not the one expected, or the file is bigger than what was to be read. */
  | {
      readonly state: "file";
      readonly bytes: number;
      readonly executable: boolean;
      readonly sha256?: string;
    }
  | { readonly state: "link"; readonly bytes: number; readonly sha256: string }
  | { readonly state: "absent" | "folder" | "special" }
  | { readonly state: "unreadable"; readonly reason: string };

export interface ContentQuery {
  /** Absolute. */
  readonly path: string;
  /** Size it should have: one of another size is not read. Absent: it is read whatever its size. */
  readonly bytes?: number;
}

/** Where a kept file belongs in the project. */
export interface FilePlace {
  /** Path inside the component. */
  readonly path: string;
  /** Relative to the project. */
  readonly place: string;
}

export interface CodeCapture {
  /** Object id of the git tree: the project exactly as it is. */
  readonly treeId: string;
  /** True when nothing changed since the last capture by any engine. */
  readonly unchanged: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Files that changed while they were read. */
  readonly unstable: readonly string[];
  /** What could not be taken: special files, unreadable files, names git cannot hold. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export type FileMode = "file" | "executable" | "link";

export interface TreeChange {
  readonly path: string;
  readonly status: "added" | "removed" | "modified" | "renamed" | "typeChanged" | "modeChanged";
  /** Path before, of what was renamed. */
  readonly from?: string;
  /** How much of a renamed file stayed, in whole percent. */
  readonly similarity?: number;
  readonly oldId?: string;
  readonly newId?: string;
  readonly oldMode?: FileMode;
  readonly newMode?: FileMode;
}

export interface DiffOptions {
  /** Only what lies at or below these paths. Absent: everything. */
  readonly paths?: readonly string[];
  /** Tell of files that were renamed, also when they changed a little. Absent: they were removed and added. */
  readonly renames?: boolean;
  readonly signal?: AbortSignal;
}

export interface TreeFile {
  readonly path: string;
  readonly mode: FileMode;
  readonly blobId: string;
  /** Size of the content (of the big file, not of its pointer). */
  readonly bytes: number;
  /** Present when the content is a big file behind a git-lfs pointer. */
  readonly lfsSha256?: string;
}

export interface PublishRequest {
  readonly id: string;
  readonly message: string;
  readonly createdAt: string;
  readonly codeTree: string;
  /** Tree of the files component; absent: empty. */
  readonly filesTree?: string;
  /** Files of the environment component: definition and captured package lists. */
  readonly environment: readonly { readonly path: string; readonly content: string }[];
  /** Tree with the files of the definition: all of them, in place of what `environment` has below `definition/`. */
  readonly definitionTree?: string;
  /** `schemas/snapshot-manifest.schema.json`. */
  readonly manifest: JsonObject;
}

export interface ReadSnapshot {
  readonly id: string;
  readonly commitId: string;
  readonly codeTree: string;
  readonly filesTree?: string;
  readonly environmentTree?: string;
  readonly manifest: JsonObject;
}

export interface RestoreRequest {
  /** Tree to bring back. */
  readonly targetTree: string;
  /** Tree of the state just captured: only files held by it may be deleted or replaced. */
  readonly heldTree: string;
  readonly targetId: string;
  readonly heldId: string;
  /** Move files in the way that are held by no snapshot to `.datmo/displaced/<id>/` instead of stopping. */
  readonly displace: boolean;
}

export interface RestoreReport {
  readonly written: number;
  readonly removed: number;
  readonly displaced: readonly string[];
}

export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (update: { message: string; done?: number; total?: number }) => void;
}

/** The hidden git store. Objects are write-once and ids random: no call here waits for another process. */
export interface SnapshotStore {
  /** Records the project's tree (code component). Nothing outside `.datmo` is written. */
  captureCode(options?: WorkOptions): Promise<CodeCapture>;
  /** Topmost paths in the project that ignore rules leave out (as of the last capture), `.git` and `.datmo` not told. */
  ignoredPaths(): Promise<string[]>;
  /**
   * Stores given files and folders (recursively) as a tree; sources may lie outside the project.
   * With `base` they are put over that tree, and the answer describes all of it. What is named but cannot be taken
   * is an error; what lies in a named folder and cannot be taken is `skipped`. Durable when it resolves.
   */
  captureFiles(
    entries: readonly FileSource[],
    options?: WorkOptions & {
      readonly base?: string;
      /** The folder that counts as the project when it is told where files lay. Absent: the project's own. */
      readonly root?: string;
    },
  ): Promise<{
    treeId: string;
    files: FileEntry[];
    skipped: readonly { readonly path: string; readonly reason: string }[];
    unstable: readonly string[];
  }>;
  /**
   * Sizes and SHA-256 of files anywhere, read in constant memory, in the order asked for. What looks as it did when
   * it was last read is not read again. `most`: bigger files (bytes) are not read. `follow`: of a link, what it names.
   */
  contentsOf(
    queries: readonly ContentQuery[],
    options?: WorkOptions & { readonly most?: number; readonly follow?: boolean },
  ): Promise<FileContent[]>;
  /** Those of the places that a code tree leaves free, and those that no project can have. */
  freePlaces(
    codeTree: string,
    places: readonly FilePlace[],
  ): Promise<{ readonly free: FilePlace[]; readonly refused: FilePlace[] }>;
  /** The code tree with files of a files tree at free places of it. On disk after the next change. */
  withFiles(codeTree: string, filesTree: string, places: readonly FilePlace[]): Promise<string>;
  /**
   * Trees that were captured are named by a snapshot or a record now, or of no use. Until then, for ten minutes at
   * most, collectors of garbage keep what they need.
   */
  named(...trees: readonly string[]): Promise<void>;
  /** Writes the commits and the ref of a snapshot; durable when it resolves. */
  publish(request: PublishRequest): Promise<{ commitId: string; codeCommitId: string }>;
  exists(id: string): Promise<boolean>;
  ids(): Promise<string[]>;
  read(id: string): Promise<ReadSnapshot>;
  listTree(treeId: string): Promise<TreeFile[]>;
  /** Equal subtrees are skipped unread. `null` stands for the empty tree. */
  diffTrees(oldTree: string | null, newTree: string | null, options?: DiffOptions): Promise<TreeChange[]>;
  /** Whether something lies at this path of a tree. */
  hasPath(treeId: string, path: string): Promise<boolean>;
  /** Size of a blob's content, and what identifies it when it is a big file, which is not read. */
  contentFacts(blobId: string): Promise<{ readonly bytes: number; readonly lfsSha256?: string }>;
  /** Content of a blob, big files resolved; refuses above `limit` bytes (default 64 MiB). */
  readFile(blobId: string, limit?: number): Promise<Buffer>;
  /** Path of the stored content of a big file, for copying (never for changing); undefined for a small one. */
  storedFile(blobId: string): Promise<string | undefined>;
  /** Puts a tree into an empty or absent folder outside `.datmo`, verifying every object. */
  exportTree(
    treeId: string,
    directory: string,
    options?: WorkOptions,
  ): Promise<{ files: number; bytes: number }>;
  restore(request: RestoreRequest, options?: WorkOptions): Promise<RestoreReport>;
  /** A restore that a crash interrupted, if any. */
  interruptedRestore(): Promise<{ targetId: string; heldId: string } | undefined>;
  /** Removes the ref only; content goes with `gc`. */
  deleteRef(id: string): Promise<void>;
  /** Every object and reference: what is damaged and which snapshots it touches. */
  check(options?: WorkOptions): Promise<{ path: string; problem: string; snapshots: string[] }[]>;
  close(): Promise<void>;
}
