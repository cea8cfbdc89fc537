import { refuseName } from "../files/names.ts";
import { DamagedObject } from "./damaged-object.ts";
import { EMPTY_TREE } from "./object-id.ts";
import type { ObjectReader } from "./object-reader.ts";
import { parseTree, type TreeEntry } from "./tree-format.ts";

/** One file or link of a tree. */
export interface Leaf {
  readonly path: string;
  readonly mode: Exclude<TreeEntry["mode"], "40000">;
  /** Hexadecimal. */
  readonly id: string;
}

/**
 * Entries of a tree, proven and with every name screened as taking a snapshot screens it: what came from
 * elsewhere may hold anything. Throws `DamagedObject`.
 */
export async function readTree(reader: ObjectReader, id: string): Promise<TreeEntry[]> {
  if (id === EMPTY_TREE) return [];
  const body = await reader.readAs(id, "tree");
  let entries: TreeEntry[];
  try {
    entries = parseTree(body);
  } catch (error) {
    throw new DamagedObject(id, `cannot be read: ${(error as Error).message}`);
  }
  screenEntries(id, entries);
  return entries;
}

/** Throws `DamagedObject` when a tree holds a name that no snapshot may hold, or one twice. */
export function screenEntries(id: string, entries: readonly TreeEntry[]): void {
  const names = new Set<string>();
  for (const { name, mode } of entries) {
    const reason = refuseName(name, mode === "120000");
    if (reason) throw new DamagedObject(id, `holds the name ${JSON.stringify(name)}: ${reason}`);
    if (names.has(name)) throw new DamagedObject(id, `holds the name ${JSON.stringify(name)} twice`);
    names.add(name);
  }
}

/** All files and links of a tree, folders in the order of the tree. */
export async function readLeaves(reader: ObjectReader, tree: string, prefix = ""): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  await collect(reader, tree, prefix, leaves);
  return leaves;
}

async function collect(reader: ObjectReader, tree: string, prefix: string, into: Leaf[]): Promise<void> {
  for (const { name, mode, id } of await readTree(reader, tree)) {
    const path = prefix + name;
    if (mode === "40000") await collect(reader, id, `${path}/`, into);
    else into.push({ path, mode, id });
  }
}
