import { parentPort } from "node:worker_threads";
import { type HashedData, hashData } from "./hash-data.ts";

/* The thread that reads data, so that the engine goes on answering meanwhile. */

/** How many bytes came, or the contents of a batch. */
export type DataReply = { readonly read: number } | { readonly found: readonly HashedData[] };

/** Progress is told in steps of this many bytes. */
const STEP = 16 << 20;

parentPort?.on("message", (paths: readonly string[]) => {
  let read = 0;
  const tell = (bytes: number): void => {
    read += bytes;
    if (read < STEP) return;
    parentPort?.postMessage({ read } satisfies DataReply);
    read = 0;
  };
  const found = paths.map((path) => hashData(path, tell));
  parentPort?.postMessage({ read } satisfies DataReply);
  parentPort?.postMessage({ found } satisfies DataReply);
});
