import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { requireSpace } from "../../files/free-space.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { type BigFilePlace, MovedCount, type MovedFiles } from "./big-file-place.ts";
import { LfsBatch, type LfsServer } from "./lfs-batch.ts";
import { downloadFile } from "./lfs-download.ts";
import { uploadFile } from "./lfs-upload.ts";

/** Objects named in one request; servers take at least so many. */
const BATCH = 100;
const AT_A_TIME = 3;

/** Big files of a server that speaks git-lfs's batch protocol, with basic transfers. */
export class LfsFiles implements BigFilePlace {
  readonly #store: ObjectStore;
  readonly #shown: string;
  readonly #server: (operation: "upload" | "download", options: WorkOptions) => Promise<LfsServer>;

  /** `server`: where it is, which over ssh is known only when it is asked. */
  constructor(
    store: ObjectStore,
    shown: string,
    server: (operation: "upload" | "download", options: WorkOptions) => Promise<LfsServer>,
  ) {
    this.#store = store;
    this.#shown = shown;
    this.#server = server;
  }

  async download(pointers: readonly LfsPointer[], options: WorkOptions): Promise<MovedFiles> {
    const total = pointers.reduce((sum, { bytes }) => sum + bytes, 0);
    requireSpace(this.#store.fs, this.#store.gitDirectory, total, "the big files");
    const count = new MovedCount("Fetching big files", pointers, options);
    const batch = await this.#batch("download", options);
    for (const group of groups(pointers)) {
      const objects = await batch.ask("download", group, undefined, options);
      await inParallel(objects, async ({ pointer, actions }) => {
        if (!actions.download) throw batch.noAction(pointer, "it names no place to fetch it from");
        await downloadFile(this.#store, batch, pointer, actions.download, options, count);
        count.moved(pointer);
      });
    }
    return count.result;
  }

  async upload(pointers: readonly LfsPointer[], refName: string, options: WorkOptions): Promise<MovedFiles> {
    const count = new MovedCount("Sending big files", pointers, options);
    const batch = await this.#batch("upload", options);
    for (const group of groups(pointers)) {
      const objects = await batch.ask("upload", group, refName, options);
      await inParallel(objects, async ({ pointer, actions }) => {
        if (!actions.upload) return count.add(pointer.bytes);
        await uploadFile(this.#store.lfs.path(pointer.sha256), batch, pointer, actions, options, count);
        count.moved(pointer);
      });
    }
    return count.result;
  }

  async #batch(operation: "upload" | "download", options: WorkOptions): Promise<LfsBatch> {
    return new LfsBatch(this.#shown, await this.#server(operation, options));
  }
}

function* groups<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += BATCH) yield items.slice(at, at + BATCH);
}

/** Ends when all have ended, with the first failure if there is one. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !failed; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: AT_A_TIME }, worker));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
