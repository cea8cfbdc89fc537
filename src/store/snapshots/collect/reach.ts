import { canBePointer, parsePointer } from "../lfs/lfs-pointer.ts";
import { parseCommit } from "../objects/commit-format.ts";
import { EMPTY_TREE } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { rawEntries } from "./tree-entries.ts";
import type { TakeTurn } from "./turn-taker.ts";

/**
 * Ids of all objects that can be reached from these ones, which may be commits, tags or trees. Throws
 * `DamagedObject`: below what cannot be read nobody knows what is needed.
 */
export async function reach(
  store: ObjectStore,
  from: Iterable<string>,
  turn: TakeTurn,
): Promise<Set<string>> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (id === EMPTY_TREE) continue;
    await turn();
    const { type, body } = await store.reader.read(id);
    if (type === "commit") {
      const { tree, parents } = parseCommit(body);
      open.push(tree, ...parents);
    } else if (type === "tag") {
      const target = /^object ([0-9a-f]{40})\n/.exec(body.toString("latin1"))?.[1];
      if (target) open.push(target);
    } else if (type === "tree") {
      for (const entry of (await rawEntries(store.reader, id)).entries) {
        if (!entry.isTree) seen.add(entry.id);
        else if (!seen.has(entry.id)) open.push(entry.id);
      }
    }
  }
  return seen;
}

/** SHA-256 of every big file that these trees hold. */
export async function bigFilesOf(
  store: ObjectStore,
  trees: Iterable<string>,
  turn: TakeTurn,
): Promise<Set<string>> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = [...trees];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    await turn();
    for (const entry of (await rawEntries(store.reader, id)).entries) {
      if (entry.isTree) open.push(entry.id);
      else if (!entry.isLink && !seen.has(entry.id)) {
        seen.add(entry.id);
        const sha256 = await bigFileOf(store, entry.id);
        if (sha256) found.add(sha256);
      }
    }
  }
  return found;
}

/** SHA-256 of the big file behind a blob, if it is one. */
export async function bigFileOf(store: ObjectStore, blobId: string): Promise<string | undefined> {
  if (!store.reader.has(blobId)) return undefined;
  const { size } = await store.reader.facts(blobId);
  if (!canBePointer(size)) return undefined;
  return parsePointer(await store.reader.readAs(blobId, "blob"))?.sha256;
}
