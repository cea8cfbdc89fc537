import { DatmoError } from "../../protocol/errors.ts";
import type { QueueClaimParams, QueueClaimResult, Run } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { Engine } from "../engine-port.ts";
import type { Signal } from "../host.ts";

/** How often the queue is looked at while nothing can be started: at first, and when it stays so. */
const POLL_MS = 50;
const MOST_POLL_MS = 500;
const SLOWER = 1.3;

export interface WorkOptions {
  /** Runs at once. */
  readonly slots: number;
  readonly claim: QueueClaimParams;
  /** Leave when nothing waits that could be started here. Absent: wait for more. */
  readonly drain?: boolean;
  /** Leave after one run. */
  readonly once?: boolean;
  /** Leave when nothing was done for so long, milliseconds. */
  readonly idleMs?: number;
  started(claim: QueueClaimResult & { readonly run: Run }): Promise<void>;
  ended(run: Run): Promise<void>;
}

export interface Worked {
  /** The first signal that came. */
  readonly interruptedBy?: Signal;
  /** What the last look at the queue found; absent when there was none. */
  readonly last?: QueueClaimResult;
}

/**
 * Executes what waits in the queue, several at once. Ctrl-C lets those that run end and starts no more, a second one
 * stops them, a third kills them.
 */
export async function workQueue(call: Call, options: WorkOptions): Promise<Worked> {
  const engine = await call.engine();
  const worker = createWorker(engine, options);
  let signals = 0;
  let first: Signal | undefined;
  const end = call.host.onSignal((signal) => {
    first ??= signal;
    signals++;
    if (signals === 1) worker.leave();
    else worker.stop(signals > 2 ? 0 : undefined);
    const running = worker.running();
    if (running > 0) void call.note(interruptNote(signals, running));
  });
  try {
    await worker.work();
    const last = worker.last();
    return { ...(first === undefined ? {} : { interruptedBy: first }), ...(last ? { last } : {}) };
  } finally {
    end();
  }
}

function interruptNote(signals: number, running: number): string {
  const runs = running === 1 ? "the run" : `the ${running} runs`;
  if (signals === 1) return `Waiting for the end of ${runs}; press Ctrl-C again to stop.`;
  return signals === 2 ? `Stopping ${runs}; press Ctrl-C again to kill.` : `Killing ${runs}.`;
}

interface Worker {
  work(): Promise<void>;
  /** Starts no more. */
  leave(): void;
  stop(graceMs: number | undefined): void;
  running(): number;
  last(): QueueClaimResult | undefined;
}

function createWorker(engine: Engine, options: WorkOptions): Worker {
  const controller = new AbortController();
  const running = new Set<string>();
  const sleepers = new Set<() => void>();
  let claims = 0;
  let taken = 0;
  let leaving = false;
  let busyAt = Date.now();
  let failure: unknown;
  let last: QueueClaimResult | undefined;

  function leave(): void {
    leaving = true;
    controller.abort();
    wake();
  }

  function wake(): void {
    for (const awake of sleepers) awake();
    sleepers.clear();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      sleepers.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async function claim(): Promise<QueueClaimResult | undefined> {
    claims++;
    try {
      last = await engine.request("queue.claim", options.claim, { signal: controller.signal });
      return last;
    } catch (error) {
      // Interrupted, or another worker was faster.
      if (error instanceof DatmoError && ["CANCELLED", "RUN_ACTIVE"].includes(error.kind)) return undefined;
      throw error;
    } finally {
      claims--;
    }
  }

  async function execute(claimed: QueueClaimResult & { readonly run: Run }): Promise<void> {
    const { id } = claimed.run;
    taken++;
    running.add(id);
    await options.started(claimed);
    try {
      await options.ended((await engine.request("run.wait", { id })).run);
    } finally {
      running.delete(id);
      busyAt = Date.now();
      wake();
    }
  }

  /** Nothing that waits can be started by anybody here, now or when something ends. */
  function isDone(found: QueueClaimResult | undefined): boolean {
    if (running.size > 0 || claims > 0) return false;
    if (options.once || (options.drain && found?.waiting === 0)) return true;
    return options.idleMs !== undefined && Date.now() - busyAt > options.idleMs;
  }

  async function slot(): Promise<void> {
    for (let wait = POLL_MS; !leaving; wait = Math.min(MOST_POLL_MS, wait * SLOWER)) {
      const found = await claim();
      if (found?.run) {
        await execute(found as QueueClaimResult & { readonly run: Run });
        if (options.once && taken > 0) leave();
        wait = POLL_MS;
        continue;
      }
      if (isDone(found)) leave();
      else if (!leaving) await pause(wait);
    }
  }

  return {
    async work() {
      const slots = Array.from({ length: options.once ? 1 : options.slots }, () =>
        slot().catch((error: unknown) => {
          failure ??= error;
          leave();
        }),
      );
      await Promise.all(slots);
      if (failure !== undefined) throw failure;
    },
    leave,
    stop(graceMs) {
      const how = graceMs === undefined ? {} : { graceMs };
      for (const id of running) {
        // It may have ended by itself meanwhile.
        engine.request("run.stop", { id, signal: "SIGINT", ...how }).catch(() => undefined);
      }
    },
    running: () => running.size,
    last: () => last,
  };
}
