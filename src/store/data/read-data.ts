import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { errors } from "../../protocol/errors.ts";
import { startWorker } from "../../util/worker-start.ts";
import type { DataReply } from "./data-worker.ts";
import { type HashedData, hashData } from "./hash-data.ts";
import type { WalkedFile } from "./walk-data.ts";

/** Below this a thread takes longer to start than the reading. */
const INLINE_BYTES = 8 << 20;
const INLINE_FILES = 500;
const BATCH_BYTES = 8 << 20;
const BATCH_FILES = 256;
const MOST_WORKERS = 4;

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Bytes read so far. */
  readonly read: (bytes: number) => void;
}

/** Reads files, in threads when it is worth it; answers in their order. Throws CANCELLED. */
export async function readData(files: readonly WalkedFile[], options: ReadOptions): Promise<HashedData[]> {
  const bytes = files.reduce((sum, { facts }) => sum + facts.size, 0);
  const small = bytes <= INLINE_BYTES && files.length <= INLINE_FILES;
  return small ? readHere(files, options) : readInWorkers(files, options);
}

async function readHere(files: readonly WalkedFile[], { signal, read }: ReadOptions): Promise<HashedData[]> {
  const found: HashedData[] = [];
  for (const { source } of files) {
    if (signal?.aborted) throw errors.CANCELLED({});
    found.push(hashData(source, read));
    await setImmediate();
  }
  return found;
}

async function readInWorkers(files: readonly WalkedFile[], options: ReadOptions): Promise<HashedData[]> {
  const found = new Array<HashedData>(files.length);
  const batches = batchesOf(files);
  const count = Math.min(MOST_WORKERS, availableParallelism(), batches.length);
  const workers = Array.from({ length: count }, () => startWorker(import.meta.url, "data-worker"));
  const ended = new AbortController();
  const stop = (): void => ended.abort(errors.CANCELLED({}));
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted) stop();
  let next = 0;
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let batch = batches[next++]; batch; batch = batches[next++]) {
          const answers = await ask(worker, batch, files, options.read, ended.signal);
          answers.forEach((answer, i) => {
            found[batch.from + i] = answer;
          });
        }
      }),
    );
    return found;
  } catch (error) {
    throw ended.signal.aborted ? errors.CANCELLED({}) : error;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Batch {
  readonly from: number;
  readonly to: number;
}

function batchesOf(files: readonly WalkedFile[]): Batch[] {
  const batches: Batch[] = [];
  let from = 0;
  let bytes = 0;
  files.forEach(({ facts }, i) => {
    bytes += facts.size;
    if (bytes < BATCH_BYTES && i + 1 - from < BATCH_FILES && i + 1 < files.length) return;
    batches.push({ from, to: i + 1 });
    from = i + 1;
    bytes = 0;
  });
  return batches;
}

function ask(
  worker: Worker,
  { from, to }: Batch,
  files: readonly WalkedFile[],
  read: (bytes: number) => void,
  signal: AbortSignal,
): Promise<readonly HashedData[]> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => end(() => reject(errors.CANCELLED({})));
    const fail = (error: unknown): void => end(() => reject(error));
    const exit = (): void => fail(new Error("a thread that reads data ended"));
    const take = (reply: DataReply): void => {
      if ("found" in reply) end(() => resolve(reply.found));
      else read(reply.read);
    };
    function end(settle: () => void): void {
      worker.off("message", take).off("error", fail).off("exit", exit);
      signal.removeEventListener("abort", cancel);
      settle();
    }
    worker.on("message", take).on("error", fail).on("exit", exit);
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) return cancel();
    worker.postMessage(files.slice(from, to).map(({ source }) => source));
  });
}
