import { kill } from "node:process";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunStopParams } from "../../protocol/types.ts";
import { isThere } from "../../util/safe-files.ts";
import { findRecord } from "../lookup.ts";
import { cancelWaiting } from "../queue/cancel.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { driverOfRun } from "./drivers.ts";
import { type ExecutionContext, GRACE_MS } from "./execution.ts";
import type { Reconciler } from "./reconciler.ts";
import { writeTaskJson } from "./task-files.ts";

/** How often another engine's run is looked at, at first and when nothing happens for long. */
const POLL_MS = 100;
const MOST_POLL_MS = 500;
/** How often a run that is to be stopped is looked at while it is being prepared. */
const STARTING_MS = 300;

/** Stops runs and waits for them, whichever engine owns them. */
export interface RunControl {
  stop(params: RunStopParams, signal: AbortSignal): Promise<Run[]>;
  wait(id: string, timeoutMs: number | undefined, signal: AbortSignal): Promise<Run>;
}

export function createRunControl(
  context: ExecutionContext,
  active: ActiveRuns<ActiveRun>,
  reconciler: Reconciler,
): RunControl {
  const { project } = context;

  async function current(id: string): Promise<Run> {
    const own = active.get(id);
    if (own) return own.run();
    const record = await project.records.get("run", id);
    if (!record) throw errors.RUN_NOT_FOUND({ id });
    return runFromRecord(record);
  }

  async function wait(asked: string, timeoutMs: number | undefined, signal: AbortSignal): Promise<Run> {
    const id = active.get(asked)?.id ?? (await findRecord(project, "run", asked)).id;
    const until = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
    for (let pause = POLL_MS; ; pause = Math.min(MOST_POLL_MS, pause * 1.1)) {
      if (signal.aborted) throw errors.CANCELLED({});
      const own = active.get(id);
      if (own) {
        const ended = await before(own.done, until, signal);
        throwUnfinished(id);
        if (ended) return ended;
      } else {
        await reconciler.statuses();
        throwUnfinished(id);
        const run = await current(id);
        const open = await project.openRuns.read(id);
        if (isEnded(run.status) && !open) return run;
        if (!(await isThere(project.datmo))) throw errors.PROJECT_NOT_FOUND({ directory: project.directory });
        if (run.status === "queued" && !open && (await endUnqueued(run))) continue;
      }
      if (Date.now() >= until) return current(id);
      if (!own) await before(sleep(pause), until, signal);
    }
  }

  /** A run whose file in the queue was lost: nobody would ever start it, or end it. True when that is its end now. */
  async function endUnqueued({ id, from }: Run): Promise<boolean> {
    if (from !== undefined || (await project.queue.read(id)) || (await project.queue.isHeld(id)))
      return false;
    // A worker may have started it between the two looks.
    if ((await current(id)).status !== "queued" || (await project.openRuns.read(id))) return false;
    const { kind, message } = errors.RUN_LOST({ id });
    const set = { status: "lost", endedAt: new Date().toISOString(), error: { kind, message } };
    await project.records.commit([{ kind: "run", id, set }]);
    return true;
  }

  /** For whoever waits for a run whose end could not be recorded. */
  function throwUnfinished(id: string): void {
    const error = context.unfinished.tell(id);
    if (error) throw error;
  }

  async function activeIds(): Promise<string[]> {
    await reconciler.statuses();
    // Those that wait first: a worker would take the next as soon as one has ended.
    const waiting = await project.queue.ids();
    return [
      ...new Set([...waiting, ...active.all().map((run) => run.id), ...(await project.openRuns.ids())]),
    ];
  }

  async function stopOne(id: string, params: RunStopParams, signal: AbortSignal): Promise<Run> {
    const run = await current(id);
    if (isEnded(run.status)) throw errors.RUN_NOT_ACTIVE({ id, status: run.status });
    if (run.from !== undefined && !(await project.openRuns.read(id)))
      throw errors.RUN_NOT_STOPPABLE({ id, reason: `it goes on elsewhere; it came from ${run.from}` });
    const graceMs = params.graceMs ?? GRACE_MS;
    const directory = project.taskDirectory(id);
    const cancelled = await untilStarted(id, graceMs);
    if (cancelled) return cancelled;
    await writeTaskJson(directory, "stop.json", { at: new Date().toISOString() });
    const how = { graceMs, ...(params.signal ? { signal: params.signal } : {}) };
    if (run.origin === "recorded") {
      await askScript(id, params.signal ?? "SIGTERM");
      return wait(id, graceMs + GRACE_MS, signal);
    }
    const driver = await driverOfRun(project, run.driver);
    const until = Date.now() + graceMs + GRACE_MS;
    for (;;) {
      await driver.stop(directory, how);
      // Nothing of it runs now; but a run that is being prepared may only be about to start.
      const now = await wait(id, STARTING_MS, signal);
      if (isEnded(now.status) || Date.now() > until) return now;
    }
  }

  /** The run when it ended without being started. One that a worker is about to start is told, and tried again. */
  async function untilStarted(id: string, graceMs: number): Promise<Run | undefined> {
    const until = Date.now() + graceMs;
    while (await project.queue.read(id)) {
      const run = await cancelWaiting(context, id);
      if (run) return run;
      if (await isThere(project.taskDirectory(id))) {
        const wish = { at: new Date().toISOString() };
        await writeTaskJson(project.taskDirectory(id), "stop.json", wish).catch(() => undefined);
      }
      if (Date.now() > until) return undefined;
      await sleep(STARTING_MS / 10);
    }
    const now = await current(id);
    if (await project.openRuns.read(id)) return undefined;
    if (now.status !== "queued") return isEnded(now.status) ? now : undefined;
    // Its file in the queue was lost or damaged, so nobody would ever start it.
    const endedAt = new Date().toISOString();
    await project.records.commit([{ kind: "run", id, set: { status: "stopped", endedAt } }]);
    return current(id);
  }

  /** A script that records itself is the user's own process: it is asked, never killed. */
  async function askScript(id: string, signal: "SIGINT" | "SIGTERM"): Promise<void> {
    const open = await project.openRuns.read(id);
    if (!open || (await project.openRuns.ownerState(open)) !== "alive") return;
    kill(open.owner.pid, signal);
  }

  return {
    wait,
    async stop(params, signal) {
      if (params.all === true) {
        const runs: Run[] = [];
        for (const id of await activeIds()) {
          const run = await current(id).catch(() => undefined);
          if (run && !isEnded(run.status)) runs.push(await stopOne(id, params, signal));
        }
        return runs;
      }
      if (params.id === undefined) {
        const summary = "Say which run to stop: its id, or all.";
        throw errors.INVALID_PARAMS({ summary, problems: [{ path: "/id", message: "is missing" }] });
      }
      const id = active.get(params.id)?.id ?? (await findRecord(project, "run", params.id)).id;
      return [await stopOne(id, params, signal)];
    },
  };
}

/** The value of a promise, or undefined when the time is up or the caller has cancelled. */
async function before<T>(promise: Promise<T>, until: number, signal: AbortSignal): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let cancelled: (() => void) | undefined;
  const limit = new Promise<undefined>((resolve) => {
    if (until !== Number.POSITIVE_INFINITY)
      timer = setTimeout(() => resolve(undefined), Math.max(0, until - Date.now()));
    cancelled = () => resolve(undefined);
    signal.addEventListener("abort", cancelled, { once: true });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    if (cancelled) signal.removeEventListener("abort", cancelled);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
