import type { SnapshotUsage } from "../../../services/ports/collecting.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { canBePointer, type LfsPointer, parsePointer } from "../lfs/lfs-pointer.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { EMPTY_TREE } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Refs } from "../refs.ts";
import { INDEX_ROW } from "./repack-plan.ts";
import { type Roots, readRoots, type SnapshotRoot } from "./roots.ts";
import { type RawEntry, rawEntries } from "./tree-entries.ts";
import { type TakeTurn, turnTaker } from "./turn-taker.ts";

/** Owner of what is needed by more than one, or by something else. */
const SHARED = -1;

/**
 * Sizes of all snapshots in one walk: every object is met at most twice, however many snapshots hold it. Of the
 * code before it a snapshot needs the objects, and not the big files.
 */
export async function usage(
  store: ObjectStore,
  refs: Refs,
  keptTrees: readonly string[],
  options: WorkOptions,
): Promise<SnapshotUsage[]> {
  store.packs.refresh();
  const roots = await readRoots(store, refs, keptTrees);
  const walk = new UsageWalk(store, turnTaker(options.signal));
  await walk.others(roots);
  for (const [number, root] of roots.snapshots.entries()) {
    options.progress?.({ message: "Measuring snapshots", done: number, total: roots.snapshots.length });
    await walk.own(number, root);
  }
  const own = walk.ownBytes(roots.snapshots.length);
  const found: SnapshotUsage[] = [];
  for (const [number, { id, tree, codeTree }] of roots.snapshots.entries()) {
    const fullBytes = (await walk.fullBytes(tree)) + (await walk.fullBytes(codeTree));
    found.push({ id, fullBytes, ownBytes: own[number] ?? 0 });
  }
  return found;
}

class UsageWalk {
  readonly #store: ObjectStore;
  readonly #turn: TakeTurn;
  /** Objects by what alone needs them; separately the trees and files that are needed with their big files. */
  readonly #owners = new Map<string, number>();
  readonly #contentOwners = new Map<string, number>();
  readonly #full = new Map<string, number>();
  readonly #pointers = new Map<string, LfsPointer | undefined>();
  readonly #entries = new Map<string, readonly RawEntry[]>();

  constructor(store: ObjectStore, turn: TakeTurn) {
    this.#store = store;
    this.#turn = turn;
  }

  async others({ others, trees }: Roots): Promise<void> {
    for (const id of others) await this.#objects(SHARED, id);
    for (const id of trees) await this.#tree(SHARED, id, true);
  }

  async own(number: number, root: SnapshotRoot): Promise<void> {
    await this.#objects(number, root.commit);
    await this.#contents(number, root.tree);
    await this.#contents(number, root.codeTree);
  }

  ownBytes(count: number): number[] {
    const bytes = new Array<number>(count).fill(0);
    for (const [id, owner] of this.#owners) {
      if (owner !== SHARED) bytes[owner] = (bytes[owner] ?? 0) + this.#storedBytes(id);
    }
    for (const [id, owner] of this.#contentOwners) {
      if (owner === SHARED) continue;
      bytes[owner] = (bytes[owner] ?? 0) + (this.#pointers.get(id)?.bytes ?? 0);
    }
    return bytes;
  }

  /** Size of everything in a tree, big files as such. */
  async fullBytes(tree: string): Promise<number> {
    const known = this.#full.get(tree);
    if (known !== undefined) return known;
    let bytes = 0;
    for (const entry of await this.#list(tree)) {
      bytes += entry.isTree ? await this.fullBytes(entry.id) : await this.#fileBytes(entry);
    }
    this.#full.set(tree, bytes);
    return bytes;
  }

  /** True when the object has to be looked into: it is met for the first time, or by a second owner. */
  #claim(owners: Map<string, number>, id: string, owner: number): boolean {
    const before = owners.get(id);
    if (before === SHARED || before === owner) return false;
    owners.set(id, before === undefined ? owner : SHARED);
    return true;
  }

  /** Everything that can be reached from a commit. */
  async #objects(owner: number, from: string): Promise<void> {
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (!this.#claim(this.#owners, id, owner)) continue;
      await this.#turn();
      const { type, body } = await this.#store.reader.read(id);
      if (type === "tag") {
        const target = /^object ([0-9a-f]{40})\n/.exec(body.toString("latin1"))?.[1];
        if (target) open.push(target);
      }
      if (type !== "commit") continue;
      const { tree, parents } = parseCommit(body);
      open.push(...parents);
      await this.#tree(owner, tree, false);
    }
  }

  async #tree(owner: number, tree: string, withContents: boolean): Promise<void> {
    const open = [tree];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (!this.#claim(this.#owners, id, owner)) continue;
      for (const entry of await this.#list(id)) {
        if (entry.isTree) open.push(entry.id);
        else this.#claim(this.#owners, entry.id, owner);
      }
    }
    if (withContents) await this.#contents(owner, tree);
  }

  /** The big files of a tree. */
  async #contents(owner: number, tree: string): Promise<void> {
    const open = [tree];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (!this.#claim(this.#contentOwners, id, owner)) continue;
      for (const entry of await this.#list(id)) {
        if (entry.isTree) open.push(entry.id);
        else if (await this.#pointerOf(entry)) this.#claim(this.#contentOwners, entry.id, owner);
      }
    }
  }

  async #list(tree: string): Promise<readonly RawEntry[]> {
    const known = this.#entries.get(tree);
    if (known) return known;
    await this.#turn();
    const { entries } = await rawEntries(this.#store.reader, tree);
    this.#entries.set(tree, entries);
    return entries;
  }

  async #pointerOf(entry: RawEntry): Promise<LfsPointer | undefined> {
    if (entry.isLink) return undefined;
    if (!this.#pointers.has(entry.id)) {
      const { reader } = this.#store;
      const { size } = await reader.facts(entry.id);
      const body = canBePointer(size) ? await reader.readAs(entry.id, "blob") : undefined;
      this.#pointers.set(entry.id, body && parsePointer(body));
    }
    return this.#pointers.get(entry.id);
  }

  async #fileBytes(entry: RawEntry): Promise<number> {
    return (await this.#pointerOf(entry))?.bytes ?? (await this.#store.reader.facts(entry.id)).size;
  }

  #storedBytes(id: string): number {
    if (id === EMPTY_TREE) return 0;
    const found = this.#store.packs.find(Buffer.from(id, "hex"));
    return found ? found.place.end - found.place.start + INDEX_ROW : 0;
  }
}
