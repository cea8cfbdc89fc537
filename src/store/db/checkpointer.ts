import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { errors } from "../../protocol/errors.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import { startWorker } from "../../util/worker-start.ts";
import type { CheckpointResult } from "./checkpoint.ts";
import { type JobResult, runJob, type StoreJob } from "./checkpoint-job.ts";
import type { WorkerAnswer } from "./checkpoint-worker.ts";
import { type Files, nodeFiles } from "./files.ts";
import { snapshotFile } from "./layout.ts";
import { type ProblemLog, reasonOf, writeError } from "./problems.ts";
import { listSnapshots } from "./snapshots.ts";
import type { Tail } from "./view.ts";

export interface CheckpointerOptions {
  readonly files: Files;
  /** `.datmo` */
  readonly directory: string;
  readonly problems: ProblemLog;
  readonly now: () => number;
  readonly patient: () => boolean;
}

/** Decides when the journal is folded, and has it done in another thread. */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #running: Promise<JobResult> | undefined;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastDuration = 0;
  #notBefore = 0;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Schedules a checkpoint when the tail is long and no engine has made one lately. */
  consider(tail: Tail, rewrite: boolean): void {
    if (this.#timer || this.#running || !(rewrite || isLong(tail)) || !this.isDue()) return;
    // Engines that meet the same tail at the same time should not all begin.
    const delay = Math.random() * SPREAD_MS;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.isDue()) return;
      void this.checkpoint("background").catch(() => {});
    }, delay).unref();
  }

  /**
   * True unless checkpoints would take more than one fiftieth of the time, the last one here failed lately, or
   * (given the bytes of a tail, by somebody who waits for it) it would take long for what it is worth.
   */
  isDue(waitingFor?: number): boolean {
    const { files, directory, now } = this.#options;
    if (now() < this.#notBefore) return false;
    const newest = listSnapshots(files, directory)[0];
    const facts = newest && files.statSync(join(directory, "snap", snapshotFile(newest)));
    if (!facts) return true;
    const duration = this.expectedDuration(facts.size);
    if (waitingFor !== undefined && duration > LONG_WAIT_MS && waitingFor < WORTH_WAITING) return false;
    const age = now() - facts.mtimeMs;
    // A time in the future was told by a wrong clock.
    return age >= 50 * duration || age < -50 * duration;
  }

  /** Time that a checkpoint of a snapshot of this many bytes takes, milliseconds. */
  expectedDuration(bytes: number): number {
    return Math.max(150 + bytes / 200_000, this.#lastDuration);
  }

  /** Makes one of everything that is durable now. Throws INDEX_NOT_REFRESHED or READ_ONLY. */
  async checkpoint(mode: "awaited" | "background" = "awaited"): Promise<CheckpointResult> {
    // One that is under way may have begun too early.
    while (this.#running) {
      this.#worker?.ref();
      await this.#running.catch(() => {});
    }
    const started = this.#options.now();
    try {
      this.#running = this.#run("checkpoint");
      // While nobody waits for it, the process may end before it does.
      if (mode === "background") this.#worker?.unref();
      const { checkpoint, problems } = await this.#running;
      this.#lastDuration = this.#options.now() - started;
      this.#tell(problems);
      if (checkpoint) this.warnOfSize(checkpoint.bytes);
      return checkpoint!;
    } catch (error) {
      throw this.failed(error);
    } finally {
      this.#running = undefined;
      this.#worker = undefined;
    }
  }

  /** Notes that a checkpoint could not be made; it is tried again in ten minutes. */
  failed(error: unknown): Error {
    const { problems, directory, now } = this.#options;
    this.#notBefore = now() + BACK_OFF_MS;
    // Who may only read a project is not to be told so at every turn.
    const refused = writeError(error, "the index", directory);
    if (refused.kind === "READ_ONLY") return refused;
    const reason = refused.kind === "DISK_FULL" ? "disk full" : reasonOf(error);
    const failure = errors.INDEX_NOT_REFRESHED({ reason }, { cause: error });
    problems.add(failure);
    return failure;
  }

  warnOfSize(bytes: number): void {
    if (bytes > WARN_BYTES) this.#options.problems.add(tooLarge(bytes), "size");
  }

  /** Reads everything for damage. */
  async check(signal?: AbortSignal): Promise<readonly StoreProblem[]> {
    signal?.throwIfAborted();
    return (await this.#run("check", signal)).problems;
  }

  /** Stops waiting for the right moment; a checkpoint that is being made is given some time to end. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#running) return;
    this.#worker?.ref();
    const patience = new Promise((resolve) => setTimeout(resolve, CLOSE_PATIENCE_MS).unref());
    await Promise.race([this.#running.catch(() => {}), patience]);
    // Whatever it was doing: it may be interrupted at any step.
    await this.#worker?.terminate();
  }

  async #run(kind: StoreJob["kind"], signal?: AbortSignal): Promise<JobResult> {
    const { files, directory, now, patient } = this.#options;
    const job: StoreJob = { kind, directory, patient: patient() };
    if (files !== nodeFiles) return runJob(job, files, now);
    const worker = startWorker(import.meta.url, "checkpoint-worker", { workerData: job });
    if (kind === "checkpoint") this.#worker = worker;
    return answerOf(worker, signal);
  }

  #tell(problems: readonly StoreProblem[]): void {
    for (const { kind, details } of problems) {
      const factory = errors[kind as keyof typeof errors] as (
        details: unknown,
      ) => ReturnType<typeof tooLarge>;
      this.#options.problems.add(factory(details));
    }
  }
}

/** Of a snapshot larger than this the user is warned, bytes. */
export const WARN_BYTES = 256 * 1024 * 1024;
/** Snapshots above this are refused new runs, bytes. */
export const LIMIT_BYTES = 1024 * 1024 * 1024;

export function tooLarge(
  bytes: number,
  limit: number = LIMIT_BYTES,
): ReturnType<typeof errors.PROJECT_TOO_LARGE> {
  const megabytes = (n: number): number => Math.round(n / 1024 / 1024);
  return errors.PROJECT_TOO_LARGE({ megabytes: megabytes(bytes), limitMegabytes: megabytes(limit) });
}

const LONG_WAIT_MS = 1000;
const WORTH_WAITING = 4 * 1024 * 1024;
const SPREAD_MS = 2000;
const BACK_OFF_MS = 10 * 60 * 1000;
const CLOSE_PATIENCE_MS = 3000;

function isLong(tail: Tail): boolean {
  return tail.bytes > 512 * 1024 || tail.transactions > 2000 || tail.finished > 64;
}

function answerOf(worker: Worker, signal: AbortSignal | undefined): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      void worker.terminate();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
    worker.once("message", (answer: WorkerAnswer) => {
      if ("result" in answer) resolve(answer.result);
      else reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
    });
    worker.once("error", reject);
    worker.once("exit", (code) => {
      signal?.removeEventListener("abort", stop);
      reject(new Error(`the thread ended with code ${code}`));
    });
  });
}
