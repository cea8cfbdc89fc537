import type { PurgeReport, RewrittenSnapshot } from "../../../services/ports/collecting.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { writeAtomic } from "../files/atomic-write.ts";
import { removeIfThere, syncFolderNow } from "../files/file-system.ts";
import { removePack, retire } from "../objects/consolidate.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Pack } from "../objects/pack-set.ts";
import type { PackedObject } from "../objects/pack-writer.ts";
import { FILES } from "../publish.ts";
import { type Refs, SNAPSHOTS } from "../refs.ts";
import { removeBigFile } from "./big-files.ts";
import { groupObjects, readPlanned } from "./pack-groups.ts";
import { componentTrees } from "./purge-find.ts";
import { bigFileOf } from "./reach.ts";
import { entriesOf, listLoose } from "./repack-plan.ts";
import { Rewriter } from "./rewrite.ts";
import { snapshotRoot } from "./roots.ts";
import { type TakeTurn, turnTaker } from "./turn-taker.ts";

/** References that appear while the old ones are written anew are written anew as well; nobody is that busy. */
const MOST_ROUNDS = 5;

export interface PurgeRequest {
  readonly blobs: readonly string[];
  readonly keptTrees: readonly string[];
  /** What will be named instead of what; the new is on disk, no reference names it yet. */
  planned(plan: Omit<PurgeReport, "bytes">): Promise<void>;
}

/**
 * Takes contents out of everything, in this order: the new objects, the records (`planned`), the references, and
 * then what held the contents is removed at once. May be cut off and repeated at any point.
 */
export async function purge(
  store: ObjectStore,
  refs: Refs,
  request: PurgeRequest,
  options: WorkOptions,
): Promise<PurgeReport> {
  const turn = turnTaker(options.signal);
  const blobs = new Set(request.blobs);
  const gone = new Set(blobs);
  const snapshots: RewrittenSnapshot[] = [];
  const trees = new Map<string, string>();
  let bytes = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    options.progress?.({ message: "Writing snapshots anew" });
    store.packs.refresh();
    const rewriter = new Rewriter(store, blobs, turn);
    const moved = await rewriteAll(store, refs, request, rewriter);
    if (round > 0 && moved.refs.size === 0) break;
    await store.flush();
    for (const [old, made] of moved.trees) trees.set(old, made);
    snapshots.push(...moved.snapshots);
    await request.planned({ snapshots: moved.snapshots, trees: moved.trees });
    for (const [name, commit] of moved.refs) await refs.replace(name, commit);
    for (const old of rewriter.replaced.keys()) gone.add(old);
    options.progress?.({ message: "Removing what held it" });
    bytes += await drop(store, blobs, gone, turn);
  }
  forget(store);
  return { snapshots, trees, bytes };
}

interface Moved {
  readonly refs: ReadonlyMap<string, string>;
  readonly snapshots: readonly RewrittenSnapshot[];
  readonly trees: ReadonlyMap<string, string>;
}

async function rewriteAll(
  store: ObjectStore,
  refs: Refs,
  request: PurgeRequest,
  rewriter: Rewriter,
): Promise<Moved> {
  const moved = new Map<string, string>();
  const snapshots: RewrittenSnapshot[] = [];
  for (const [name, object] of refs.all()) {
    if (!object) continue;
    const made = await rewriter.commit(object);
    if (made === object) continue;
    moved.set(name, made);
    const id = name.startsWith(`${SNAPSHOTS}/`) ? name.slice(SNAPSHOTS.length + 1) : undefined;
    if (id === undefined) continue;
    const before = await snapshotRoot(store, id, object);
    const { tree, codeTree } = await snapshotRoot(store, id, made);
    const changed = before.tree !== tree || before.codeTree !== codeTree;
    const files = (await componentTrees(store, tree)).find((part) => part.name === FILES)?.tree;
    const filesTree = files ? { filesTree: files } : {};
    snapshots.push({ id, oldCommit: object, newCommit: made, changed, codeTree, ...filesTree });
  }
  const trees = new Map<string, string>();
  for (const tree of request.keptTrees) {
    if (!store.hasTree(tree)) continue;
    const made = (await rewriter.tree(tree)).id;
    if (made !== tree) trees.set(tree, made);
  }
  return { refs: moved, snapshots, trees };
}

/** Removes contents and what named them: big files first, for only the contents say where they are. */
async function drop(
  store: ObjectStore,
  blobs: ReadonlySet<string>,
  gone: ReadonlySet<string>,
  turn: TakeTurn,
): Promise<number> {
  let bytes = 0;
  // Whoever took one of them meanwhile looks again before and after naming it.
  await writeAtomic(store.fs, store.path("datmo", "purges"), [Buffer.from(`${Date.now()}\n`)]);
  for (const id of blobs) {
    const sha256 = await bigFileOf(store, id);
    if (!sha256) continue;
    const facts = store.fs.lstatSync(store.lfs.path(sha256), { throwIfNoEntry: false });
    removeBigFile(store, sha256);
    bytes += facts?.size ?? 0;
  }
  for (const object of listLoose(store)) {
    if (gone.has(object.id) && removeIfThere(store.fs, object.path)) bytes += object.bytes;
  }
  store.packs.refresh();
  for (const pack of store.packs.all) {
    await turn();
    bytes += await dropFromPack(store, pack, gone, turn);
  }
  store.packs.refresh();
  return bytes;
}

/** Writes a pack anew without some objects, and removes it at once. */
async function dropFromPack(
  store: ObjectStore,
  pack: Pack,
  gone: ReadonlySet<string>,
  turn: TakeTurn,
): Promise<number> {
  const staying: string[] = [];
  let bytes = 0;
  for (const [id, size] of entriesOf(pack)) {
    if (gone.has(id)) bytes += size;
    else staying.push(id);
  }
  if (bytes === 0) return 0;
  for (const group of await groupObjects(store, staying, turn)) {
    const objects: PackedObject[] = [];
    for (const object of group) objects.push(await readPlanned(store, object));
    store.packs.add(await store.writePack(objects));
  }
  retire(store, [pack.name]);
  syncFolderNow(store.fs, store.packs.retiredFolder);
  removePack(store, pack.name);
  return bytes;
}

/** What was seen in the project's folder names contents that are gone. */
function forget(store: ObjectStore): void {
  for (const name of ["stat", "lfs-stat"]) removeIfThere(store.fs, store.path("datmo", name));
}
