import type { TreeChange } from "../../../services/ports/snapshots.ts";
import { EMPTY_TREE } from "./object-id.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { TreeEntry } from "./tree-format.ts";
import { type Leaf, readTree } from "./tree-walk.ts";

/** A path that differs, with what it is on each side. */
export interface LeafChange {
  readonly path: string;
  readonly before: Leaf | undefined;
  readonly after: Leaf | undefined;
}

/** What differs between two trees, sorted by path. Equal subtrees are skipped unread. */
export async function compareTrees(
  reader: ObjectReader,
  before: string,
  after: string,
): Promise<LeafChange[]> {
  const changes: LeafChange[] = [];
  await compare(reader, before, after, "", changes);
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The same in the words of the port; `null` stands for the empty tree. */
export async function diffTrees(
  reader: ObjectReader,
  before: string | null,
  after: string | null,
): Promise<TreeChange[]> {
  const changes = await compareTrees(reader, before ?? EMPTY_TREE, after ?? EMPTY_TREE);
  return changes.map(({ path, before: old, after: now }) => ({
    path,
    status: statusOf(old, now),
    ...(old ? { oldId: old.id } : {}),
    ...(now ? { newId: now.id } : {}),
  }));
}

async function compare(
  reader: ObjectReader,
  before: string,
  after: string,
  prefix: string,
  changes: LeafChange[],
): Promise<void> {
  if (before === after) return;
  const old = new Map((await readTree(reader, before)).map((entry) => [entry.name, entry]));
  for (const now of await readTree(reader, after)) {
    const was = old.get(now.name);
    old.delete(now.name);
    if (was && was.id === now.id && was.mode === now.mode) continue;
    await compareEntry(reader, prefix + now.name, was, now, changes);
  }
  for (const was of old.values()) await compareEntry(reader, prefix + was.name, was, undefined, changes);
}

async function compareEntry(
  reader: ObjectReader,
  path: string,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  changes: LeafChange[],
): Promise<void> {
  const oldTree = before?.mode === "40000" ? before.id : EMPTY_TREE;
  const newTree = after?.mode === "40000" ? after.id : EMPTY_TREE;
  await compare(reader, oldTree, newTree, `${path}/`, changes);
  const old =
    before && before.mode !== "40000" ? ({ path, mode: before.mode, id: before.id } as Leaf) : undefined;
  const now =
    after && after.mode !== "40000" ? ({ path, mode: after.mode, id: after.id } as Leaf) : undefined;
  if (old || now) changes.push({ path, before: old, after: now });
}

function statusOf(before: Leaf | undefined, after: Leaf | undefined): TreeChange["status"] {
  if (!before) return "added";
  if (!after) return "removed";
  if ((before.mode === "120000") !== (after.mode === "120000")) return "typeChanged";
  return before.id === after.id ? "modeChanged" : "modified";
}
