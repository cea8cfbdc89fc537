import { setImmediate } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import type { Activity } from "../activity.ts";
import { toHex } from "../objects/object-id.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { type HashBatch, type HashedBatch, hashBatch, LINK_JOB, REHASH_JOB } from "./hash-batch.ts";

/** A file to be read. */
export interface FileToRead {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly link: boolean;
  readonly rehash: boolean;
}

const BATCH_BYTES = 512 * 1024;
const BATCH_FILES = 256;
/** Starting workers costs some 100 ms; below this the main thread is done sooner. */
const COLD_FILES = 1000;
const COLD_BYTES = 4 * 1024 * 1024;
const WARM_FILES = 200;
const WARM_BYTES = 1024 * 1024;

/**
 * Reads files, hashes them and takes what the store lacks in as pending; big ones go to the big-file store at
 * once. `take` is called with each answer, in any order.
 */
export async function readFiles<F extends FileToRead>(
  store: ObjectStore,
  activity: Activity,
  files: readonly F[],
  sha256: boolean,
  options: WorkOptions,
  take: (file: F, found: HashedBatch, i: number) => void,
): Promise<void> {
  if (files.length === 0) return;
  const batches = toBatches(files);
  const accept = async (batch: readonly F[], found: HashedBatch): Promise<void> => {
    takePending(store, found);
    for (const [i, file] of batch.entries()) take(file, found, i);
    await store.flushFull();
  };
  let done = 0;
  const progress = (batch: readonly F[]): void => {
    done += batch.length;
    options.progress?.({ message: "Reading files", done, total: files.length });
    if (options.signal?.aborted) throw errors.CANCELLED({});
  };
  if (useWorkers(store, files)) {
    const context = store.workerContext(activity, sha256);
    const hash = (batch: readonly F[]): Promise<HashedBatch> => store.pool.hash(context, toHashBatch(batch));
    await inWorkers(store.pool.size * 2, batches, hash, async (batch, found) => {
      await accept(batch, found);
      progress(batch);
    });
    return;
  }
  const { fs, lfs, known } = store;
  const context = { fs, lfs, known, sha256, now: activity.now, window: activity.window };
  for (const batch of batches) {
    await accept(batch, hashBatch(context, toHashBatch(batch)));
    progress(batch);
    await setImmediate();
  }
}

function useWorkers(store: ObjectStore, files: readonly FileToRead[]): boolean {
  if (store.pool.size === 0) return false;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const { warm } = store.pool;
  return files.length > (warm ? WARM_FILES : COLD_FILES) || bytes > (warm ? WARM_BYTES : COLD_BYTES);
}

/** Runs all batches; when one fails, the others end before this does, so that nothing is written afterwards. */
async function inWorkers<F extends FileToRead>(
  lanes: number,
  batches: readonly (readonly F[])[],
  hash: (batch: readonly F[]) => Promise<HashedBatch>,
  accept: (batch: readonly F[], found: HashedBatch) => Promise<void>,
): Promise<void> {
  let failed: { error: unknown } | undefined;
  let accepting: Promise<void> = Promise.resolve();
  const next = batches[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let item = next.next(); !item.done && !failed; item = next.next()) {
      const batch = item.value;
      try {
        const found = await hash(batch);
        accepting = accepting.then(() => accept(batch, found));
        await accepting;
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failed) throw (failed as { error: unknown }).error;
}

function toBatches<F extends FileToRead>(files: readonly F[]): F[][] {
  const batches: F[][] = [];
  let batch: F[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.bytes;
    if (bytes < BATCH_BYTES && batch.length < BATCH_FILES) continue;
    batches.push(batch);
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function toHashBatch(files: readonly FileToRead[]): HashBatch {
  const hints = Uint8Array.from(files, (file) => (file.link ? LINK_JOB : 0) | (file.rehash ? REHASH_JOB : 0));
  return { paths: files.map((file) => file.path), hints };
}

function takePending(store: ObjectStore, found: HashedBatch): void {
  let start = 0;
  found.ends.forEach((end, i) => {
    if (end > start) {
      const id = toHex(found.ids.subarray(i * 20, i * 20 + 20));
      store.pending.put(id, { data: found.data.subarray(start, end), crc: found.crcs[i] ?? 0 });
    }
    start = end;
  });
}
