import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { canBePointer, type LfsPointer, parsePointer } from "../../lfs/lfs-pointer.ts";
import { parseCommit } from "../../objects/commit-format.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import type { ObjectReader } from "../../objects/object-reader.ts";
import { readTree } from "../../objects/tree-walk.ts";
import { Slices } from "../intake/slices.ts";

export interface NeededFiles {
  /** By their hash. */
  readonly pointers: ReadonlyMap<string, LfsPointer>;
  /** Where they lie in the trees. */
  readonly paths: ReadonlySet<string>;
}

/**
 * The big files behind commits: those in their own trees, and in those of their first parents, which hold the
 * code of a snapshot. What only older commits of the chain need is not asked for: it may be gone. Throws
 * `DamagedObject`.
 */
export async function neededFiles(
  reader: ObjectReader,
  commits: Iterable<string>,
  options: WorkOptions,
): Promise<NeededFiles> {
  const search = new Search(reader, options);
  for (const id of commits) {
    const commit = parseCommit(await reader.readAs(id, "commit"));
    await search.tree(commit.tree, "");
    const [parent] = commit.parents;
    if (parent) await search.tree(parseCommit(await reader.readAs(parent, "commit")).tree, "");
  }
  return search;
}

/** Places of big files in all trees together. */
const MOST_PATHS = 1_000_000;

class Search implements NeededFiles {
  readonly pointers = new Map<string, LfsPointer>();
  readonly paths = new Set<string>();
  readonly #reader: ObjectReader;
  readonly #slices: Slices;
  readonly #seen = new Set<string>();
  /** By the id of a blob: the pointer that it is. */
  readonly #pointers = new Map<string, LfsPointer | undefined>();
  /** By the id of a tree: whether there are big files in it. */
  readonly #holds = new Map<string, boolean>();

  constructor(reader: ObjectReader, options: WorkOptions) {
    this.#reader = reader;
    this.#slices = new Slices(options);
  }

  /** Goes to every place of a tree that holds big files, and only once through all others. */
  async tree(id: string, prefix: string): Promise<void> {
    const key = `${id} ${prefix}`;
    if (this.#seen.has(key) || !(await this.#holdsPointers(id))) return;
    this.#seen.add(key);
    for (const { name, mode, id: below } of await readTree(this.#reader, id)) {
      if (mode === "40000") await this.tree(below, `${prefix}${name}/`);
      else if (mode !== "120000") await this.#place(below, prefix + name);
    }
  }

  async #holdsPointers(id: string): Promise<boolean> {
    const known = this.#holds.get(id);
    if (known !== undefined) return known;
    await this.#slices.next();
    let holds = false;
    for (const { mode, id: below } of await readTree(this.#reader, id)) {
      if (mode === "40000") holds = (await this.#holdsPointers(below)) || holds;
      else if (mode !== "120000") holds = (await this.#pointer(below)) !== undefined || holds;
    }
    this.#holds.set(id, holds);
    return holds;
  }

  async #place(id: string, path: string): Promise<void> {
    const pointer = await this.#pointer(id);
    if (!pointer) return;
    await this.#slices.next();
    this.pointers.set(pointer.sha256, pointer);
    this.paths.add(path);
    if (this.paths.size > MOST_PATHS) throw new DamagedObject(id, "is a big file in too many places");
  }

  async #pointer(id: string): Promise<LfsPointer | undefined> {
    if (this.#pointers.has(id)) return this.#pointers.get(id);
    const { size } = await this.#reader.facts(id);
    const pointer = canBePointer(size) ? parsePointer(await this.#reader.readAs(id, "blob")) : undefined;
    this.#pointers.set(id, pointer);
    return pointer;
  }
}
