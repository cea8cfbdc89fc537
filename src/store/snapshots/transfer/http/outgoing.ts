import { createHash } from "node:crypto";
import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { parseCommit } from "../../objects/commit-format.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";
import { EMPTY_TREE, type ObjectType } from "../../objects/object-id.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { encodeEntry } from "../../objects/pack-entry.ts";
import type { PackedObject } from "../../objects/pack-writer.ts";
import { readTree } from "../../objects/tree-walk.ts";
import { ObjectSource } from "../intake/object-source.ts";
import { Slices } from "../intake/slices.ts";

export interface OutgoingObject {
  readonly id: string;
  readonly type: ObjectType;
}

const BLOCK = 64 * 1024;

/**
 * Objects that commits need and that a remote with these commits has not, each behind all that it names. Throws
 * SNAPSHOT_CORRUPT when one is not here.
 */
export function outgoingObjects(
  store: ObjectStore,
  commits: readonly string[],
  there: Iterable<string>,
  options: WorkOptions,
): Promise<OutgoingObject[]> {
  return ownFault(async () => {
    const walk = new OutgoingWalk(store, options);
    for (const id of there) if (store.known(Buffer.from(id, "hex"))) await walk.mark(id);
    for (const id of commits) await walk.collect(id);
    return walk.objects;
  });
}

/** A pack of these objects, copied as they lie in the store; proven on the way. */
export async function* packStream(
  store: ObjectStore,
  objects: readonly OutgoingObject[],
  options: WorkOptions,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha1");
  const header = Buffer.alloc(12);
  header.write("PACK", 0, "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  let block: Uint8Array[] = [header];
  let bytes = 0;
  for await (const { data } of packedObjects(store, objects, options)) {
    block.push(data);
    bytes += data.length;
    if (bytes < BLOCK) continue;
    const whole = Buffer.concat(block);
    hash.update(whole);
    yield whole;
    block = [];
    bytes = 0;
  }
  const last = Buffer.concat(block);
  yield Buffer.concat([last, hash.update(last).digest()]);
}

/** The objects one by one, as a pack holds them. */
export async function* packedObjects(
  store: ObjectStore,
  objects: readonly OutgoingObject[],
  options: WorkOptions,
): AsyncGenerator<PackedObject> {
  const slices = new Slices(options);
  const source = new ObjectSource(store.fs, store.gitDirectory, { alternates: false });
  const total = objects.length;
  try {
    for (const [done, { id, type }] of objects.entries()) {
      await slices.next();
      if (done % 1000 === 0) options.progress?.({ message: "Writing objects", done, total });
      // The store does without this one, which every git knows.
      if (id === EMPTY_TREE) yield { id, ...encodeEntry("tree", Buffer.alloc(0)) };
      else yield (await ownFault(() => source.take(id, type))).packed;
    }
  } finally {
    source.close();
  }
}

class OutgoingWalk {
  readonly objects: OutgoingObject[] = [];
  readonly #store: ObjectStore;
  readonly #slices: Slices;
  readonly #seen = new Set<string>();

  constructor(store: ObjectStore, options: WorkOptions) {
    this.#store = store;
    this.#slices = new Slices(options);
  }

  /** The remote has this commit: what it and its first parent hold is there, and the commits behind it. */
  async mark(id: string): Promise<void> {
    if (this.#seen.has(id)) return;
    try {
      const [first] = (await this.#commit(id)).parents;
      for (const commit of first ? [id, first] : [id]) {
        await this.#tree((await this.#commit(commit)).tree, undefined);
      }
      const stack = [id];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        if (this.#seen.has(next)) continue;
        this.#seen.add(next);
        await this.#slices.next();
        stack.push(...(await this.#commit(next)).parents);
      }
    } catch (error) {
      // Then more is sent than is needed.
      if (!(error instanceof DamagedObject)) throw error;
    }
  }

  async collect(top: string): Promise<void> {
    const stack: { id: string; tree?: string }[] = [{ id: top }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { id, tree } = next;
      if (this.#seen.has(id)) continue;
      if (tree !== undefined) {
        await this.#tree(tree, this.objects);
        this.#seen.add(id);
        this.objects.push({ id, type: "commit" });
        continue;
      }
      const commit = await this.#commit(id);
      stack.push({ id, tree: commit.tree });
      for (const parent of commit.parents) if (!this.#seen.has(parent)) stack.push({ id: parent });
    }
  }

  async #commit(id: string): Promise<{ tree: string; parents: readonly string[] }> {
    return parseCommit(await this.#store.reader.readAs(id, "commit"));
  }

  async #tree(id: string, into: OutgoingObject[] | undefined): Promise<void> {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    await this.#slices.next();
    for (const { mode, id: below } of await readTree(this.#store.reader, id)) {
      if (mode === "40000") await this.#tree(below, into);
      else if (!this.#seen.has(below)) {
        this.#seen.add(below);
        into?.push({ id: below, type: "blob" });
      }
    }
    into?.push({ id, type: "tree" });
  }
}

/** What is wrong with an object here is told of the store, not of the remote. */
async function ownFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DamagedObject)) throw error;
    throw errors.SNAPSHOT_CORRUPT({ id: error.objectId, reason: error.message }, { cause: error });
  }
}
