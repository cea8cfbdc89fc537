import { errors } from "../../../protocol/errors.ts";
import type { CodeCapture, WorkOptions } from "../../../services/ports/snapshots.ts";
import { type Activity, beginActivity } from "../activity.ts";
import { errorCode } from "../files/file-system.ts";
import { requireSpace } from "../files/free-space.ts";
import { type Abilities, readAbilities } from "../init-git-dir.ts";
import { BigFileCheck } from "../lfs/big-file-check.ts";
import { EMPTY_TREE } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { buildTrees } from "../objects/tree-builder.ts";
import { type Description, describeFolder } from "./describe-folder.ts";
import { isContent, KIND, LARGE, RULES, UNREADABLE } from "./entry-kind.ts";
import type { ProjectFiles } from "./folder.ts";
import { forgetLost } from "./forget-lost.ts";
import type { HashedBatch } from "./hash-batch.ts";
import { RuleLevel } from "./ignore-rules.ts";
import { readFiles } from "./read-files.ts";
import { type Hint, type Read, Scan } from "./scan.ts";
import { loadStatCache, saveStatCache } from "./stat-cache.ts";

/** So much work is brought to the disk at once; less waits for the snapshot it belongs to and shares its pack. */
const FLUSH_OBJECTS = 1000;
const FLUSH_BYTES = 4 * 1024 * 1024;
const BIG = 4 * 1024 * 1024;
/** No pack is called this. */
const LOST_PACK = "lost";

export interface CaptureOptions {
  /** Absolute path of the project, or of an isolated copy. */
  readonly directory: string;
  /** Paths that are left out, relative to the directory. */
  readonly exclude: readonly string[];
  /** Not the project itself: nothing of it is remembered on disk, what it adds is brought there at once. */
  readonly separate: boolean;
}

/** Takes the tree of one folder, again and again, reading only what has changed. */
export class ProjectCapture {
  readonly #store: ObjectStore;
  readonly #options: CaptureOptions;
  readonly #exclude: ReadonlySet<string>;
  readonly #bigFiles: BigFileCheck;
  #files: ProjectFiles | undefined;
  #description: Description | undefined;
  #abilities: Abilities | undefined;
  /** Packs that were there when all that is remembered was in packs or pending. */
  #packs: readonly string[] = [];
  /** Which file of the stat cache is in memory. */
  #stamp = "";
  #unsaved = false;

  constructor(store: ObjectStore, options: CaptureOptions) {
    this.#store = store;
    this.#options = options;
    this.#exclude = new Set(options.exclude);
    this.#bigFiles = new BigFileCheck(store, options.directory);
  }

  /** What the last capture of this object saw; undefined before the first. */
  get files(): ProjectFiles | undefined {
    return this.#files;
  }

  get description(): Description | undefined {
    return this.#description;
  }

  /** Takes the tree. The caller ends the activity when what was taken is published or of no use any more. */
  async capture(
    options: WorkOptions,
    hints?: ReadonlyMap<string, Hint>,
  ): Promise<{ capture: CodeCapture; activity: Activity }> {
    const activity = this.#begin();
    try {
      let known = this.#recall();
      const lastTree = known?.root.tree;
      let pass = await this.#pass(activity, known, options, hints);
      if (!this.#store.hasTree(pass.treeId)) {
        // An index that named it is damaged: what cannot be found any more is read and written again.
        known = pass.files;
        this.#packs = [LOST_PACK];
        pass = await this.#pass(activity, known, options);
      }
      const { files, description, treeId, changed } = pass;
      this.#files = files;
      this.#description = description;
      this.#unsaved ||= changed;
      await this.#keep(activity);
      const unchanged = lastTree !== undefined && treeId === (lastTree || EMPTY_TREE);
      const { files: count, bytes, unstable, skipped } = description;
      return { capture: { treeId, unchanged, files: count, bytes, unstable, skipped }, activity };
    } catch (error) {
      activity.end();
      throw error;
    }
  }

  /** Writes the stat cache when everything it names is on disk. Called after each flush. */
  async save(): Promise<void> {
    if (!this.#files || !this.#unsaved || this.#options.separate || this.#store.pending.count > 0) return;
    try {
      this.#packs = this.#store.packs.namesOnDisk();
      await saveStatCache(this.#store.fs, this.#cachePath, { files: this.#files, packs: this.#packs });
      this.#stamp = this.#stampOnDisk();
      this.#unsaved = false;
    } catch {
      // Only a hint: without it the next capture reads more.
    }
  }

  /** Looks at everything once. */
  async #pass(
    activity: Activity,
    known: ProjectFiles | undefined,
    options: WorkOptions,
    hints?: ReadonlyMap<string, Hint>,
  ): Promise<{ files: ProjectFiles; description: Description; treeId: string; changed: boolean }> {
    // Until all of it is known again, what is in memory is half updated.
    this.#files = undefined;
    const scan = new Scan({ ...this.#scanOptions(activity, options), ...(hints ? { hints } : {}) });
    this.#forgetLost(known);
    const files = await scan.run(known);
    const description = await this.#read(activity, scan, files, options);
    return { files, description, treeId: this.#build(files), changed: scan.changed };
  }

  #begin(): Activity {
    const { directory } = this.#options;
    const there = this.#store.fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory();
    if (!there) throw errors.DIRECTORY_NOT_FOUND({ directory });
    try {
      this.#store.make();
    } catch (error) {
      if (!["EROFS", "EACCES", "EPERM"].includes(errorCode(error))) throw error;
    }
    return beginActivity(this.#store.fs, this.#store.gitDirectory);
  }

  /** What was seen last: by this engine, or by another one since. */
  #recall(): ProjectFiles | undefined {
    if (this.#options.separate) return this.#files;
    const stamp = this.#stampOnDisk();
    if (this.#files && (stamp === this.#stamp || stamp === "")) return this.#files;
    const cache = loadStatCache(this.#store.fs, this.#cachePath);
    if (!cache) return this.#files;
    this.#stamp = stamp;
    this.#packs = cache.packs;
    this.#unsaved = false;
    return cache.files;
  }

  /** When packs have gone, what only they held must be read again. */
  #forgetLost(known: ProjectFiles | undefined): void {
    const { packs, pending } = this.#store;
    const names = packs.namesOnDisk();
    const there = new Set(names);
    const lost = this.#packs.some((name) => !there.has(name));
    this.#packs = names;
    if (lost || !known) packs.refresh();
    if (!known || !lost) return;
    forgetLost(known.root, (id) => pending.has(id) || packs.has(Buffer.from(id, "hex")));
    known.root.dirty = true;
  }

  #scanOptions(activity: Activity, { signal }: WorkOptions) {
    const { fs, gitDirectory } = this.#store;
    if (activity.writable) this.#abilities ??= readAbilities(fs, gitDirectory);
    const ignoresCase = this.#abilities?.ignoresCase ?? process.platform !== "linux";
    return {
      fs,
      directory: this.#options.directory,
      topRules: (load: () => string[]) => RuleLevel.top(ignoresCase, load),
      exclude: this.#exclude,
      now: activity.now,
      window: activity.window,
      trustFolders: activity.trustFolders,
      ...(signal ? { signal } : {}),
    };
  }

  /** Reads what the scan asks for, and big files whose object has gone. */
  async #read(
    activity: Activity,
    scan: Scan,
    files: ProjectFiles,
    options: WorkOptions,
  ): Promise<Description> {
    const store = this.#store;
    const before = describeFolder(files.root);
    const reads = [...scan.reads, ...(await this.#bigFiles.lost(before.large, scan.reads))];
    if (reads.length === 0) return told(before, scan);
    store.packs.refresh();
    const bytes = reads.reduce(
      (sum, read) => (read.bytes >= BIG && !read.rehash ? sum + read.bytes : sum),
      0,
    );
    requireSpace(store.fs, store.gitDirectory, bytes, "big files");
    const top = this.#options.directory.length + 1;
    const large: string[] = [];
    await readFiles(store, activity, reads, false, options, (read, found, i) => {
      if ((apply(read, found, i) & LARGE) !== 0) large.push(read.path.slice(top));
    });
    await store.attributes.add(large);
    return told(describeFolder(files.root), scan);
  }

  #build(files: ProjectFiles): string {
    buildTrees(files.root, (body) => this.#store.add("tree", body));
    return files.root.tree || this.#store.add("tree", Buffer.alloc(0));
  }

  async #keep(activity: Activity): Promise<void> {
    const { pending } = this.#store;
    const much = pending.count > FLUSH_OBJECTS || pending.bytes > FLUSH_BYTES || this.#options.separate;
    if (much && activity.writable) await this.#store.flush();
    if (activity.writable) await this.save();
  }

  get #cachePath(): string {
    return this.#store.path("datmo", "stat");
  }

  #stampOnDisk(): string {
    const facts = this.#store.fs.lstatSync(this.#cachePath, { throwIfNoEntry: false });
    return facts ? `${facts.ino} ${facts.mtimeMs} ${facts.size}` : "";
  }
}

function told(description: Description, scan: Scan): Description {
  description.skipped.push(...scan.unreadable);
  return description;
}

/** Notes in the table what was found of a file. Returns its flags. */
function apply(read: Read, found: HashedBatch, i: number): number {
  const { folder, index } = read;
  const { table } = folder;
  const rules = (table.flags[index] ?? 0) & RULES;
  const flags = found.flags[i] ?? 0;
  if (!isContent(flags)) {
    table.flags[index] = flags | rules;
    folder.dirty = true;
    if ((flags & KIND) !== UNREADABLE) folder.stale = true;
    return flags;
  }
  const id = found.ids.subarray(i * 20, i * 20 + 20);
  table.flags[index] = flags | rules;
  table.setId(index, id);
  const [mtimeMs = 0, ctimeMs = 0, size = 0, ino = 0] = found.facts.subarray(i * 4, i * 4 + 4);
  table.setFacts(index, mtimeMs, ctimeMs, size, ino);
  folder.dirty = true;
  return flags;
}
