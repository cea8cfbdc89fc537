import { join } from "node:path";
import { parserOf } from "../../domain/parser-choice.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { setLongTimeout } from "../../util/long-timeout.ts";
import { isThere } from "../../util/safe-files.ts";
import type { ContainerFacts } from "../ports/containers.ts";
import type { Driver, ExitFact, StartedProcess, StartSpec } from "../ports/drivers.ts";
import type { OpenProject } from "../project/open-project.ts";
import { storageError } from "../system-errors.ts";
import { watchExecuted } from "../usage/executed-usage.ts";
import type { UsageWatch } from "../usage/watch-usage.ts";
import type { ActiveRun } from "./active-runs.ts";
import { driverNamed } from "./drivers.ts";
import { captureHints, driverCommand, type ExecutionPlan, planEnvironment } from "./execution-plan.ts";
import type { IsolatedCopy } from "./isolated-copy.ts";
import { endUnstarted, throwIfStopped } from "./not-started.ts";
import { closeBooks, leaveOpen, recordEnd, takeAfter, takeLastWords } from "./run-end.ts";
import type { RunEvents } from "./run-events.ts";
import type { RunFields } from "./run-fields.ts";
import { createRunSession, type RunSession } from "./run-session.ts";
import { readTaskJson } from "./task-files.ts";
import type { UnfinishedRuns } from "./unfinished-runs.ts";
import { watchFolder } from "./watch-folder.ts";

/** Name of the file, among those that a run gave, with what its terminal showed. */
const TRANSCRIPT = "terminal.cast";

/** Time between a request to end and the kill. */
export const GRACE_MS = 10_000;

export interface ExecutionContext {
  readonly project: OpenProject;
  readonly events: RunEvents;
  /** The environment that commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The process's standard streams are the user's: an interactive command may have them. */
  readonly hasTerminal: boolean;
  /** Answers a request in a run's journal. `asker`: absent, the run's processes are gone. */
  answer(runId: string, method: string, params: JsonObject, asker?: RunSession): Promise<JsonObject>;
  readonly unfinished: UnfinishedRuns;
  /** Work to be done before the engine leaves, when no run is active any more. */
  beforeLeaving(work: () => Promise<void>): void;
}

/** A run whose before-snapshot is taken and whose command has not started. */
export interface PreparedRun {
  readonly plan: ExecutionPlan;
  readonly fields: RunFields;
  readonly root: string;
  readonly copy?: IsolatedCopy;
  /** Why its command cannot be started: its environment could not be made. */
  readonly failure?: Error;
}

/** Starts the command; from here on the run ends by itself. */
export async function launchRun(
  context: ExecutionContext,
  prepared: PreparedRun,
): Promise<ActiveRun & { readonly session: RunSession }> {
  const { project, events } = context;
  const { plan, fields } = prepared;
  const session = sessionOf(context, prepared);
  const watch = watchFolder(project.taskDirectory(plan.id), () => session.pull());
  const startedAt = new Date().toISOString();
  let driver: Driver;
  let started: StartedProcess;
  try {
    await throwIfStopped(project, plan.id);
    if (prepared.failure) throw prepared.failure;
    driver = await driverNamed(project, plan.driver);
    started = await driver.start(await startSpec(context, prepared));
  } catch (error) {
    watch.close();
    throw await endUnstarted(context, prepared, error as Error);
  }
  // The command runs, whatever the disk says: what was not written now is written with the end.
  const seen: Record<string, Json> = started.container
    ? { container: containerFields(started.container) }
    : {};
  await fields.write({ status: "running", startedAt, ...seen }).catch((error: Error) => {
    events.warn(`run ${plan.id}: ${error.message}`, plan.id);
  });
  session.statusChanged();
  await project.hooks.tell("run.started", { runId: plan.id, runName: fields.run().name });
  const usage = watchExecuted(context, plan, { fields, driver, startedAt });
  const done = follow(context, prepared, { session, driver, started, startedAt, usage }).finally(() => {
    watch.close();
    return usage.stop();
  });
  return {
    id: plan.id,
    ...(plan.originId === undefined ? {} : { originId: plan.originId }),
    session,
    run: () => fields.run(),
    done: done.catch((error: unknown) => {
      context.unfinished.add(plan.id, storageError(error, `run ${plan.id}`, project.datmo));
      return fields.run();
    }),
    spool: (file, from, to) => session.intake.spool(file, from, to),
  };
}

async function startSpec(
  { project, environment }: ExecutionContext,
  prepared: PreparedRun,
): Promise<StartSpec> {
  const { plan, root, copy } = prepared;
  const taskDirectory = project.taskDirectory(plan.id);
  const { launchWorkspace } = plan.workspace
    ? await import("../workspaces/launch.ts")
    : { launchWorkspace: undefined };
  const launch = await launchWorkspace?.(project, plan, environment);
  const place = plan.built || plan.data ? await import("./place/container-of-run.ts") : undefined;
  const ports = launch?.port ? [launch.port] : [];
  const container = await place?.containerOfRun(project, plan, root, copy?.notCaptured ?? [], ports);
  if (plan.data && !container) await place?.linkDataOfRun(project, plan, root);
  return {
    runId: plan.id,
    command: launch?.command ?? driverCommand(plan),
    directory: join(root, plan.directory ?? ""),
    taskDirectory,
    environment: { ...planEnvironment(project, plan, root, environment), ...launch?.variables },
    interactive: plan.interactive,
    ...(plan.workspace?.transcript ? { transcript: join(taskDirectory, TRANSCRIPT) } : {}),
    ...(container ? { container } : {}),
    remote: { root, config: plan.config },
  };
}

function containerFields({ containerId, gpus, ports }: ContainerFacts): Json {
  return {
    id: containerId,
    ...(gpus ? { gpus: [...gpus] } : {}),
    ...(ports ? { ports: ports.map((port) => ({ ...port })) } : {}),
  };
}

function sessionOf(context: ExecutionContext, { plan, fields, root }: PreparedRun): RunSession {
  const session: RunSession = createRunSession({
    project: context.project,
    fields,
    root,
    workingDirectory: join(root, plan.directory ?? ""),
    parser: parserOf(plan),
    ...(plan.originId === undefined ? {} : { originId: plan.originId }),
    events: context.events,
    answer: (method, params) => context.answer(plan.id, method, params, session),
  });
  return session;
}

interface Following {
  readonly session: RunSession;
  readonly driver: Driver;
  readonly started: StartedProcess;
  readonly startedAt: string;
  readonly usage: UsageWatch;
}

/** Waits for the end of the command, records it and takes the after-snapshot. */
async function follow(context: ExecutionContext, prepared: PreparedRun, following: Following): Promise<Run> {
  const { project } = context;
  const { plan } = prepared;
  const { session, driver, started, startedAt } = following;
  let timedOut = false;
  const limit =
    plan.timeoutMs === undefined
      ? undefined
      : setLongTimeout(() => {
          timedOut = true;
          void driver.stop(project.taskDirectory(plan.id), { graceMs: GRACE_MS }).catch((error: Error) => {
            context.events.warn(`run ${plan.id} is over its time: ${error.message}`, plan.id);
          });
        }, plan.timeoutMs);
  const exit = await exitOf(project, plan.id, driver, started).finally(() => limit?.clear());
  await following.usage.stop();
  if (exit === undefined) return endLost(context, prepared, following);
  try {
    await endExecuted(context, {
      session,
      root: prepared.root,
      exit,
      startedAt,
      ...(timedOut ? { timeoutMs: plan.timeoutMs } : {}),
    });
    await finishExecuted(project, prepared, following);
  } catch (error) {
    if (await isThere(project.datmo)) throw error;
    const { directory } = project;
    throw errors.PROJECT_MOVED({ directory, id: plan.id, exitCode: exit.exitCode }, { cause: error });
  }
  return session.fields.run();
}

/** How the command ended, as its task folder tells when its driver cannot; undefined when nobody knows. */
async function exitOf(
  project: OpenProject,
  runId: string,
  driver: Driver,
  { exited, ended = exited }: StartedProcess,
): Promise<ExitFact | undefined> {
  try {
    return await ended;
  } catch (error) {
    const state = await driver.inspect(project.taskDirectory(runId));
    if (state.state === "gone") return undefined;
    if (state.state === "ended") return state.exit;
    throw error;
  }
}

/** Somebody took the command away without an end: its container was removed. */
async function endLost(context: ExecutionContext, prepared: PreparedRun, following: Following): Promise<Run> {
  const { project } = context;
  const { session } = following;
  const endedAt = new Date().toISOString();
  await takeLastWords({ project, session, root: prepared.root }, { endedAt });
  const { kind, message } = errors.RUN_LOST({ id: prepared.plan.id });
  await recordEnd(session, { status: "lost", endedAt, error: { kind, message } });
  await finishExecuted(project, prepared, following);
  return session.fields.run();
}

async function finishExecuted(
  project: OpenProject,
  { plan, root, copy }: PreparedRun,
  { session, started }: Following,
): Promise<void> {
  const store = copy ? project.snapshotsAt(root, copy.notCaptured) : undefined;
  const done = await takeAfter({
    project,
    session,
    root,
    hints: captureHints(plan),
    ...(store ? { store } : {}),
  });
  await store?.close();
  // A run that is still open is how a later engine finds what could not be cleaned up behind it.
  await started.exited.catch(() => undefined);
  if (!done) return leaveOpen(project, session);
  await copy?.remove();
  await closeBooks(project, session, true);
}

/** Records how an executed run ended, even when its last words cannot be taken in now (the disk is full). */
export async function endExecuted(
  context: ExecutionContext,
  ending: {
    session: RunSession;
    root: string;
    exit: ExitFact;
    startedAt?: string;
    timeoutMs?: number;
    summaries?: Record<string, Json>;
  },
): Promise<void> {
  const { project } = context;
  const { session, exit, timeoutMs } = ending;
  const lastWords = await takeLastWords(
    { project, session, root: ending.root },
    {
      ...(ending.startedAt === undefined ? {} : { startedAt: ending.startedAt }),
      endedAt: exit.endedAt,
    },
  ).then(
    () => undefined,
    (error: Error) => error,
  );
  const stopped = wasStopped(await readTaskJson(project.taskDirectory(session.fields.id), "stop.json"), exit);
  const timeout = timeoutMs === undefined ? undefined : errors.TIMEOUT({ seconds: timeoutMs / 1000 });
  await recordEnd(session, {
    status: timeout ? "failed" : stopped ? "stopped" : exit.exitCode === 0 ? "succeeded" : "failed",
    exitCode: timeout ? 124 : exit.exitCode,
    endedAt: exit.endedAt,
    ...(exit.outOfMemory ? { outOfMemory: true } : {}),
    ...(timeout ? { error: { kind: timeout.kind, message: timeout.message } } : {}),
    ...(ending.summaries ? { summaries: ending.summaries } : {}),
  });
  if (lastWords) throw lastWords;
}

/** A wish to stop that came when the command had ended by itself changes nothing. */
function wasStopped(wish: JsonObject | undefined, exit: ExitFact): boolean {
  return wish !== undefined && !(Date.parse(String(wish["at"])) > Date.parse(exit.endedAt));
}
