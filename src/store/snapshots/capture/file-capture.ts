import { createHash } from "node:crypto";
import { errors } from "../../../protocol/errors.ts";
import type { FileEntry, FileSource, WorkOptions } from "../../../services/ports/snapshots.ts";
import { type Activity, beginActivity } from "../activity.ts";
import { requireSpace } from "../files/free-space.ts";
import type { HeldWork } from "../held-work.ts";
import type { LfsHints } from "../lfs/lfs-hints.ts";
import { encodePointer } from "../lfs/lfs-pointer.ts";
import { componentTree, type PlacedEntry } from "../objects/component-tree.ts";
import { toHex } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { treeMode } from "../objects/tree-builder.ts";
import { type Leaf, readLeaves } from "../objects/tree-walk.ts";
import { FILES } from "../publish.ts";
import { pointerOf } from "../read-snapshot.ts";
import { GONE, isContent, KIND, LARGE, RACY, UNSTABLE } from "./entry-kind.ts";
import type { HashedBatch } from "./hash-batch.ts";
import { listSources, type SourceFile, type Sources } from "./list-sources.ts";
import { readFiles } from "./read-files.ts";

const BIG = 4 * 1024 * 1024;
const MOST_REMEMBERED = 20_000;

export interface FileCaptureResult {
  readonly treeId: string;
  readonly files: FileEntry[];
  /** What lay in a folder and could not be taken. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Files that changed while they were read. */
  readonly unstable: readonly string[];
}

interface Taken {
  readonly placed: PlacedEntry;
  readonly entry: FileEntry;
}

/** Takes files from anywhere as the files component. */
export class FileCapture {
  readonly #store: ObjectStore;
  readonly #directory: string;
  readonly #datmoDirectory: string;
  readonly #hints: LfsHints;
  readonly #held: HeldWork;
  /** SHA-256 and size of contents met before, by blob. */
  readonly #contents = new Map<string, Omit<FileEntry, "path" | "source">>();

  constructor(
    store: ObjectStore,
    hints: LfsHints,
    directory: string,
    datmoDirectory: string,
    held: HeldWork,
  ) {
    this.#store = store;
    this.#held = held;
    this.#hints = hints;
    this.#directory = directory;
    this.#datmoDirectory = datmoDirectory;
  }

  /** Durable when it resolves: a file that a run logged is kept whatever becomes of the run. */
  async capture(
    entries: readonly FileSource[],
    options: WorkOptions & { readonly base?: string; readonly root?: string },
  ): Promise<FileCaptureResult> {
    const store = this.#store;
    store.make();
    const { base, root = this.#directory } = options;
    const sources = listSources(store.fs, this.#datmoDirectory, root, entries);
    const activity = beginActivity(store.fs, store.gitDirectory);
    try {
      store.packs.refresh();
      const unstable: string[] = [];
      const taken = await this.#take(activity, sources, unstable, options);
      const all = [...(base ? await this.#below(base, taken) : []), ...taken.values()];
      const treeId = componentTree(
        store,
        all.map(({ placed }) => placed),
      );
      await store.flush();
      await this.#hints.save();
      const files = all.map(({ entry }) => entry).sort((a, b) => (a.path < b.path ? -1 : 1));
      this.#held.holdFiles(activity, treeId);
      return { treeId, files, skipped: sources.skipped, unstable };
    } catch (error) {
      activity.end();
      throw error;
    }
  }

  async #take(
    activity: Activity,
    sources: Sources,
    unstable: string[],
    options: WorkOptions,
  ): Promise<Map<string, Taken>> {
    const store = this.#store;
    const taken = new Map<string, Taken>();
    const large: string[] = [];
    const reads = sources.files.filter((file) => !this.#takeKnown(file, taken));
    const bytes = reads.reduce((sum, read) => (read.bytes >= BIG ? sum + read.bytes : sum), 0);
    requireSpace(store.fs, store.gitDirectory, bytes, "big files");
    await readFiles(store, activity, reads, true, options, (file, found, i) => {
      const flags = found.flags[i] ?? 0;
      if (!isContent(flags)) {
        refuse(file, flags, found.problems[i], sources);
        return;
      }
      if (flags & UNSTABLE) unstable.push(file.name);
      if (flags & LARGE) large.push(`${FILES}/${file.name}`);
      taken.set(file.name, this.#toTaken(file, found, i));
    });
    await store.attributes.add(large);
    return taken;
  }

  /** True when a big file looks as it did when it was stored. */
  #takeKnown(file: SourceFile, taken: Map<string, Taken>): boolean {
    const pointer = file.bytes >= BIG && !file.link ? this.#hints.find(file.path, file.facts) : undefined;
    if (!pointer || !this.#store.lfs.use(pointer)) return false;
    const mode = file.facts.mode & 0o100 ? "100755" : "100644";
    const id = this.#store.add("blob", encodePointer(pointer));
    const entry = { path: file.name, bytes: pointer.bytes, sha256: pointer.sha256, ...sourceOf(file) };
    taken.set(file.name, { placed: { path: file.name, mode, id }, entry });
    return true;
  }

  #toTaken(file: SourceFile, found: HashedBatch, i: number): Taken {
    const flags = found.flags[i] ?? 0;
    const id = toHex(found.ids.subarray(i * 20, i * 20 + 20));
    const facts = found.facts.subarray(i * 4, i * 4 + 4);
    const sha256 = found.sha256[i] ?? "";
    const bytes = facts[2] ?? 0;
    if (flags & LARGE && !(flags & RACY)) this.#hints.set(file.path, [...facts], sha256);
    this.#remember(id, { bytes, sha256 });
    return {
      placed: { path: file.name, mode: treeMode(flags & KIND), id },
      entry: { path: file.name, bytes, sha256, ...sourceOf(file) },
    };
  }

  /** What of the tree below stays: everything that the new files do not take the place of. */
  async #below(base: string, taken: ReadonlyMap<string, Taken>): Promise<Taken[]> {
    const folders = new Set<string>();
    for (const name of taken.keys()) {
      for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1))
        folders.add(name.slice(0, at));
    }
    const covered = (path: string): boolean => {
      if (taken.has(path) || folders.has(path)) return true;
      for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
        if (taken.has(path.slice(0, at))) return true;
      }
      return false;
    };
    const staying = (await readLeaves(this.#store.reader, base)).filter((leaf) => !covered(leaf.path));
    const kept: Taken[] = [];
    for (const leaf of staying) {
      const content = await this.#contentOf(leaf);
      kept.push({ placed: leaf, entry: { path: leaf.path, ...content } });
    }
    return kept;
  }

  async #contentOf(leaf: Leaf): Promise<Omit<FileEntry, "path" | "source">> {
    const known = this.#contents.get(leaf.id);
    if (known) return known;
    const body = await this.#store.reader.readAs(leaf.id, "blob");
    const pointer =
      leaf.mode === "120000" ? undefined : await pointerOf(this.#store.reader, leaf.id, body.length);
    const content = pointer
      ? { bytes: pointer.bytes, sha256: pointer.sha256 }
      : { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
    this.#remember(leaf.id, content);
    return content;
  }

  #remember(blobId: string, content: Omit<FileEntry, "path" | "source">): void {
    if (this.#contents.size >= MOST_REMEMBERED) this.#contents.clear();
    this.#contents.set(blobId, content);
  }
}

function sourceOf({ place }: SourceFile): { source?: string } {
  return place === undefined ? {} : { source: place };
}

/** What was named must be taken; what lies in a named folder is told of. */
function refuse(file: SourceFile, flags: number, problem: string | undefined, sources: Sources): void {
  const gone = (flags & KIND) === GONE;
  if (file.named && gone) throw errors.PATH_NOT_FOUND({ path: file.path });
  const reason = problem ? `it cannot be read (${problem})` : "it is a pipe, socket or device";
  if (file.named) throw errors.PATH_INVALID({ path: file.path, reason });
  if (!gone) sources.skipped.push({ path: file.name, reason });
}
