import type { Json, JsonObject } from "../util/json.ts";

/* What the services need from the outside. Each port is implemented by one folder of `store/` or `drivers/`. */

// ---------------------------------------------------------------------------------------------- records

/** What a record is about. */
export type RecordKind = "project" | "environment" | "task" | "run" | "snapshot";

/**
 * One change of one record: fields by path. A path is a JSON pointer without its leading slash
 * (`status`, `config/optimizer/lr`, `tags/best`; `~0` and `~1` escape `~` and `/`). `null` removes a field.
 * Fields are last-writer-wins registers, so changes are idempotent and commute; see `domain/merge.ts` for
 * the one exception (`status`, merged by rank).
 */
export interface Change {
  readonly kind: RecordKind;
  readonly id: string;
  readonly set: { readonly [path: string]: Json };
}

/** A record as it stands: the flat map of its fields. */
export interface StoredRecord {
  readonly kind: RecordKind;
  readonly id: string;
  /** The field `createdAt`, or the time of the first change when there is none yet. */
  readonly createdAt: string;
  readonly deleted: boolean;
  readonly fields: { readonly [path: string]: Json };
}

export interface RecordQuery {
  readonly includeDeleted?: boolean;
  /** By `createdAt`, then id. Default newest first. */
  readonly order?: "newest" | "oldest";
  readonly limit?: number;
  /** Only records after this one in the order (its createdAt and id). */
  readonly after?: { readonly createdAt: string; readonly id: string };
}

export type Durability = "power" | "process";

/** The project's records: append-only journal segments as the truth, an in-memory database as the view. */
export interface RecordStore {
  /** Resolves once the changes are durable. `power` (default): after fdatasync. `process`: after write. */
  commit(changes: readonly Change[], durability?: Durability): Promise<void>;
  /** Reading opens the view on first use and first takes in everything committed here and elsewhere. */
  get(kind: RecordKind, id: string): Promise<StoredRecord | undefined>;
  /** Ids beginning with `prefix`, deleted ones left out, at most `limit` (default 20), sorted. */
  idsByPrefix(kind: RecordKind, prefix: string, limit?: number): Promise<string[]>;
  /** Records (not deleted) whose field at `path` equals `value`; `name`, `label`, `contentKey`, `codeTree` are indexed. */
  byField(kind: RecordKind, path: string, value: string): Promise<StoredRecord[]>;
  list(kind: RecordKind, query?: RecordQuery): Promise<StoredRecord[]>;
  count(kind: RecordKind): Promise<number>;
  /** Folds the journal into a fresh snapshot and refreshes `datmo.sqlite`. */
  sync(): Promise<SyncReport>;
  /** Reads every segment and snapshot and says what is damaged. Changes nothing. */
  check(signal?: AbortSignal): Promise<StoreProblem[]>;
  /** Problems met so far (damage, gaps, read-only, network drive); each also told once through `onProblem`. */
  readonly problems: readonly StoreProblem[];
  /** Called after changes of other engines were taken in. */
  onForeignChange(listener: (ids: readonly { kind: RecordKind; id: string }[]) => void): void;
  /** Flushes, may checkpoint (long tail), and lets go of everything. */
  close(): Promise<void>;
}

export interface SyncReport {
  readonly generation: number;
  readonly sqlitePath: string;
  readonly records: number;
}

export interface StoreProblem {
  /** An error kind of the store category, e.g. `JOURNAL_DAMAGED`. */
  readonly kind: string;
  readonly message: string;
  readonly details: JsonObject;
}

// ---------------------------------------------------------------------------------------------- series

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
  /** Up to where points of this source are in the run's files, whoever took them in; 0 when none. */
  takenTo(runId: string, sourceId: string): Promise<number>;
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
  /** Summaries over all writers, from the files, with the writers they cover. */
  summaries(
    runId: string,
  ): Promise<Map<string, { readonly summary: Summary; readonly writers: readonly string[] }>>;
  /** Every point, in order of step, then of time; nothing dropped. */
  history(runId: string, name: string, query?: HistoryQuery): Promise<Series>;
  /** Compresses a run that has ended into one sealed, indexed file. Safe beside readers; idempotent. */
  seal(runId: string): Promise<void>;
  /** Bytes on disk of one run. */
  usage(runId: string): Promise<number>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- snapshots

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
   * With `base` they are put over that tree, and the answer describes all of it.
   */
  captureFiles(
    entries: readonly { readonly name: string; readonly source: string }[],
    options?: WorkOptions & { readonly base?: string },
  ): Promise<{ treeId: string; files: FileEntry[] }>;
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

// ---------------------------------------------------------------------------------------------- drivers

export type Command =
  | { readonly kind: "argv"; readonly argv: readonly string[] }
  | { readonly kind: "shell"; readonly text: string };

export interface StartSpec {
  readonly runId: string;
  readonly command: Command;
  /** Working directory. */
  readonly directory: string;
  /** `.datmo/tasks/<run id>`; output goes to its `output.log`, the exit code to its `exit.json`. */
  readonly taskDirectory: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Give the command this process's terminal or standard input. */
  readonly interactive: boolean;
}

export interface ExitFact {
  /** The command's own code, or 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly signal?: string;
  readonly endedAt: string;
}

export interface StartedProcess {
  readonly pid: number;
  /** Resolves when the command has ended. */
  readonly exited: Promise<ExitFact>;
}

/** What is known of a run's process whose engine may be gone. */
export type ProcessState =
  | { readonly state: "alive"; readonly pid: number }
  | { readonly state: "ended"; readonly exit: ExitFact }
  | { readonly state: "gone" };

/** Runs commands somewhere. */
export interface Driver {
  readonly name: string;
  start(spec: StartSpec): Promise<StartedProcess>;
  /** Looks at a run from its task folder alone. */
  inspect(taskDirectory: string): Promise<ProcessState>;
  /** Asks the run's whole process group to end, kills it after `graceMs`; resolves when it is gone. */
  stop(taskDirectory: string, options: { graceMs: number; signal?: "SIGINT" | "SIGTERM" }): Promise<void>;
}

// ---------------------------------------------------------------------------------------------- capture

export interface PackageFact {
  readonly name: string;
  readonly version: string;
  /** Where it came from when not from a package index: URL or path, without credentials (PEP 610). */
  readonly source?: string;
  /** Installed in place: its code is the folder at `source`, not a copy. */
  readonly editable?: true;
}

/** What the code runs with. Every part is absent when it was not found in time. */
export interface EnvironmentFacts {
  readonly python?: {
    readonly version: string;
    readonly executable: string;
    readonly packages: readonly PackageFact[];
    /** requirements.txt made from the imports of the project's scripts and notebooks. */
    readonly requirements: string;
  };
  readonly r?: { readonly version: string; readonly packages: readonly PackageFact[] };
  /** Lock and definition files found at the root of the project, by name. */
  readonly lockFiles: Readonly<Record<string, string>>;
}

export interface MachineFacts {
  readonly host: string;
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly JsonObject[];
  /** Variables of the environment that steer seeds, determinism, threads and devices, by name. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface UserGitFacts {
  readonly commit: string;
  readonly branch?: string;
  /** Without password. */
  readonly remote?: string;
}

export interface CaptureHints {
  /** The interpreter that the script itself runs in, when a client told it: a path, or a name on the PATH. */
  readonly pythonExecutable?: string;
  /** The command about to run: when its program is a Python, or a script of one, that Python is described. */
  readonly command?: Command;
  /**
   * Id of the tree just captured of the project's own folder, or that it will be: for a tree seen before, the
   * sources are not looked at again. Python may be asked meanwhile.
   */
  readonly codeTree?: string | Promise<string>;
}

/** Probes, each bounded in time, none fatal. */
export interface Capture {
  environment(hints?: CaptureHints): Promise<EnvironmentFacts>;
  machine(): Promise<MachineFacts>;
  userGit(): Promise<UserGitFacts | undefined>;
}

/** One outside tool that datmo can use, as `datmo doctor` shows it. */
export interface ToolFact {
  readonly name: string;
  /** True when it is there and answers. */
  readonly found: boolean;
  readonly version?: string;
  readonly path?: string;
  /** Why it cannot be used although some of it is there. */
  readonly problem?: string;
  /** One line: how to get it on this system. Absent: it is there. */
  readonly howToGet?: string;
}

/** Looks for every tool at once; each look is bounded to two seconds and none fails. */
export type FindTools = (
  environment: Readonly<Record<string, string | undefined>>,
) => Promise<readonly ToolFact[]>;

// ---------------------------------------------------------------------------------------------- run folders

/** One record of a run's journal, `schemas/run-journal.schema.json`. */
export interface JournalRecord {
  readonly writer: string;
  readonly line: JsonObject;
}

/** Follows what a run's own processes leave in its task folder. Nothing in there is trusted. */
export interface TaskFolderTail {
  /** Journal lines not seen before, in file order; invalid ones are reported through `onProblem` once. */
  readJournal(): Promise<JournalRecord[]>;
  /** Spool files with the offset up to which they were handed to the series store. */
  spools(): Promise<{ writer: string; path: string }[]>;
  /** Removes journals, spools and replies: everything in them was taken in and nobody writes them any more. */
  discard(): Promise<void>;
  /** Appends an answer for a journal request to `reply/<writer>.jsonl`. */
  reply(writer: string, answer: JsonObject): Promise<void>;
  /** Bytes of output so far; 0 when there is none. */
  outputSize(): Promise<number>;
  /** Output appended since `offset`, at most `limit` bytes. */
  readOutput(offset: number, limit: number): Promise<Buffer>;
}
