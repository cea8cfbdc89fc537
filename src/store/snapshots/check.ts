import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";
import type { WorkOptions } from "../../services/ports/snapshots.ts";
import { listBigFiles } from "./collect/big-files.ts";
import { reach } from "./collect/reach.ts";
import { listLoose } from "./collect/repack-plan.ts";
import { readFully } from "./files/file-system.ts";
import { type LfsPointer, parsePointer } from "./lfs/lfs-pointer.ts";
import { parseCommit } from "./objects/commit-format.ts";
import { DamagedObject } from "./objects/damaged-object.ts";
import { toHex } from "./objects/object-id.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import { PackIndex } from "./objects/pack-index.ts";
import { readTree } from "./objects/tree-walk.ts";
import { type Refs, SNAPSHOTS, TIP } from "./refs.ts";

export interface FoundProblem {
  readonly path: string;
  readonly problem: string;
  readonly snapshots: string[];
}

const BLOCK = 1024 * 1024;
const SLICE_MS = 25;

/** Reads every pack, reference, object and big file, whether a snapshot needs it or not. Changes nothing. */
export async function check(store: ObjectStore, refs: Refs, options: WorkOptions): Promise<FoundProblem[]> {
  const checker = new Checker(store, options);
  store.packs.refresh();
  await checker.packs();
  const ids = refs.ids();
  for (const [done, id] of ids.entries()) {
    options.progress?.({ message: "Checking snapshots", done, total: ids.length });
    await checker.snapshot(id, refs.snapshot(id));
  }
  await checker.chain(refs.tip());
  await checker.otherRefs(refs.all());
  await checker.everyObject();
  await checker.everyBigFile();
  checker.packsWithoutIndex();
  return checker.found();
}

class Checker {
  readonly #store: ObjectStore;
  readonly #options: WorkOptions;
  readonly #problems = new Map<string, { path: string; problem: string; snapshots: Set<string> }>();
  /** Problems in and below every tree, blob and big file looked at so far. */
  readonly #seen = new Map<string, readonly string[]>();
  /** Big files looked at so far. */
  readonly #hashed = new Set<string>();
  #deadline = performance.now() + SLICE_MS;

  constructor(store: ObjectStore, options: WorkOptions) {
    this.#store = store;
    this.#options = options;
  }

  found(): FoundProblem[] {
    return [...this.#problems.values()].map(({ path, problem, snapshots }) => ({
      path,
      problem,
      snapshots: [...snapshots].sort(),
    }));
  }

  async packs(): Promise<void> {
    for (const name of this.#store.packs.allNames()) {
      await this.#turn();
      const path = `git/objects/pack/${name}`;
      try {
        const index = this.#store.fs.readFileSync(this.#store.path("objects", "pack", `${name}.idx`));
        const sum = createHash("sha1").update(index.subarray(0, -20)).digest();
        if (!sum.equals(index.subarray(-20))) throw new Error("its index does not match its checksum");
        const pack = this.#packChecksum(name);
        if (!pack.equals(PackIndex.of(index).packChecksum()))
          throw new Error("it does not match its checksum");
      } catch (error) {
        this.#note(`${path}.pack`, (error as Error).message);
      }
    }
  }

  /** Where something is missing one of them may hold it; else a killed process left them. */
  packsWithoutIndex(): void {
    if (this.#problems.size === 0) return;
    for (const name of this.#store.packs.orphans()) {
      const path = `git/objects/pack/${name}`;
      this.#note(path, `it has no index; what is missing may be in it: git index-pack .datmo/${path}`);
    }
  }

  async snapshot(id: string, commitId: string | undefined): Promise<void> {
    const path = `git/refs/datmo/snapshots/${id}`;
    if (!commitId) {
      this.#blame(id, [this.#note(path, "the reference is damaged")]);
      return;
    }
    const commit = await this.#commit(commitId, path);
    const keys = [...commit.keys];
    const code = commit.parents[0] ? await this.#commit(commit.parents[0], path) : undefined;
    if (code) keys.push(...code.keys, ...(code.tree ? await this.#tree(code.tree, "") : []));
    if (commit.tree) keys.push(...(await this.#tree(commit.tree, `snapshot ${id}: `)));
    this.#blame(id, keys);
  }

  /** The chain of code commits, as stock git shows it. */
  async chain(tip: string | undefined): Promise<void> {
    const seen = new Set<string>();
    for (let id = tip; id && !seen.has(id); ) {
      seen.add(id);
      const commit: { parents: readonly string[] } = await this.#commit(id, "git/refs/heads/datmo");
      id = commit.parents[0];
    }
  }

  /** What a git or a sync named besides the snapshots. */
  async otherRefs(refs: ReadonlyMap<string, string | undefined>): Promise<void> {
    for (const [name, object] of refs) {
      if (name === TIP || name.startsWith(`${SNAPSHOTS}/`)) continue;
      try {
        if (!object) throw new DamagedObject(name, "is a damaged reference");
        await reach(this.#store, [object], () => this.#turn());
      } catch (error) {
        if (!(error instanceof DamagedObject)) throw error;
        this.#note(`git/${name}`, error.message);
      }
    }
  }

  /** Objects that no snapshot needs, or that were not met under it. */
  async everyObject(): Promise<void> {
    const ids = new Set(listLoose(this.#store).map(({ id }) => id));
    for (const pack of this.#store.packs.all) {
      for (let position = 0; position < pack.index.count; position++)
        ids.add(toHex(pack.index.idAt(position)));
    }
    let done = 0;
    for (const id of ids) {
      this.#options.progress?.({ message: "Checking objects", done: done++, total: ids.size });
      if (this.#seen.has(id)) continue;
      await this.#turn();
      try {
        await this.#store.reader.read(id);
      } catch (error) {
        this.#note(`object ${id}`, (error as Error).message);
      }
    }
  }

  async everyBigFile(): Promise<void> {
    const files = listBigFiles(this.#store).filter(({ sha256 }) => !this.#hashed.has(sha256));
    for (const [done, { sha256, bytes }] of files.entries()) {
      this.#options.progress?.({ message: "Checking big files", done, total: files.length });
      await this.#turn();
      try {
        await this.#bigFile({ sha256, bytes });
      } catch (error) {
        this.#note(
          `git/lfs/objects/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`,
          (error as Error).message,
        );
      }
    }
  }

  async #commit(
    id: string,
    path: string,
  ): Promise<{ tree?: string; parents: readonly string[]; keys: string[] }> {
    try {
      const { tree, parents } = parseCommit(await this.#store.reader.readAs(id, "commit"));
      return { tree, parents, keys: [] };
    } catch (error) {
      return { parents: [], keys: [this.#note(path, (error as Error).message)] };
    }
  }

  /** Keys of the problems in a tree; each tree is looked at once. */
  async #tree(id: string, path: string): Promise<readonly string[]> {
    const seen = this.#seen.get(id);
    if (seen) return seen;
    await this.#turn();
    const keys: string[] = [];
    try {
      for (const { name, mode, id: below } of await readTree(this.#store.reader, id)) {
        const inside = path + name;
        if (mode === "40000") keys.push(...(await this.#tree(below, `${inside}/`)));
        else keys.push(...(await this.#blob(below, inside, mode === "120000")));
      }
    } catch (error) {
      if (!(error instanceof DamagedObject)) throw error;
      keys.push(this.#note(path || "the project's folder", error.message));
    }
    this.#seen.set(id, keys);
    return keys;
  }

  async #blob(id: string, path: string, isLink: boolean): Promise<readonly string[]> {
    const seen = this.#seen.get(id);
    if (seen) return seen;
    await this.#turn();
    const keys: string[] = [];
    try {
      const pointer = parsePointer(await this.#store.reader.readAs(id, "blob"));
      if (pointer && !isLink) await this.#bigFile(pointer);
    } catch (error) {
      if (!(error instanceof DamagedObject)) throw error;
      keys.push(this.#note(path, error.message));
    }
    this.#seen.set(id, keys);
    return keys;
  }

  async #bigFile(pointer: LfsPointer): Promise<void> {
    const { fs, lfs } = this.#store;
    this.#hashed.add(pointer.sha256);
    if (!lfs.has(pointer)) throw new DamagedObject(pointer.sha256, "(a big file) is missing or cut off");
    const fd = fs.openSync(lfs.path(pointer.sha256), "r");
    try {
      if (lfs.hash(fd).sha256 !== pointer.sha256) {
        throw new DamagedObject(pointer.sha256, "(a big file) does not match its id");
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  #packChecksum(name: string): Buffer {
    const { fs } = this.#store;
    const fd = fs.openSync(this.#store.path("objects", "pack", `${name}.pack`), "r");
    try {
      const size = fs.fstatSync(fd).size - 20;
      const hash = createHash("sha1");
      const block = Buffer.alloc(BLOCK);
      for (let at = 0; at < size; ) {
        const read = readFully(fs, fd, block.subarray(0, Math.min(BLOCK, size - at)), at);
        if (read === 0) throw new Error("it is cut off");
        hash.update(block.subarray(0, read));
        at += read;
      }
      const written = Buffer.alloc(20);
      readFully(fs, fd, written, size);
      const found = hash.digest();
      if (!found.equals(written)) throw new Error("it does not match its checksum");
      return found;
    } finally {
      fs.closeSync(fd);
    }
  }

  #note(path: string, problem: string): string {
    const key = `${path}\n${problem}`;
    if (!this.#problems.has(key)) this.#problems.set(key, { path, problem, snapshots: new Set() });
    return key;
  }

  #blame(snapshot: string, keys: readonly string[]): void {
    for (const key of keys) this.#problems.get(key)?.snapshots.add(snapshot);
  }

  async #turn(): Promise<void> {
    if (performance.now() < this.#deadline) return;
    await setImmediate();
    if (this.#options.signal?.aborted) throw errors.CANCELLED({});
    this.#deadline = performance.now() + SLICE_MS;
  }
}
