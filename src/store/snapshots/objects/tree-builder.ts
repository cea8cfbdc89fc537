import { EXECUTABLE, FOLDER, isContent, KIND, LINK } from "../capture/entry-kind.ts";
import type { Folder } from "../capture/folder.ts";
import { encodeTree, type TreeEntry, type TreeMode } from "./tree-format.ts";

const MODES: Readonly<Record<number, TreeMode>> = { [EXECUTABLE]: "100755", [LINK]: "120000" };

/** Mode of a file or link in a tree. */
export function treeMode(kind: number): TreeMode {
  return MODES[kind] ?? "100644";
}

/**
 * Builds the trees of folders that changed, deepest first; `add` stores the bytes of a tree and gives its id.
 * A folder without content has no tree, as in git.
 */
export function buildTrees(folder: Folder, add: (body: Buffer) => string): void {
  buildBelow(folder, add);
  if (!folder.dirty) return;
  const entries = treeEntries(folder);
  folder.tree = entries.length > 0 ? add(encodeTree(entries)) : "";
  folder.dirty = false;
}

function buildBelow(folder: Folder, add: (body: Buffer) => string): void {
  if (folder.folders.length === 0) return;
  const { table, start, names, folders } = folder;
  let child = 0;
  for (let i = start; i < start + names.length; i++) {
    if (table.kind(i) !== FOLDER) continue;
    const below = folders[child++] as Folder;
    const before = below.tree;
    buildTrees(below, add);
    if (below.tree === before) continue;
    folder.dirty = true;
    if (below.tree) table.setId(i, Buffer.from(below.tree, "hex"));
  }
}

function treeEntries(folder: Folder): TreeEntry[] {
  const { table, start, names, folders } = folder;
  const entries: TreeEntry[] = [];
  let child = 0;
  names.forEach((name, i) => {
    const flags = table.flags[start + i] ?? 0;
    if (isContent(flags)) entries.push({ name, mode: treeMode(flags & KIND), id: table.id(start + i) });
    if ((flags & KIND) !== FOLDER) return;
    const id = (folders[child++] as Folder).tree;
    if (id) entries.push({ name, mode: "40000", id });
  });
  return entries;
}
