import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { type HashedBatch, hashBatch } from "../capture/hash-batch.ts";
import { systemFiles } from "../files/file-system.ts";
import { LfsStore } from "../lfs/lfs-store.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import { ObjectReader } from "../objects/object-reader.ts";
import { PackIndex } from "../objects/pack-index.ts";
import { PackSet } from "../objects/pack-set.ts";
import { writeBatch } from "../restore/write-batch.ts";
import type { WorkerContext, WorkerFailure, WorkerReply, WorkerRequest } from "./worker-messages.ts";

/* Worker thread: reads, hashes and compresses files of a capture; writes files of a restore. */

type State = ReturnType<typeof prepare>;

let state: State | undefined;

parentPort?.on("message", (request: WorkerRequest) => {
  if (request.kind === "context") {
    state?.packs.close();
    state = prepare(request.context);
    return;
  }
  answer(request);
});

function prepare(context: WorkerContext) {
  const { gitDirectory, now, window, sha256 } = context;
  const fs = systemFiles;
  const known = context.packs.map((pack) => ({ ...pack, index: new PackIndex(pack.index) }));
  const packs = PackSet.from(fs, join(gitDirectory, "objects", "pack"), known);
  const reader = new ObjectReader(fs, gitDirectory, packs);
  const lfs = new LfsStore(fs, gitDirectory);
  return { fs, packs, reader, lfs, now, window, sha256, known: (id: Buffer) => packs.has(id) };
}

function answer(request: Exclude<WorkerRequest, { kind: "context" }>): void {
  const { sequence } = request;
  try {
    if (!state) throw new Error("a batch came before its context");
    const result =
      request.kind === "hash" ? hashBatch(state, request.batch) : writeBatch(state, request.batch);
    send({ sequence, result }, "data" in result ? transferable(result) : []);
  } catch (error) {
    send({ sequence, failure: failureOf(error) }, []);
  }
}

function send(reply: WorkerReply, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(reply, transfer);
}

function transferable(result: HashedBatch): ArrayBuffer[] {
  return [result.data.buffer, result.ids.buffer, result.facts.buffer] as ArrayBuffer[];
}

function failureOf(error: unknown): WorkerFailure {
  const { message, code, path } = error as NodeJS.ErrnoException;
  const damaged = error instanceof DamagedObject ? { objectId: error.objectId, problem: error.problem } : {};
  return { message, ...(code ? { code } : {}), ...(path ? { path: String(path) } : {}), ...damaged };
}
