import { errors } from "../../../protocol/errors.ts";
import { refuseName } from "../files/names.ts";
import { EMPTY_TREE } from "./object-id.ts";
import type { ObjectStore } from "./object-store.ts";
import { encodeTree, type TreeEntry, type TreeMode } from "./tree-format.ts";

/** One leaf, or a whole tree, at a path inside a component. */
export interface PlacedEntry {
  /** `/`-separated. */
  readonly path: string;
  readonly mode: TreeMode;
  readonly id: string;
}

/**
 * Stores the trees that hold these entries. Returns the id of the top one. Throws PATH_INVALID and
 * PATH_DUPLICATE.
 */
export function componentTree(store: ObjectStore, entries: readonly PlacedEntry[]): string {
  return store.add("tree", encodeTree(level(store, "", entries)));
}

/** Throws PATH_INVALID for a path that cannot be in a tree. */
export function screenPath(path: string, isLink = false): void {
  const parts = path.split("/");
  for (const [i, part] of parts.entries()) {
    const reason = refuseName(part, isLink && i === parts.length - 1);
    if (reason) throw errors.PATH_INVALID({ path, reason });
  }
}

function level(store: ObjectStore, prefix: string, entries: readonly PlacedEntry[]): TreeEntry[] {
  const here = new Map<string, TreeEntry>();
  const below = new Map<string, PlacedEntry[]>();
  for (const entry of entries) {
    const rest = entry.path.slice(prefix.length);
    const slash = rest.indexOf("/");
    const name = slash < 0 ? rest : rest.slice(0, slash);
    const reason = refuseName(name, slash < 0 && entry.mode === "120000");
    if (reason) throw errors.PATH_INVALID({ path: entry.path, reason });
    const taken = here.has(name) || (slash < 0 && below.has(name));
    if (taken) throw errors.PATH_DUPLICATE({ name: prefix + name });
    if (slash < 0) here.set(name, { name, mode: entry.mode, id: entry.id });
    else if (!below.get(name)?.push(entry)) below.set(name, [entry]);
  }
  for (const [name, inside] of below) {
    const id = store.add("tree", encodeTree(level(store, `${prefix}${name}/`, inside)));
    if (id !== EMPTY_TREE) here.set(name, { name, mode: "40000", id });
  }
  return [...here.values()];
}
