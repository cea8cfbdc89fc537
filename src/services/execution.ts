import { join } from "node:path";
import { commandText, fillPlaceholders } from "../domain/command-text.ts";
import { maskCommand, maskConfig } from "../domain/secrets.ts";
import { errors } from "../protocol/errors.ts";
import type { Run } from "../protocol/types.ts";
import type { Json, JsonObject } from "../util/json.ts";
import type { ActiveRun } from "./active-runs.ts";
import { type ExecutionPlan, planEnvironment, planRecords } from "./execution-plan.ts";
import { createIsolatedCopy, type IsolatedCopy } from "./isolated-copy.ts";
import type { OpenProject } from "./open-project.ts";
import type { Command, Driver, ExitFact, StartedProcess } from "./ports/drivers.ts";
import type { WorkOptions } from "./ports/snapshots.ts";
import { closeBooks, recordEnd, takeAfter, takeLastWords } from "./run-end.ts";
import type { RunEvents } from "./run-events.ts";
import { createRunFields, type RunFields } from "./run-fields.ts";
import { createRunSession, type RunSession } from "./run-session.ts";
import { takeSnapshot } from "./snapshot-taker.ts";
import { createTaskDirectory, readTaskJson, writeTaskJson } from "./task-files.ts";
import { watchFolder } from "./watch-folder.ts";

/** Time between a request to end and the kill. */
export const GRACE_MS = 10_000;

export interface ExecutionContext {
  readonly project: OpenProject;
  readonly events: RunEvents;
  /** The environment that commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  answer(runId: string, method: string, params: JsonObject): Promise<JsonObject>;
  /** Work to be done before the engine leaves, when no run is active any more. */
  beforeLeaving(work: () => Promise<void>): void;
}

/** A run whose before-snapshot is taken and whose command has not started. */
export interface PreparedRun {
  readonly plan: ExecutionPlan;
  readonly fields: RunFields;
  readonly root: string;
  readonly copy?: IsolatedCopy;
}

/** Records the run, takes its before-snapshot and makes its folders. Takes everything back when it fails. */
export async function prepareRun(
  context: ExecutionContext,
  plan: ExecutionPlan,
  options: WorkOptions,
): Promise<PreparedRun> {
  const { project } = context;
  const owner = await project.openRuns.thisProcess();
  const records = planRecords(plan);
  const fields = createRunFields(project, plan.id, plan.createdAt, records.run);
  const taskDirectory = project.taskDirectory(plan.id);
  await createTaskDirectory(taskDirectory);
  await project.openRuns.write(plan.id, { v: 1, type: "executed", createdAt: plan.createdAt, owner });
  let copy: IsolatedCopy | undefined;
  try {
    await project.records.commit(
      [
        { kind: "task", id: records.task.id, set: records.task.set },
        { kind: "run", id: plan.id, set: records.run },
      ],
      "process",
    );
    await writeTaskJson(taskDirectory, "config.json", plan.config);
    const before = await takeBefore(context, plan, options);
    options.signal?.throwIfAborted();
    if (plan.isolated) copy = await createIsolatedCopy(project, plan.id, before.tree, options);
    const [machine, userGit] = await Promise.all([project.capture.machine(), project.capture.userGit()]);
    await fields.write(
      {
        beforeSnapshotId: before.id,
        machine: machine as unknown as Json,
        ...(userGit ? { userGit: userGit as unknown as Json } : {}),
        ...(copy && copy.notCaptured.length > 0 ? { notCaptured: [...copy.notCaptured] } : {}),
      },
      "process",
    );
    return { plan, fields, root: copy?.root ?? project.directory, ...(copy ? { copy } : {}) };
  } catch (error) {
    await copy?.remove();
    await takeBack(project, plan.id);
    throw options.signal?.aborted ? errors.CANCELLED({}) : error;
  }
}

/** Starts the command; from here on the run ends by itself. `onStarted` resolves when it is durable. */
export async function launchRun(
  context: ExecutionContext,
  prepared: PreparedRun,
): Promise<ActiveRun & { readonly session: RunSession }> {
  const { project, events } = context;
  const { plan, fields, root } = prepared;
  const driver = project.drivers.get(plan.driver) as Driver;
  const session = sessionOf(context, prepared);
  const watch = watchFolder(project.taskDirectory(plan.id), () => session.pull());
  const startedAt = new Date().toISOString();
  let started: StartedProcess;
  try {
    started = await driver.start({
      runId: plan.id,
      command: driverCommand(plan),
      directory: join(root, plan.directory ?? ""),
      taskDirectory: project.taskDirectory(plan.id),
      environment: planEnvironment(project, plan, root, context.environment),
      interactive: plan.interactive,
    });
  } catch (error) {
    watch.close();
    await prepared.copy?.remove();
    await failToStart(context, prepared, error as Error);
    throw error;
  }
  await fields.write({ status: "running", startedAt });
  session.statusChanged();
  const done = follow(context, prepared, { session, driver, started, startedAt }).finally(() =>
    watch.close(),
  );
  return {
    id: plan.id,
    ...(plan.originId === undefined ? {} : { originId: plan.originId }),
    session,
    run: () => fields.run(),
    done: done.catch((error: unknown) => {
      events.warn(`run ${plan.id}: ${(error as Error).message}`, plan.id);
      return fields.run();
    }),
    spool: (file, from, to) => session.intake.spool(file, from, to),
  };
}

/** The command with config values in it, as drivers take it. */
function driverCommand(plan: ExecutionPlan): Command {
  const command = fillPlaceholders(plan.command, plan.config);
  return typeof command === "string" ? { kind: "shell", text: command } : { kind: "argv", argv: command };
}

function sessionOf(context: ExecutionContext, { plan, fields, root }: PreparedRun): RunSession {
  return createRunSession({
    project: context.project,
    fields,
    workingDirectory: join(root, plan.directory ?? ""),
    parse: plan.parse,
    ...(plan.originId === undefined ? {} : { originId: plan.originId }),
    events: context.events,
    answer: (method, params) => context.answer(plan.id, method, params),
  });
}

async function takeBefore(
  context: ExecutionContext,
  plan: ExecutionPlan,
  options: WorkOptions,
): Promise<{ id: string; tree: string }> {
  if (plan.snapshotId !== undefined && plan.snapshotTree !== undefined) {
    return { id: plan.snapshotId, tree: plan.snapshotTree };
  }
  options.progress?.({ message: "Saving the state before the run" });
  const taken = await takeSnapshot(
    context.project,
    {
      message: plan.message ?? `before ${commandText(maskCommand(plan.command))}`,
      visible: false,
      runId: plan.id,
      config: maskConfig(plan.config),
      metrics: {},
    },
    options,
  );
  return { id: taken.id, tree: taken.code.treeId };
}

interface Following {
  readonly session: RunSession;
  readonly driver: Driver;
  readonly started: StartedProcess;
  readonly startedAt: string;
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
      : setTimeout(() => {
          timedOut = true;
          void driver.stop(project.taskDirectory(plan.id), { graceMs: GRACE_MS });
        }, plan.timeoutMs);
  const exit = await started.exited.finally(() => clearTimeout(limit));
  await endExecuted(context, {
    session,
    root: prepared.root,
    exit,
    startedAt,
    ...(timedOut ? { timeoutMs: plan.timeoutMs } : {}),
  });
  const store = prepared.copy ? project.snapshotsAt(prepared.root, prepared.copy.notCaptured) : undefined;
  const hints = { command: driverCommand(plan) };
  await takeAfter({ project, session, root: prepared.root, hints, ...(store ? { store } : {}) });
  await store?.close();
  await prepared.copy?.remove();
  await closeBooks(project, session, true);
  return session.fields.run();
}

/** Records how an executed run ended. */
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
  await takeLastWords({ project, session, root: ending.root }, ending.startedAt);
  const stopped = (await readTaskJson(project.taskDirectory(session.fields.id), "stop.json")) !== undefined;
  const timeout = timeoutMs === undefined ? undefined : errors.TIMEOUT({ seconds: timeoutMs / 1000 });
  await recordEnd(session, {
    status: timeout ? "failed" : stopped ? "stopped" : exit.exitCode === 0 ? "succeeded" : "failed",
    exitCode: timeout ? 124 : exit.exitCode,
    endedAt: exit.endedAt,
    ...(timeout ? { error: { kind: timeout.kind, message: timeout.message } } : {}),
    ...(ending.summaries ? { summaries: ending.summaries } : {}),
  });
}

async function failToStart(
  context: ExecutionContext,
  { plan, fields }: PreparedRun,
  error: Error,
): Promise<void> {
  await fields.write({
    status: "failed",
    exitCode: 125,
    endedAt: new Date().toISOString(),
    error: { kind: "COMMAND_NOT_STARTED", message: error.message },
  });
  await context.project.openRuns.remove(plan.id);
}

async function takeBack(project: OpenProject, runId: string): Promise<void> {
  await project.records
    .commit([{ kind: "run", id: runId, set: { deleted: true, status: "stopped" } }])
    .catch(() => undefined);
  await project.openRuns.remove(runId).catch(() => undefined);
}
