import type { ObjectReader } from "./object-reader.ts";
import { readTree } from "./tree-walk.ts";

/** Names of a folder that are wanted, with what is wanted below each; `all`: everything. */
export type PathScope = "all" | ReadonlyMap<string, PathScope>;

/** What lies at or below one of these paths, which are `/`-separated and without `.` and `..`. */
export function pathScope(paths: readonly string[]): PathScope {
  const root: Level = new Map();
  for (const path of paths) {
    const names = path.split("/").filter((name) => name !== "");
    if (names.length === 0) return "all";
    add(root, names);
  }
  return root;
}

/** Whether a file, link or folder lies at this path of a tree. */
export async function hasPath(reader: ObjectReader, tree: string, path: string): Promise<boolean> {
  let at = tree;
  const names = path.split("/");
  for (const [depth, name] of names.entries()) {
    const entry = (await readTree(reader, at)).find((one) => one.name === name);
    if (!entry) return false;
    if (depth === names.length - 1) return true;
    if (entry.mode !== "40000") return false;
    at = entry.id;
  }
  return false;
}

type Level = Map<string, "all" | Level>;

function add(root: Level, names: readonly string[]): void {
  let level = root;
  for (const [depth, name] of names.entries()) {
    const known = level.get(name);
    if (known === "all") return;
    if (depth === names.length - 1) {
      level.set(name, "all");
      return;
    }
    const below: Level = known ?? new Map();
    level.set(name, below);
    level = below;
  }
}
