import type { DiffOptions, FileMode, TreeChange } from "../../../services/ports/snapshots.ts";
import { findRenames } from "./find-renames.ts";
import { EMPTY_TREE } from "./object-id.ts";
import type { ObjectReader } from "./object-reader.ts";
import { type PathScope, pathScope } from "./path-scope.ts";
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
  scope: PathScope = "all",
): Promise<LeafChange[]> {
  const changes: LeafChange[] = [];
  await compare(reader, before, after, "", scope, changes);
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The same in the words of the port; `null` stands for the empty tree. */
export async function diffTrees(
  reader: ObjectReader,
  before: string | null,
  after: string | null,
  options: DiffOptions = {},
): Promise<TreeChange[]> {
  const scope = options.paths ? pathScope(options.paths) : "all";
  const changes = await compareTrees(reader, before ?? EMPTY_TREE, after ?? EMPTY_TREE, scope);
  if (!options.renames) return changes.map(inWords);
  const renames = await findRenames(reader, changes, options.signal);
  const moved = new Set([...renames.values()].map(({ from }) => from));
  return changes
    .filter(({ after: now, path }) => now || !moved.has(path))
    .map((change) => {
      const rename = renames.get(change.path);
      if (!rename) return inWords(change);
      const { from, source, similarity } = rename;
      return { ...inWords({ ...change, before: source }), status: "renamed", from, similarity };
    });
}

function inWords({ path, before, after }: LeafChange): TreeChange {
  return {
    path,
    status: statusOf(before, after),
    ...(before ? { oldId: before.id, oldMode: MODES[before.mode] } : {}),
    ...(after ? { newId: after.id, newMode: MODES[after.mode] } : {}),
  };
}

const MODES: Readonly<Record<Leaf["mode"], FileMode>> = {
  "100644": "file",
  "100755": "executable",
  "120000": "link",
};

async function compare(
  reader: ObjectReader,
  before: string,
  after: string,
  prefix: string,
  scope: PathScope,
  changes: LeafChange[],
): Promise<void> {
  if (before === after) return;
  const old = new Map((await readTree(reader, before)).map((entry) => [entry.name, entry]));
  const look = async (name: string, was: TreeEntry | undefined, now: TreeEntry | undefined) => {
    const below = scope === "all" ? scope : scope.get(name);
    if (below) await compareEntry(reader, prefix + name, was, now, below, changes);
  };
  for (const now of await readTree(reader, after)) {
    const was = old.get(now.name);
    old.delete(now.name);
    if (was && was.id === now.id && was.mode === now.mode) continue;
    await look(now.name, was, now);
  }
  for (const was of old.values()) await look(was.name, was, undefined);
}

async function compareEntry(
  reader: ObjectReader,
  path: string,
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  scope: PathScope,
  changes: LeafChange[],
): Promise<void> {
  const oldTree = before?.mode === "40000" ? before.id : EMPTY_TREE;
  const newTree = after?.mode === "40000" ? after.id : EMPTY_TREE;
  await compare(reader, oldTree, newTree, `${path}/`, scope, changes);
  if (scope !== "all") return;
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
