import { setImmediate } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { EXECUTABLE, FILE, LINK } from "../capture/entry-kind.ts";
import type { LfsPointer } from "../lfs/lfs-pointer.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Leaf } from "../objects/tree-walk.ts";
import { pointerOf } from "../read-snapshot.ts";
import type { WorkerContext } from "../workers/worker-messages.ts";
import type { Seen } from "./seen.ts";
import { type WriteBatch, writeBatch, writeOne } from "./write-batch.ts";

/** A leaf of a tree that is to become a file, with the size its content takes. */
export interface FileToWrite {
  readonly leaf: Leaf;
  readonly kind: number;
  readonly bytes: number;
  readonly pointer: LfsPointer | undefined;
}

/** Where and how it is written. */
export interface PlacedFile extends FileToWrite {
  /** Absolute. */
  readonly path: string;
  /** Something that may be replaced is there. */
  readonly replace: boolean;
  /** How it looked when it was found that it may be replaced. */
  readonly seen?: Seen | undefined;
}

const BATCH_BYTES = 512 * 1024;
const BATCH_FILES = 128;
const WORKER_FILES = 300;
const WORKER_BYTES = 4 * 1024 * 1024;

/** Looks up what the leaves take. Throws `DamagedObject` when an object or a big file is not there. */
export async function prepareWrites(store: ObjectStore, leaves: readonly Leaf[]): Promise<FileToWrite[]> {
  const files: FileToWrite[] = [];
  for (const leaf of leaves) {
    const kind = leaf.mode === "120000" ? LINK : leaf.mode === "100755" ? EXECUTABLE : FILE;
    if (!store.reader.has(leaf.id)) throw new DamagedObject(leaf.id, `(${leaf.path}) is missing`);
    const { type, size } = await store.reader.facts(leaf.id);
    if (type !== "blob") throw new DamagedObject(leaf.id, `(${leaf.path}) is a ${type}, not a blob`);
    const pointer = kind === LINK ? undefined : await pointerOf(store.reader, leaf.id, size);
    if (pointer && !store.lfs.has(pointer))
      throw new DamagedObject(pointer.sha256, `(${leaf.path}) is missing`);
    files.push({ leaf, kind, pointer, bytes: pointer?.bytes ?? size });
  }
  return files;
}

/**
 * Writes files whose folders are there, each proven by its hash; links come last, so that nothing is written
 * through one. `written` is called with mtimeMs, ctimeMs, size and ino of each.
 */
export async function writeFiles(
  store: ObjectStore,
  files: readonly PlacedFile[],
  options: WorkOptions & { readonly resumable: boolean },
  written: (file: PlacedFile, facts: Float64Array) => void,
): Promise<void> {
  let done = 0;
  const progress = (count: number): void => {
    done += count;
    options.progress?.({ message: "Writing files", done, total: files.length });
  };
  const plain = files.filter((file) => file.kind !== LINK);
  const links = files.filter((file) => file.kind === LINK);
  const bytes = plain.reduce((sum, file) => sum + file.bytes, 0);
  const workers = store.pool.size > 0 && (plain.length > WORKER_FILES || bytes > WORKER_BYTES);
  const context = workers ? store.workerContext({ now: 0, window: 0 }, false) : undefined;
  const lanes = workers ? store.pool.size * 2 : 1;
  await inLanes(toBatches(plain), lanes, options, async (batch) => {
    await writeGroup(store, toWriteBatch(store, batch, options.resumable), context, batch, written);
    progress(batch.length);
  });
  await inLanes(toBatches(links), 1, options, async (batch) => {
    await writeGroup(store, toWriteBatch(store, batch, options.resumable), undefined, batch, written);
    progress(batch.length);
  });
}

async function writeGroup(
  store: ObjectStore,
  batch: WriteBatch,
  worker: WorkerContext | undefined,
  files: readonly PlacedFile[],
  written: (file: PlacedFile, facts: Float64Array) => void,
): Promise<void> {
  const context = { fs: store.fs, reader: store.reader, lfs: store.lfs };
  const result = worker ? await store.pool.write(worker, batch) : writeBatch(context, batch);
  for (const position of result.left) {
    const blob = await store.reader.readAs(batch.ids[position] as string, "blob");
    result.facts.set(writeOne(context, batch, position, blob), position * 4);
  }
  for (const [i, file] of files.entries()) written(file, result.facts.subarray(i * 4, i * 4 + 4));
  if (!worker) await setImmediate();
}

/** When one batch fails the others under way end before this does. */
async function inLanes(
  batches: readonly PlacedFile[][],
  lanes: number,
  { signal }: WorkOptions,
  work: (batch: PlacedFile[]) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const next = batches[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let item = next.next(); !item.done && failures.length === 0; item = next.next()) {
      if (signal?.aborted) failures.push(errors.CANCELLED({}));
      else await work(item.value).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}

function toWriteBatch(store: ObjectStore, files: readonly PlacedFile[], resumable: boolean): WriteBatch {
  return {
    paths: files.map((file) => file.path),
    ids: files.map((file) => file.leaf.id),
    kinds: Uint8Array.from(files, (file) => file.kind),
    replace: Uint8Array.from(files, (file) => (file.replace ? 1 : 0)),
    seen: files.map((file) => file.seen),
    temporary: store.path("datmo", "tmp"),
    resumable,
  };
}

function toBatches(files: readonly PlacedFile[]): PlacedFile[][] {
  const batches: PlacedFile[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    const last = batches.at(-1);
    if (!last || bytes >= BATCH_BYTES || last.length >= BATCH_FILES) {
      batches.push([file]);
      bytes = file.bytes;
    } else {
      last.push(file);
      bytes += file.bytes;
    }
  }
  return batches;
}
