import type { FilePlace } from "../../../services/ports/snapshots.ts";
import { refuseName } from "../files/names.ts";
import { DamagedObject } from "./damaged-object.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { ObjectStore } from "./object-store.ts";
import { encodeTree, type TreeEntry } from "./tree-format.ts";
import { type Leaf, readLeaves, readTree } from "./tree-walk.ts";

/** Which places a tree leaves free: it has nothing there, and no file or link above. */
export async function freePlaces(
  reader: ObjectReader,
  tree: string,
  places: readonly FilePlace[],
): Promise<{ free: FilePlace[]; refused: FilePlace[] }> {
  const free: FilePlace[] = [];
  const refused: FilePlace[] = [];
  const folders = new Map<string, Promise<Map<string, TreeEntry>>>();
  const entriesOf = (id: string): Promise<Map<string, TreeEntry>> => {
    let found = folders.get(id);
    if (!found) {
      found = readTree(reader, id).then((entries) => new Map(entries.map((entry) => [entry.name, entry])));
      folders.set(id, found);
    }
    return found;
  };
  const isFree = async (path: string): Promise<boolean> => {
    let id = tree;
    for (const [i, part] of path.split("/").entries()) {
      const entry = (await entriesOf(id)).get(part);
      if (!entry) return true;
      if (entry.mode !== "40000" || i === path.split("/").length - 1) return false;
      id = entry.id;
    }
    return false;
  };
  for (const place of places) {
    if (place.place.split("/").some((part) => refuseName(part, true) !== undefined)) refused.push(place);
    else if (await isFree(place.place)) free.push(place);
  }
  return { free, refused };
}

/** Stores the tree with files of another one at places that are free in it. Returns its id. */
export async function withFiles(
  store: ObjectStore,
  tree: string,
  filesTree: string,
  places: readonly FilePlace[],
): Promise<string> {
  if (places.length === 0) return tree;
  const leaves = new Map((await readLeaves(store.reader, filesTree)).map((leaf) => [leaf.path, leaf]));
  const placed = places.map(({ path, place }): Leaf => {
    const leaf = leaves.get(path);
    if (!leaf) throw new DamagedObject(filesTree, `(the kept files) does not hold ${path}`);
    return { ...leaf, path: place };
  });
  return level(store, tree, placed);
}

async function level(store: ObjectStore, tree: string | undefined, leaves: readonly Leaf[]): Promise<string> {
  const entries = new Map<string, TreeEntry>();
  if (tree) for (const entry of await readTree(store.reader, tree)) entries.set(entry.name, entry);
  const below = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const slash = leaf.path.indexOf("/");
    const name = slash < 0 ? leaf.path : leaf.path.slice(0, slash);
    if (slash < 0) entries.set(name, { name, mode: leaf.mode, id: leaf.id });
    else below.set(name, [...(below.get(name) ?? []), { ...leaf, path: leaf.path.slice(slash + 1) }]);
  }
  for (const [name, inside] of below) {
    const folder = entries.get(name);
    const id = await level(store, folder?.mode === "40000" ? folder.id : undefined, inside);
    entries.set(name, { name, mode: "40000", id });
  }
  return store.add("tree", encodeTree([...entries.values()]));
}
