import { join } from "node:path";
import type { RefUpdate, RemoteRef } from "../../../../services/ports/sharing.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { errorCode } from "../../files/file-system.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { type PackedObject, writePack } from "../../objects/pack-writer.ts";
import { outgoingObjects, packedObjects } from "../http/outgoing.ts";
import { ObjectSource } from "../intake/object-source.ts";
import type { RefusedRef, RemoteLink, SentRefs } from "../remote-link.ts";
import { changeRef, isSharedRef, readRefs } from "./folder-refs.ts";

const MOST_PACK_BYTES = 64 * 1024 * 1024;
/** Others may read there what they could read before. */
const PACK_MODE = 0o444;

/** A repository on this machine, read and written directly: without git. */
export class FolderLink implements RemoteLink {
  readonly #store: ObjectStore;
  readonly #folder: string;

  constructor(store: ObjectStore, gitDirectory: string) {
    this.#store = store;
    this.#folder = gitDirectory;
  }

  async list(): Promise<RemoteRef[]> {
    return readRefs(this.#store.fs, this.#folder, "refs/datmo").filter(({ name }) => isSharedRef(name));
  }

  async receive(
    _refs: readonly RemoteRef[],
    _have: readonly RemoteRef[],
    take: (source: ObjectSource) => Promise<void>,
  ): Promise<void> {
    const source = new ObjectSource(this.#store.fs, this.#folder, { alternates: true });
    try {
      await take(source);
    } finally {
      source.close();
    }
  }

  async send(updates: readonly RefUpdate[], options: WorkOptions): Promise<SentRefs> {
    const { fs } = this.#store;
    const there = readRefs(fs, this.#folder, "refs").map(({ commit }) => commit);
    const commits = updates.flatMap(({ commit }) => commit ?? []);
    const objects = await outgoingObjects(this.#store, commits, there, options);
    const directory = join(this.#folder, "objects", "pack");
    if (objects.length > 0) fs.mkdirSync(directory, { recursive: true });
    let group: PackedObject[] = [];
    let bytes = 0;
    for await (const object of packedObjects(this.#store, objects, options)) {
      group.push(object);
      bytes += object.data.length;
      if (bytes < MOST_PACK_BYTES) continue;
      await writePack(fs, directory, group, PACK_MODE);
      group = [];
      bytes = 0;
    }
    if (group.length > 0) await writePack(fs, directory, group, PACK_MODE);
    const accepted: string[] = [];
    const refused: RefusedRef[] = [];
    for (const update of updates) {
      const problem = await this.#change(update);
      if (problem) refused.push({ name: update.name, ...problem });
      else accepted.push(update.name);
    }
    return { objects: objects.length, accepted, refused };
  }

  /** A reference that cannot be written does not keep the others back. */
  async #change(update: RefUpdate): Promise<{ reason: string; changed: boolean } | undefined> {
    try {
      return await changeRef(this.#store.fs, this.#folder, update);
    } catch (error) {
      if (errorCode(error) === "") throw error;
      return { reason: (error as Error).message, changed: false };
    }
  }
}
