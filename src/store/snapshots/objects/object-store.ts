import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Activity } from "../activity.ts";
import type { FileSystem } from "../files/file-system.ts";
import { initGitDirectory } from "../init-git-dir.ts";
import { LfsAttributes } from "../lfs/lfs-attributes.ts";
import { LfsStore } from "../lfs/lfs-store.ts";
import { Turns } from "../workers/turns.ts";
import type { WorkerContext } from "../workers/worker-messages.ts";
import { WorkerPool } from "../workers/worker-pool.ts";
import { EMPTY_TREE, type ObjectType } from "./object-id.ts";
import { ObjectReader } from "./object-reader.ts";
import { packDeltas } from "./pack-deltas.ts";
import { PackSet } from "./pack-set.ts";
import { type PackedObject, type WrittenPack, writePack } from "./pack-writer.ts";
import { PendingObjects } from "./pending-objects.ts";

/** A pack never grows beyond this while it is collected in memory; then another is begun. */
const MAX_PACK_BYTES = 64 * 1024 * 1024;
const MOST_WORKERS = 4;

export interface ObjectStoreOptions {
  readonly fs: FileSystem;
  /** `.datmo/git`. */
  readonly gitDirectory: string;
  /** Worker threads for big jobs. Default: one per core, at most four. */
  readonly threads?: number;
}

/** Objects of the hidden git directory: written in packs, read from wherever they are. */
export class ObjectStore {
  readonly fs: FileSystem;
  readonly gitDirectory: string;
  readonly packs: PackSet;
  readonly pending = new PendingObjects();
  readonly reader: ObjectReader;
  readonly lfs: LfsStore;
  readonly attributes: LfsAttributes;
  readonly pool: WorkerPool;
  /** Work that changes what is pending takes turns. */
  readonly turns = new Turns();
  #made = false;

  constructor(options: ObjectStoreOptions) {
    this.fs = options.fs;
    this.gitDirectory = options.gitDirectory;
    this.packs = new PackSet(this.fs, this.path("objects", "pack"));
    const readDelta = packDeltas(this.packs);
    this.reader = new ObjectReader(this.fs, this.gitDirectory, this.packs, this.pending, readDelta);
    this.lfs = new LfsStore(this.fs, this.gitDirectory);
    this.attributes = new LfsAttributes(this.fs, this.gitDirectory);
    this.pool = WorkerPool.take(options.threads ?? Math.min(MOST_WORKERS, availableParallelism()));
  }

  path(...names: string[]): string {
    return join(this.gitDirectory, ...names);
  }

  /** Makes the git directory, once. */
  make(): void {
    if (this.#made) return;
    initGitDirectory(this.fs, this.gitDirectory);
    this.#made = true;
  }

  /** True when an object need not be written. Only packs count: git itself may prune a loose one. */
  readonly known = (id: Uint8Array): boolean => this.packs.has(id);

  /** Takes an object in; it is on disk after the next `flush`. Returns its id. */
  add(type: ObjectType, body: Uint8Array): string {
    return this.pending.add(type, body, this.known);
  }

  /** True when the tree is in the store or about to be; the empty one needs none. */
  hasTree(id: string): boolean {
    return id === EMPTY_TREE || this.reader.has(id);
  }

  /** Brings everything pending to the disk; durable when it resolves. On failure it stays pending. */
  async flush(): Promise<void> {
    for (const group of groups(this.pending.list())) {
      this.packs.add(await this.writePack(group));
      this.pending.drop(group);
    }
  }

  /** Writes a pack under a name of its own. */
  writePack(
    objects: readonly PackedObject[],
    taken: (name: string) => boolean = () => false,
  ): Promise<WrittenPack> {
    const isTaken = (name: string): boolean => taken(name) || this.packs.isRetired(name);
    return writePack(this.fs, this.path("objects", "pack"), objects, undefined, isTaken);
  }

  /** Flushes when a whole pack has come together. */
  async flushFull(): Promise<void> {
    if (this.pending.bytes >= MAX_PACK_BYTES) await this.flush();
  }

  workerContext(activity: Pick<Activity, "now" | "window">, sha256: boolean): WorkerContext {
    const packs = this.packs.all.map(({ index, ...pack }) => ({ ...pack, index: index.memory }));
    return { gitDirectory: this.gitDirectory, packs, now: activity.now, window: activity.window, sha256 };
  }

  async close(): Promise<void> {
    await this.turns.settled();
    await this.pool.release();
    this.packs.close();
  }
}

function* groups(objects: readonly PackedObject[]): Generator<PackedObject[]> {
  let group: PackedObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    group.push(object);
    bytes += object.data.length;
    if (bytes < MAX_PACK_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
