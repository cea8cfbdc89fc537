import type { JsonObject } from "../../util/json.ts";

/** `schemas/queued-run.schema.json`: everything that a worker needs to execute a run. */
export interface QueueEntry {
  readonly v: 1;
  readonly runId: string;
  readonly queuedAt: string;
  /** Absent: no GPU. */
  readonly gpu?: string;
  readonly sweepId?: string;
  /** Variables whose values are not kept: the worker must have them. */
  readonly needs?: readonly string[];
  /** What is executed. */
  readonly plan: JsonObject;
}

/**
 * The folder `.datmo/queue`: one file per run that waits. Only who holds a run's lease may start it, put it in or take
 * it out; a lease ends with its process, so nothing waits for a process that was killed.
 */
export interface Queue {
  /** Ids of the runs that wait, the next one first. Costs one readdir. */
  ids(): Promise<string[]>;
  /** What never changes of an entry; undefined when there is none. Answers from memory what was read before. */
  peek(runId: string): Promise<Pick<QueueEntry, "gpu" | "sweepId"> | undefined>;
  /** Undefined when the run does not wait (any more). */
  read(runId: string): Promise<QueueEntry | undefined>;
  /** Puts a run in; durable when it resolves. */
  add(entry: QueueEntry): Promise<void>;
  /** Undefined when a process that lives, this one too, has the lease. Nothing is waited for. */
  take(runId: string): Promise<Lease | undefined>;
  /** Whether somebody who lives has its lease. */
  isHeld(runId: string): Promise<boolean>;
}

export interface Lease {
  /** False when another host took it for dead and has it now. */
  isHeld(): Promise<boolean>;
  /** Gives it back; the run waits on. */
  release(): Promise<void>;
  /** The run does not wait any more. */
  finish(): Promise<void>;
}
