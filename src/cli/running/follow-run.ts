import { randomUUID } from "node:crypto";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Call } from "../call.ts";
import type { Engine } from "../engine-port.ts";
import type { Signal } from "../host.ts";
import { shortId } from "../render/text.ts";
import { copyOutput } from "./output-copier.ts";
import { showPreparation } from "./show-preparation.ts";

export interface FollowedRun {
  readonly run: Run;
  /** The signal that made this process stop the run. */
  readonly interruptedBy?: Signal;
  /** What it printed ended without a newline. */
  readonly midLine: boolean;
}

export interface FollowOptions {
  /** Starts the run; what it prints is found by `originId`. */
  start(originId: string, signal: AbortSignal): Promise<Run>;
  /** The command has the terminal: Ctrl-C is its own to handle. */
  readonly ownsTerminal?: boolean;
  /** What it prints is not shown; its log has it. */
  readonly silent?: boolean;
  /** What the first signal is passed on as, whichever it is. */
  readonly stopSignal?: "SIGTERM";
  /** Called when it has started, before its end is waited for. */
  begun?(): Promise<void>;
}

/** Starts a run, shows what it prints, and waits for its end. Ctrl-C stops it, a second one kills it. */
export async function followRun(call: Call, options: FollowOptions): Promise<FollowedRun> {
  const engine = await call.engine();
  const originId = randomUUID();
  const endPreparation = showPreparation(call, engine, originId);
  const sink = call.json ? call.stderr : call.stdout;
  const copier = options.silent ? undefined : copyOutput(engine, originId, sink);
  const stopper = createStopper(call, engine, options);
  try {
    const started = await options.start(originId, stopper.beforeStart);
    stopper.started(started.id);
    await options.begun?.();
    const run = await whileThere(call, started.id, async () => {
      const ended = await engine.request("run.wait", { id: started.id });
      await copier?.finish(started.id).catch((error: unknown) => outputMissing(call, started.id, error));
      return ended.run;
    });
    const interruptedBy = stopper.signal();
    return {
      run,
      midLine: copier?.midLine() === true,
      ...(interruptedBy === undefined ? {} : { interruptedBy }),
    };
  } finally {
    endPreparation();
    copier?.close();
    stopper.end();
  }
}

/** The record of a run that was started here can only be missing when somebody removed the project under it. */
async function whileThere<T>(call: Call, runId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatmoError) || error.kind !== "RUN_NOT_FOUND") throw error;
    const hint = `The project was removed while its run ${runId} went on; what was recorded is gone with it.`;
    throw errors.PROJECT_NOT_FOUND({ directory: call.projectDirectory }, { hint, cause: error });
  }
}

/** How the command ended is known: that its output cannot be read any more does not change it. */
function outputMissing(call: Call, runId: string, error: unknown): Promise<void> {
  if (error instanceof DatmoError && error.kind === "RUN_NOT_FOUND") throw error;
  const reason = (error as Error).message;
  const warning = `the rest of the output could not be read (${reason}); try: datmo run logs ${shortId(runId)}`;
  return call.note(`${call.noteStyle.yellow("warning:")} ${warning}`);
}

interface Stopper {
  /** Aborted by a signal that comes before the command has started. */
  readonly beforeStart: AbortSignal;
  started(runId: string): void;
  /** The first signal that came. */
  signal(): Signal | undefined;
  end(): void;
}

function createStopper(
  call: Call,
  engine: Engine,
  { ownsTerminal = false, stopSignal }: FollowOptions,
): Stopper {
  const controller = new AbortController();
  let runId: string | undefined;
  let first: Signal | undefined;

  const stop = (signal: Signal, graceMs?: number): void => {
    if (runId === undefined) return;
    const how = stopSignal ?? (signal === "SIGINT" ? "SIGINT" : "SIGTERM");
    const params = { id: runId, signal: how, ...(graceMs === undefined ? {} : { graceMs }) } as const;
    engine.request("run.stop", params).catch((error: unknown) => {
      // It ended by itself meanwhile.
      if (error instanceof DatmoError && error.kind === "RUN_NOT_ACTIVE") return;
      void call.note(`${call.noteStyle.yellow("warning:")} ${(error as Error).message}`);
    });
  };

  const end = call.host.onSignal((signal) => {
    if (signal === "SIGINT" && ownsTerminal) return;
    if (first !== undefined) {
      stop(signal, 0);
      return;
    }
    first = signal;
    if (runId === undefined) controller.abort();
    else stop(signal);
    if (signal === "SIGINT" && runId !== undefined)
      void call.note("Stopping; press Ctrl-C again to kill it.");
  });

  return {
    beforeStart: controller.signal,
    started(id) {
      runId = id;
      // The engine was faster than the cancellation.
      if (first !== undefined) stop(first);
    },
    signal: () => first,
    end,
  };
}
