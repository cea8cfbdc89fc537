import type { JsonObject } from "../../util/json.ts";

export interface FileEntry {
  /** Path inside the component, `/`-separated. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
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

export interface TreeChange {
  readonly path: string;
  readonly status: "added" | "removed" | "modified" | "typeChanged" | "modeChanged";
  readonly oldId?: string;
  readonly newId?: string;
}

export interface TreeFile {
  readonly path: string;
  readonly mode: "file" | "executable" | "link";
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
    entries: readonly { readonly name: string; readonly source: string }[],
    options?: WorkOptions & { readonly base?: string },
  ): Promise<{
    treeId: string;
    files: FileEntry[];
    skipped: readonly { readonly path: string; readonly reason: string }[];
    unstable: readonly string[];
  }>;
  /** Writes the commits and the ref of a snapshot; durable when it resolves. */
  publish(request: PublishRequest): Promise<{ commitId: string; codeCommitId: string }>;
  exists(id: string): Promise<boolean>;
  ids(): Promise<string[]>;
  read(id: string): Promise<ReadSnapshot>;
  listTree(treeId: string): Promise<TreeFile[]>;
  /** Equal subtrees are skipped unread. `null` stands for the empty tree. */
  diffTrees(oldTree: string | null, newTree: string | null): Promise<TreeChange[]>;
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
