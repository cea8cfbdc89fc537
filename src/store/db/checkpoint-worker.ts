import { parentPort, workerData } from "node:worker_threads";
import { runJob, type StoreJob } from "./checkpoint-job.ts";
import { errorCode, nodeFiles } from "./files.ts";

/* The thread that folds or checks a store, so that the engine goes on answering meanwhile. */

export type WorkerAnswer =
  | { readonly result: Awaited<ReturnType<typeof runJob>> }
  | { readonly failure: { readonly code: string; readonly message: string } };

void runJob(workerData as StoreJob, nodeFiles, Date.now)
  .then(
    (result): WorkerAnswer => ({ result }),
    (error: Error): WorkerAnswer => ({ failure: { code: errorCode(error), message: error.message } }),
  )
  .then((answer) => parentPort?.postMessage(answer));
