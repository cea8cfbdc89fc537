import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import { EMPTY_TREE, type ObjectType } from "../../objects/object-id.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import type { PackedObject } from "../../objects/pack-writer.ts";
import { parseStrictCommit } from "../../objects/strict-commit.ts";
import { encodeTree, parseTree, type TreeEntry } from "../../objects/tree-format.ts";
import { screenEntries } from "../../objects/tree-walk.ts";
import type { ObjectSource, SourceObject } from "./object-source.ts";
import { Slices } from "./slices.ts";

/** Folders in folders; a path of more could not be written anywhere. */
const DEEPEST = 1000;
/** Files of one tree, counted wherever they appear: a few small trees that name each other can stand for any number. */
const MOST_FILES = 10_000_000;

/** What a tree stands for when it is written out. */
interface Extent {
  readonly files: number;
  /** Folders in folders. */
  readonly height: number;
}

const EMPTY: Extent = { files: 0, height: 0 };

interface FoundCommit {
  readonly id: string;
  readonly tree: string;
  /** Absent when the store has it. */
  readonly packed?: PackedObject;
}

/**
 * Takes commits with everything that they need out of a foreign git directory into the store. Every object is
 * proven by its id, trees and names are held against what taking a snapshot allows, and an object goes in only
 * behind all that it names: what is in the store is complete, also when this is cut off.
 */
export class Intake {
  readonly #store: ObjectStore;
  readonly #source: ObjectSource | undefined;
  readonly #complete: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  readonly #extents = new Map<string, Extent>();
  readonly #slices: Slices;
  readonly #options: WorkOptions;
  /** Objects that were not there before. */
  count = 0;

  /** `complete`: commits that references of the store reach. Without a source it only looks whether all is there. */
  constructor(
    store: ObjectStore,
    source: ObjectSource | undefined,
    complete: ReadonlySet<string>,
    options: WorkOptions,
  ) {
    this.#store = store;
    this.#source = source;
    this.#complete = complete;
    this.#slices = new Slices(options);
    this.#options = options;
  }

  /** Throws `DamagedObject`. What was taken is on disk when `finish` resolves. */
  async commit(id: string): Promise<void> {
    for (const commit of await this.#commitsBelow(id)) {
      await this.#tree(commit.tree, 0);
      if (commit.packed) await this.#put(commit.packed);
      this.#seen.add(commit.id);
    }
  }

  async finish(): Promise<void> {
    await this.#store.flush();
  }

  /** A commit and those it builds on that are not known to be complete, parents first. */
  async #commitsBelow(top: string): Promise<FoundCommit[]> {
    const order: FoundCommit[] = [];
    const visited = new Set<string>();
    const stack: (FoundCommit | string)[] = [top];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (typeof next !== "string") {
        order.push(next);
        continue;
      }
      if (visited.has(next) || this.#seen.has(next) || this.#complete.has(next)) continue;
      visited.add(next);
      await this.#slices.next();
      const { body, packed } = await this.#object(next, "commit");
      const commit = parsed(next, body, parseStrictCommit);
      stack.push({ id: next, tree: commit.tree, ...(packed ? { packed } : {}) }, ...commit.parents);
    }
    return order;
  }

  async #tree(id: string, depth: number): Promise<Extent> {
    const known = this.#extents.get(id);
    if (known) return within(id, depth, known);
    within(id, depth, EMPTY);
    // Git knows it without having it, and fsck misses it all the same.
    if (id === EMPTY_TREE) {
      this.#store.add("tree", Buffer.alloc(0));
      return EMPTY;
    }
    await this.#slices.next();
    const { body, packed } = await this.#object(id, "tree");
    let extent = EMPTY;
    for (const entry of parsed(id, body, (bytes) => strictTree(id, bytes))) {
      if (entry.mode === "40000") extent = joined(extent, await this.#tree(entry.id, depth + 1));
      else {
        if (!this.#seen.has(entry.id)) await this.#blob(entry.id);
        extent = { ...extent, files: extent.files + 1 };
      }
    }
    within(id, depth, extent);
    if (packed) await this.#put(packed);
    this.#extents.set(id, extent);
    return extent;
  }

  async #blob(id: string): Promise<void> {
    const turn = this.#slices.next();
    if (turn) await turn;
    if (!this.#isHere(id)) await this.#put((await this.#taken(id, "blob")).packed);
    this.#seen.add(id);
  }

  #isHere(id: string): boolean {
    return this.#store.pending.has(id) || this.#store.known(Buffer.from(id, "hex"));
  }

  /** A commit or tree of the store, or one of the source with its bytes for a pack. */
  async #object(id: string, type: ObjectType): Promise<{ body: Buffer; packed?: PackedObject }> {
    return this.#isHere(id) ? { body: await this.#store.reader.readAs(id, type) } : this.#taken(id, type);
  }

  async #taken(id: string, type: ObjectType): Promise<SourceObject> {
    if (!this.#source) throw new DamagedObject(id, "is missing");
    return this.#source.take(id, type);
  }

  async #put(packed: PackedObject): Promise<void> {
    this.#store.pending.put(packed.id, packed);
    this.count++;
    if (this.count % 1000 === 0) this.#options.progress?.({ message: "Checking objects", done: this.count });
    await this.#store.flushFull();
  }
}

function joined(above: Extent, below: Extent): Extent {
  return { files: above.files + below.files, height: Math.max(above.height, below.height + 1) };
}

/** Throws `DamagedObject` when a tree stands for what could not be written anywhere. */
function within(id: string, depth: number, extent: Extent): Extent {
  if (depth + extent.height > DEEPEST) throw new DamagedObject(id, "lies too deep");
  if (extent.files > MOST_FILES) throw new DamagedObject(id, "stands for more files than a project can have");
  return extent;
}

/** Entries in git's order, in git's form, with names that may be on disk. */
function strictTree(id: string, body: Buffer): readonly TreeEntry[] {
  const entries = parseTree(body);
  if (!encodeTree(entries).equals(body)) throw new Error("it is not in the order or form that git writes");
  screenEntries(id, entries);
  return entries;
}

function parsed<T>(id: string, body: Buffer, parse: (body: Buffer) => T): T {
  try {
    return parse(body);
  } catch (error) {
    if (error instanceof DamagedObject) throw error;
    throw new DamagedObject(id, `cannot be taken: ${(error as Error).message}`);
  }
}
