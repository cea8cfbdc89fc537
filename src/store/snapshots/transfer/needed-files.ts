import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { canBePointer, type LfsPointer, parsePointer } from "../lfs/lfs-pointer.ts";
import { parseCommit } from "../objects/commit-format.ts";
import type { ObjectReader } from "../objects/object-reader.ts";
import { readTree } from "../objects/tree-walk.ts";
import { Slices } from "./slices.ts";

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

class Search implements NeededFiles {
  readonly pointers = new Map<string, LfsPointer>();
  readonly paths = new Set<string>();
  readonly #reader: ObjectReader;
  readonly #slices: Slices;
  readonly #seen = new Set<string>();

  constructor(reader: ObjectReader, options: WorkOptions) {
    this.#reader = reader;
    this.#slices = new Slices(options);
  }

  async tree(id: string, prefix: string): Promise<void> {
    // The same tree in another place holds the same big files under other names.
    const key = `${id} ${prefix}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    await this.#slices.next();
    for (const { name, mode, id: below } of await readTree(this.#reader, id)) {
      if (mode === "40000") await this.tree(below, `${prefix}${name}/`);
      else if (mode !== "120000") await this.#blob(below, prefix + name);
    }
  }

  async #blob(id: string, path: string): Promise<void> {
    const key = `${id} ${path}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const { size } = await this.#reader.facts(id);
    if (!canBePointer(size)) return;
    const pointer = parsePointer(await this.#reader.readAs(id, "blob"));
    if (!pointer) return;
    this.pointers.set(pointer.sha256, pointer);
    this.paths.add(path);
  }
}
