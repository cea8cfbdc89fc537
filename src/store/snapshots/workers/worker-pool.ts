import type { Worker } from "node:worker_threads";
import { startWorker } from "../../../util/worker-start.ts";
import type { HashBatch, HashedBatch } from "../capture/hash-batch.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import type { WriteBatch, WrittenBatch } from "../restore/write-batch.ts";
import type { WorkerContext, WorkerReply, WorkerRequest } from "./worker-messages.ts";

/** Batches a worker holds at a time: one in work, one waiting so that it never stands still. */
const IN_FLIGHT = 2;
/** Idle workers go after this time and give their memory back. */
const IDLE_MS = 30_000;

type Work = { kind: "hash"; batch: HashBatch } | { kind: "write"; batch: WriteBatch };

interface Waiting {
  readonly work: Work;
  readonly context: WorkerContext;
  resolve(result: never): void;
  reject(error: unknown): void;
}

interface Member {
  readonly worker: Worker;
  readonly running: Map<number, Waiting>;
  /** The context it was told last. */
  context: WorkerContext | undefined;
}

/** Worker threads for big jobs, shared by the stores of this process. None is started before the first batch. */
export class WorkerPool {
  static readonly #shared = new Map<number, WorkerPool>();
  readonly #size: number;
  readonly #members: Member[] = [];
  readonly #queue: Waiting[] = [];
  #users = 0;
  #sequence = 0;
  #idle: NodeJS.Timeout | undefined;

  /** The pool of this size; to be released again. */
  static take(size: number): WorkerPool {
    const pool = WorkerPool.#shared.get(size) ?? new WorkerPool(size);
    WorkerPool.#shared.set(size, pool);
    pool.#users++;
    return pool;
  }

  private constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** True when workers stand ready. */
  get warm(): boolean {
    return this.#members.length > 0;
  }

  hash(context: WorkerContext, batch: HashBatch): Promise<HashedBatch> {
    return this.#run({ kind: "hash", batch }, context) as Promise<HashedBatch>;
  }

  write(context: WorkerContext, batch: WriteBatch): Promise<WrittenBatch> {
    return this.#run({ kind: "write", batch }, context) as Promise<WrittenBatch>;
  }

  /** The last user ends the threads. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    clearTimeout(this.#idle);
    await Promise.all(this.#members.splice(0).map(({ worker }) => worker.terminate()));
  }

  #run(work: Work, context: WorkerContext): Promise<unknown> {
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, context, resolve: resolve as (result: never) => void, reject });
      this.#feed();
    });
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      const member = this.#leastBusy();
      if (!member) return;
      const next = this.#queue.shift() as Waiting;
      const sequence = this.#sequence++;
      member.running.set(sequence, next);
      member.worker.ref();
      this.#tellContext(member, next.context);
      member.worker.postMessage({ ...next.work, sequence } satisfies WorkerRequest);
    }
  }

  #leastBusy(): Member | undefined {
    const idle = this.#members.find((member) => member.running.size === 0);
    if (idle) return idle;
    if (this.#members.length < this.#size) return this.#start();
    const free = this.#members.filter((member) => member.running.size < IN_FLIGHT);
    return free.sort((a, b) => a.running.size - b.running.size)[0];
  }

  #tellContext(member: Member, context: WorkerContext): void {
    if (member.context === context) return;
    member.context = context;
    member.worker.postMessage({ kind: "context", context } satisfies WorkerRequest);
  }

  #start(): Member {
    const worker = startWorker(import.meta.url, "snapshot-worker");
    const member: Member = { worker, running: new Map(), context: undefined };
    worker.on("message", (reply: WorkerReply) => this.#settle(member, reply));
    worker.on("error", (error) => this.#lose(member, error));
    worker.on("exit", () => this.#lose(member, new Error("a worker thread ended")));
    this.#members.push(member);
    return member;
  }

  #settle(member: Member, reply: WorkerReply): void {
    const waiting = member.running.get(reply.sequence);
    member.running.delete(reply.sequence);
    this.#feed();
    if (member.running.size === 0) member.worker.unref();
    if (this.#members.every(({ running }) => running.size === 0)) this.#goIdle();
    if (reply.failure) waiting?.reject(revive(reply.failure));
    else waiting?.resolve(reply.result as never);
  }

  #lose(member: Member, error: unknown): void {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
    for (const waiting of member.running.values()) waiting.reject(error);
    member.running.clear();
    // Without a worker left nobody would take what waits.
    if (this.#members.length === 0) for (const waiting of this.#queue.splice(0)) waiting.reject(error);
  }

  #goIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      for (const { worker } of this.#members.splice(0)) void worker.terminate();
    }, IDLE_MS);
    this.#idle.unref();
  }
}

function revive(failure: NonNullable<WorkerReply["failure"]>): Error {
  if (failure.objectId) return new DamagedObject(failure.objectId, failure.problem ?? "is damaged");
  return Object.assign(new Error(failure.message), { code: failure.code, path: failure.path });
}
