import type { PurgeQuery, PurgeTarget } from "../../../services/ports/collecting.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { decodeName } from "../files/names.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import { hashObject, toHex } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { readLeaves } from "../objects/tree-walk.ts";
import { ENVIRONMENT, FILES, MANIFEST } from "../publish.ts";
import type { Refs } from "../refs.ts";
import { listLoose } from "./repack-plan.ts";
import { ownTrees, readRoots, type SnapshotRoot } from "./roots.ts";
import { rawEntries } from "./tree-entries.ts";
import { type TakeTurn, turnTaker } from "./turn-taker.ts";

/** Everybody's empty files are one; there is nothing in it that could be removed. */
const EMPTY_BLOB = toHex(hashObject("blob", Buffer.alloc(0)));

/** The contents at some paths, in every commit that is stored, or those that only some snapshots hold. */
export async function findTarget(
  store: ObjectStore,
  refs: Refs,
  query: PurgeQuery,
  options: WorkOptions,
): Promise<PurgeTarget> {
  const turn = turnTaker(options.signal);
  store.packs.refresh();
  const found = new Finder(store, turn);
  if (query.matches) {
    const { matches } = query;
    for (const commit of await storedCommits(store, turn)) await found.inCommit(commit, matches);
    for (const tree of query.keptTrees) if (store.hasTree(tree)) await found.inTree(tree, "", matches);
  }
  if (query.snapshots.length > 0) await findOwn(store, refs, query, found, turn);
  found.blobs.delete(EMPTY_BLOB);
  return { blobs: [...found.blobs].sort(), paths: [...found.paths].sort() };
}

/** Ids of the snapshots that hold one of these contents themselves, not only in the code before them. */
export async function holders(
  store: ObjectStore,
  refs: Refs,
  blobs: ReadonlySet<string>,
  options: WorkOptions,
): Promise<string[]> {
  const turn = turnTaker(options.signal);
  store.packs.refresh();
  const { snapshots } = await readRoots(store, refs, []);
  const known = new Map<string, boolean>();
  const holds = async (tree: string): Promise<boolean> => {
    const before = known.get(tree);
    if (before !== undefined) return before;
    await turn();
    let found = false;
    for (const entry of (await rawEntries(store.reader, tree)).entries) {
      found = entry.isTree ? await holds(entry.id) : blobs.has(entry.id);
      if (found) break;
    }
    known.set(tree, found);
    return found;
  };
  const ids: string[] = [];
  for (const { id, tree, codeTree } of snapshots)
    if ((await holds(codeTree)) || (await holds(tree))) ids.push(id);
  return ids;
}

/** Subtrees of a snapshot's own tree with the paths that a person would call their files by. */
export async function componentTrees(
  store: ObjectStore,
  tree: string,
): Promise<{ readonly name: string; readonly tree: string }[]> {
  const { entries } = await rawEntries(store.reader, tree);
  return entries
    .filter((entry) => entry.isTree)
    .map((entry) => ({ name: decodeName(entry.name), tree: entry.id }))
    .filter(({ name }) => name === FILES || name === ENVIRONMENT);
}

class Finder {
  readonly blobs = new Set<string>();
  readonly paths = new Set<string>();
  readonly #store: ObjectStore;
  readonly #turn: TakeTurn;
  readonly #seen = new Set<string>();

  constructor(store: ObjectStore, turn: TakeTurn) {
    this.#store = store;
    this.#turn = turn;
  }

  async inCommit(id: string, matches: (path: string) => boolean): Promise<void> {
    const { tree, parents } = parseCommit(await this.#store.reader.readAs(id, "commit"));
    if (!this.#store.hasTree(tree)) return;
    if (!(await isSnapshotTree(this.#store, tree, parents[0]))) return this.inTree(tree, "", matches);
    const places = await placesIn(this.#store, tree);
    for (const { name, tree: below } of await componentTrees(this.#store, tree)) {
      if (name === FILES && places.size > 0) await this.#byPlace(below, places, matches);
      // A definition lies in the project's root as well.
      const asInProject = (path: string): boolean =>
        path.startsWith("definition/") && matches(path.slice("definition/".length));
      await this.inTree(below, "", name === ENVIRONMENT ? asInProject : matches);
    }
  }

  /** Kept files lie under names of their own; a person may know them by where they lay in the project. */
  async #byPlace(
    filesTree: string,
    places: ReadonlyMap<string, string>,
    matches: (path: string) => boolean,
  ): Promise<void> {
    if (![...places.values()].some(matches) || !this.#store.hasTree(filesTree)) return;
    for (const { path, id } of await readLeaves(this.#store.reader, filesTree)) {
      const place = places.get(path);
      if (place === undefined || !matches(place)) continue;
      this.blobs.add(id);
      this.paths.add(place);
    }
  }

  async inTree(tree: string, prefix: string, matches: (path: string) => boolean): Promise<void> {
    const key = `${tree} ${prefix}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    // Below a commit that nothing needs some may have gone; what a snapshot lacks is told by a check.
    if (!this.#store.hasTree(tree)) return;
    await this.#turn();
    for (const entry of (await rawEntries(this.#store.reader, tree)).entries) {
      const path = prefix + decodeName(entry.name);
      if (entry.isTree) await this.inTree(entry.id, `${path}/`, matches);
      else if (matches(path)) {
        this.blobs.add(entry.id);
        this.paths.add(path);
      }
    }
  }
}

/** A snapshot's tree names the code that it belongs to. */
export async function isSnapshotTree(
  store: ObjectStore,
  tree: string,
  codeCommit: string | undefined,
): Promise<boolean> {
  if (!codeCommit) return false;
  const { entries } = await rawEntries(store.reader, tree);
  const manifest = entries.find((entry) => decodeName(entry.name) === MANIFEST && !entry.isTree);
  if (!manifest || !store.reader.has(manifest.id) || !store.reader.has(codeCommit)) return false;
  try {
    const text = (await store.reader.readAs(manifest.id, "blob")).toString("utf8");
    const { code } = JSON.parse(text) as { code?: { tree?: string } };
    return code?.tree === parseCommit(await store.reader.readAs(codeCommit, "commit")).tree;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DamagedObject) return false;
    throw error;
  }
}

/** Where the kept files of a snapshot lay in the project, by their names. */
async function placesIn(store: ObjectStore, tree: string): Promise<Map<string, string>> {
  const { entries } = await rawEntries(store.reader, tree);
  const manifest = entries.find((entry) => decodeName(entry.name) === MANIFEST && !entry.isTree);
  if (!manifest) return new Map();
  const text = (await store.reader.readAs(manifest.id, "blob")).toString("utf8");
  const { files = [] } = JSON.parse(text) as { files?: readonly { path: string; source?: string }[] };
  return new Map(files.flatMap(({ path, source }): [string, string][] => (source ? [[path, source]] : [])));
}

/** Also those that nothing needs any more: what is to go for good must not wait there. */
async function storedCommits(store: ObjectStore, turn: TakeTurn): Promise<string[]> {
  const found: string[] = [];
  const ids = new Set(listLoose(store).map(({ id }) => id));
  for (const pack of store.packs.all) {
    for (let position = 0; position < pack.index.count; position++) ids.add(toHex(pack.index.idAt(position)));
  }
  for (const id of ids) {
    await turn();
    if ((await store.reader.facts(id)).type === "commit") found.push(id);
  }
  return found;
}

async function findOwn(
  store: ObjectStore,
  refs: Refs,
  query: PurgeQuery,
  found: Finder,
  turn: TakeTurn,
): Promise<void> {
  const roots = await readRoots(store, refs, query.keptTrees);
  const asked = new Set(query.snapshots);
  const isAsked = ({ id }: SnapshotRoot): boolean => asked.has(id);
  const rest = new Finder(store, turn);
  const others = { ...roots, snapshots: roots.snapshots.filter((root) => !isAsked(root)) };
  for (const tree of ownTrees(others)) await rest.inTree(tree, "", () => true);
  const own = new Finder(store, turn);
  for (const { tree, codeTree } of roots.snapshots.filter(isAsked)) {
    await own.inTree(tree, "", () => true);
    await own.inTree(codeTree, "", () => true);
  }
  for (const id of own.blobs) if (!rest.blobs.has(id)) found.blobs.add(id);
  for (const path of own.paths) if (!rest.paths.has(path)) found.paths.add(path);
}
