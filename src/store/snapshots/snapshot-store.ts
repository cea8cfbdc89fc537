import { resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type {
  CodeCapture,
  ContentQuery,
  DiffOptions,
  FileContent,
  FilePlace,
  FileSource,
  PublishRequest,
  ReadSnapshot,
  RestoreReport,
  RestoreRequest,
  SnapshotStore,
  TreeChange,
  TreeFile,
  WorkOptions,
} from "../../services/ports/snapshots.ts";
import { beginActivity } from "./activity.ts";
import { ContentReader } from "./capture/content-reader.ts";
import { FileCapture, type FileCaptureResult } from "./capture/file-capture.ts";
import { ProjectCapture } from "./capture/project-capture.ts";
import { check, type FoundProblem } from "./check.ts";
import { type FileSystem, systemFiles } from "./files/file-system.ts";
import { HeldWork, purgesDone, requireWhole } from "./held-work.ts";
import { readAbilities } from "./init-git-dir.ts";
import { LfsHints } from "./lfs/lfs-hints.ts";
import { consolidate } from "./objects/consolidate.ts";
import { diffTrees } from "./objects/diff-trees.ts";
import { EMPTY_TREE } from "./objects/object-id.ts";
import { ObjectStore } from "./objects/object-store.ts";
import { freePlaces, withFiles } from "./objects/overlay-tree.ts";
import { hasPath } from "./objects/path-scope.ts";
import { type Published, publish } from "./publish.ts";
import { contentFacts, listTree, readContent, readSnapshot, storedFile } from "./read-snapshot.ts";
import { Refs } from "./refs.ts";
import { exportTree } from "./restore/export-tree.ts";
import { type RestoreParts, restore } from "./restore/restore.ts";
import { RestoreJournal } from "./restore/restore-journal.ts";
import { inWords } from "./store-errors.ts";
import { sweep } from "./sweep.ts";

export interface SnapshotStoreOptions {
  /** The folder whose state is captured and restored. */
  readonly projectDirectory: string;
  /** The project's `.datmo`. */
  readonly datmoDirectory: string;
  /** Paths (relative, `/`-separated) that are left out of the code whatever the rules say. */
  readonly exclude?: readonly string[];
  /** The folder is an isolated copy, not the project itself: nothing about it is remembered on disk. */
  readonly separate?: boolean;
  /** Worker threads for big jobs. Default: one per core, at most four; none with `fs`. */
  readonly threads?: number;
  /** For tests that make single calls fail. */
  readonly fs?: FileSystem;
}

/** Opens the hidden git store. Touches nothing: the folder is made by the first capture. */
export function openSnapshotStore(options: SnapshotStoreOptions): SnapshotStore {
  return new GitSnapshotStore(options);
}

class GitSnapshotStore implements SnapshotStore {
  readonly #store: ObjectStore;
  readonly #refs: Refs;
  readonly #project: ProjectCapture;
  readonly #files: FileCapture;
  readonly #contents: ContentReader;
  readonly #journal: RestoreJournal;
  readonly #datmoDirectory: string;
  readonly #restoreParts: RestoreParts;
  /** Work whose result is not published yet: collectors of garbage must know of it. */
  readonly #held = new HeldWork();
  #swept = false;
  #closed = false;

  constructor(options: SnapshotStoreOptions) {
    const fs = options.fs ?? systemFiles;
    const directory = resolve(options.projectDirectory);
    const datmoDirectory = resolve(options.datmoDirectory);
    const threads = options.fs ? 0 : options.threads;
    const gitDirectory = `${datmoDirectory}/git`;
    const store = new ObjectStore({ fs, gitDirectory, ...(threads === undefined ? {} : { threads }) });
    const { exclude = [], separate = false } = options;
    this.#store = store;
    this.#datmoDirectory = datmoDirectory;
    this.#refs = new Refs(fs, gitDirectory);
    this.#project = new ProjectCapture(store, { directory, exclude, separate });
    const hints = new LfsHints(fs, store.path("datmo", "lfs-stat"));
    this.#files = new FileCapture(store, hints, directory, datmoDirectory, this.#held);
    this.#contents = new ContentReader(fs, hints);
    this.#journal = new RestoreJournal(fs, store.path("datmo", "restore.json"));
    this.#restoreParts = {
      store,
      project: this.#project,
      journal: this.#journal,
      directory,
      datmoDirectory,
      ignoresCase: () => readAbilities(fs, gitDirectory).ignoresCase,
    };
  }

  captureCode(options: WorkOptions = {}): Promise<CodeCapture> {
    return this.#inTurn("the project's files", async () => {
      const purges = this.#purges();
      const { capture, activity } = await this.#project.capture(options);
      this.#held.holdCode(activity, capture.treeId, purges);
      return capture;
    });
  }

  ignoredPaths(): Promise<string[]> {
    return this.#inTurn("the project's files", async () => {
      if (!this.#project.description) (await this.#project.capture({})).activity.end();
      return this.#project.description?.ignored ?? [];
    });
  }

  captureFiles(
    entries: readonly FileSource[],
    options: WorkOptions & { readonly base?: string; readonly root?: string } = {},
  ): Promise<FileCaptureResult> {
    return this.#inTurn("files", async () => {
      const result = await this.#files.capture(entries, options);
      await this.#project.save();
      return result;
    });
  }

  contentsOf(
    queries: readonly ContentQuery[],
    options: WorkOptions & { readonly most?: number; readonly follow?: boolean } = {},
  ): Promise<FileContent[]> {
    return this.#reading(undefined, () => this.#contents.read(queries, options));
  }

  freePlaces(
    codeTree: string,
    places: readonly FilePlace[],
  ): Promise<{ free: FilePlace[]; refused: FilePlace[] }> {
    return this.#reading(codeTree, () => freePlaces(this.#store.reader, codeTree, places));
  }

  withFiles(codeTree: string, filesTree: string, places: readonly FilePlace[]): Promise<string> {
    return this.#inTurn("the checkout", () => withFiles(this.#store, codeTree, filesTree, places), codeTree);
  }

  named(...trees: readonly string[]): Promise<void> {
    for (const tree of trees) this.#held.named(tree);
    return Promise.resolve();
  }

  publish(request: PublishRequest): Promise<Published> {
    return this.#inTurn(
      "the snapshot",
      async () => {
        this.#store.make();
        const published = await this.#publish(request);
        await this.#project.save();
        await this.#tidy(this.#held.codeTakenAt ?? Date.now());
        this.#held.endCode();
        return published;
      },
      request.id,
    );
  }

  exists(id: string): Promise<boolean> {
    return this.#reading(id, async () => this.#refs.snapshot(id) !== undefined);
  }

  ids(): Promise<string[]> {
    return this.#reading(undefined, async () => this.#refs.ids());
  }

  read(id: string): Promise<ReadSnapshot> {
    return this.#reading(id, () => readSnapshot(this.#store.reader, this.#refs, id));
  }

  listTree(treeId: string): Promise<TreeFile[]> {
    return this.#reading(treeId, () => listTree(this.#store.reader, treeId));
  }

  diffTrees(from: string | null, to: string | null, options?: DiffOptions): Promise<TreeChange[]> {
    return this.#reading(to ?? from ?? undefined, () => diffTrees(this.#store.reader, from, to, options));
  }

  hasPath(treeId: string, path: string): Promise<boolean> {
    return this.#reading(treeId, () => hasPath(this.#store.reader, treeId, path));
  }

  contentFacts(blobId: string): Promise<{ bytes: number; lfsSha256?: string }> {
    return this.#reading(blobId, () => contentFacts(this.#store.reader, blobId));
  }

  readFile(blobId: string, limit?: number): Promise<Buffer> {
    return this.#reading(blobId, () => readContent(this.#store.reader, this.#store.lfs, blobId, limit));
  }

  storedFile(blobId: string): Promise<string | undefined> {
    return this.#reading(blobId, () => storedFile(this.#store.reader, this.#store.lfs, blobId));
  }

  exportTree(
    treeId: string,
    directory: string,
    options: WorkOptions = {},
  ): Promise<{ files: number; bytes: number }> {
    return this.#inTurn(
      "the export",
      async () => {
        await this.#store.flush();
        await this.#project.save();
        return exportTree(this.#store, this.#datmoDirectory, treeId, directory, options);
      },
      treeId,
    );
  }

  restore(request: RestoreRequest, options: WorkOptions = {}): Promise<RestoreReport> {
    const work = (): Promise<RestoreReport> => restore(this.#restoreParts, request, options);
    return this.#inTurn("the checkout", work, request.targetId);
  }

  interruptedRestore(): Promise<{ targetId: string; heldId: string } | undefined> {
    return this.#reading(undefined, async () => {
      const mark = this.#journal.read();
      return mark ? { targetId: mark.targetId, heldId: mark.heldId } : undefined;
    });
  }

  deleteRef(id: string): Promise<void> {
    return this.#inTurn("the deletion", async () => {
      if (!(await this.#refs.delete(id))) throw errors.SNAPSHOT_NOT_FOUND({ id });
    });
  }

  check(options: WorkOptions = {}): Promise<FoundProblem[]> {
    return this.#reading(undefined, () => check(this.#store, this.#refs, options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#store.turns.settled();
    this.#held.end();
    await this.#store.close();
  }

  /** What was announced all the time is there; anything else is looked for, so that no reference names what is not. */
  async #publish(request: PublishRequest): Promise<Published> {
    const { fs, gitDirectory } = this.#store;
    const trees = [request.codeTree, request.filesTree ?? EMPTY_TREE];
    const before = this.#purges();
    const activity = this.#held.coversCode(before) ? undefined : beginActivity(fs, gitDirectory);
    try {
      if (activity) for (const tree of trees) await requireWhole(this.#store, tree);
      const published = await publish(this.#store, this.#refs, request);
      if (this.#purges() === before) return published;
      try {
        for (const tree of trees) await requireWhole(this.#store, tree);
      } catch (error) {
        await this.#refs.delete(request.id);
        throw error;
      }
      return published;
    } finally {
      activity?.end();
    }
  }

  #purges(): string {
    return purgesDone(this.#store.fs, this.#store.gitDirectory);
  }

  /** Work that changes something: one after the other. */
  #inTurn<T>(operation: string, work: () => Promise<T>, subject?: string): Promise<T> {
    if (this.#closed) return Promise.reject(errors.STORE_CLOSED({}));
    return this.#store.turns.take(() => this.#inWords(operation, work, subject));
  }

  #reading<T>(subject: string | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(errors.STORE_CLOSED({}));
    return this.#inWords("what was read", work, subject);
  }

  #inWords<T>(operation: string, work: () => Promise<T>, subject?: string): Promise<T> {
    return inWords({ operation, directory: this.#datmoDirectory, ...(subject ? { subject } : {}) }, work);
  }

  /** Housekeeping after a snapshot. What fails is tried again with the next one. */
  async #tidy(now: number): Promise<void> {
    try {
      if (!this.#swept) sweep(this.#store, now);
      this.#swept = true;
      await consolidate(this.#store, now);
    } catch {
      // The snapshot is safe all the same.
    }
  }
}
