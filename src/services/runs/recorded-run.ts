import { commandText } from "../../domain/command-text.ts";
import { isId, randomId } from "../../domain/ids.ts";
import { NO_PARSER } from "../../domain/parser-choice.ts";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunCreateParams, RunFinishParams } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { ProcessIdentity } from "../../util/process-identity.ts";
import type { CaptureHints } from "../ports/capture.ts";
import type { Driver } from "../ports/drivers.ts";
import type { OpenProject, OpenRun } from "../project/open-project.ts";
import { HOST } from "../snapshots/held-environment.ts";
import { checkedObject } from "../snapshots/input-files.ts";
import { takeSnapshot } from "../snapshots/snapshot-taker.ts";
import { storageError } from "../system-errors.ts";
import { watchUsage } from "../usage/watch-usage.ts";
import { endOfAbandoned, LEAVING_MS, LEAVING_POLL_MS, takeLastWord } from "./abandoned-run.ts";
import type { ActiveRun } from "./active-runs.ts";
import { maskedNotice } from "./credentials.ts";
import type { ExecutionContext } from "./execution.ts";
import { recordedFields } from "./recorded-fields.ts";
import {
  closeBooks,
  type EndFacts,
  leaveOpen,
  recordEnd,
  takeAfter,
  takeLastWords,
  takeRest,
} from "./run-end.ts";
import { createRunFields, type RunFields } from "./run-fields.ts";
import { createRunSession, type RunSession } from "./run-session.ts";
import { createTaskDirectory, removeTaskFile } from "./task-files.ts";
import { watchFolder } from "./watch-folder.ts";

/** A script that ends as soon as it has begun need not wait until its state before is taken. */
const BEFORE_DELAY_MS = 25;

/** A run that a script records itself: the script is the run, this engine takes in what it says. */
export interface RecordedRun extends ActiveRun {
  readonly session: RunSession;
  /** Records the end; resolves when it is durable. The after-snapshot goes on behind it. */
  finish(end: EndFacts): Promise<Run>;
  /** Takes in the last words after the client has left, and ends the run by what they say. */
  abandon(): Promise<void>;
}

/** Begins (or joins again) a recorded run. */
export async function beginRecorded(
  context: ExecutionContext,
  params: RunCreateParams,
  clientProcess: ProcessIdentity,
): Promise<RecordedRun> {
  const { project } = context;
  const id = params.id ?? randomId();
  if (!isId(id)) throw errors.INVALID_PARAMS({ summary: "The run's id is malformed.", problems: [] });
  const createdAt = params.startedAt ?? new Date().toISOString();
  const known = await resumed(context, params, id);
  const config = checkedObject((params.config ?? {}) as JsonObject, "config");
  const notice = maskedNotice({ config, ...(params.command ? { command: params.command } : {}) });
  if (notice !== undefined) context.events.warn(notice, id);
  const fields = createRunFields(project, id, known?.createdAt ?? createdAt, known?.fields ?? {});
  try {
    await createTaskDirectory(project.taskDirectory(id));
    // It goes on: that it was stopped is over.
    await removeTaskFile(project.taskDirectory(id), "stop.json");
    const before = await project.openRuns.read(id);
    const open: OpenRun = before ?? { v: 1, type: "recorded", createdAt, owner: clientProcess };
    if (!before) await project.openRuns.write(id, open);
    await fields.write(recordedFields(params, createdAt, known !== undefined), "power");
    if (!before) await project.hooks.tell("run.started", { runId: id, runName: fields.run().name });
    return runRecorded(context, fields, params, open);
  } catch (error) {
    throw storageError(error, `run ${id}`, project.datmo);
  }
}

/** Connects the parts of a recorded run that is open. */
export function runRecorded(
  context: ExecutionContext,
  fields: RunFields,
  params: Pick<RunCreateParams, "snapshots" | "pythonExecutable">,
  open: OpenRun,
): RecordedRun {
  const { project, events } = context;
  const hints: CaptureHints = params.pythonExecutable ? { pythonExecutable: params.pythonExecutable } : {};
  const session: RunSession = createRunSession({
    project,
    fields,
    root: project.directory,
    workingDirectory: project.directory,
    ...(open.spool === undefined ? {} : { spoolDirectory: open.spool }),
    parser: NO_PARSER,
    events,
    answer: (method, request) => context.answer(fields.id, method, request, session),
  });
  const watch = watchFolder(project.taskDirectory(fields.id), () => session.intake.pull());
  const usage = watchUsage({
    project,
    environment: context.environment,
    fields,
    startedAt: String(fields.get("startedAt") ?? open.createdAt),
    isFresh: false,
    probe: () => (project.drivers.get("host") as Driver).usage(project.taskDirectory(fields.id), open.owner),
  });
  // A run that goes on has its state from before already.
  const taken = params.snapshots === false || fields.get("beforeSnapshotId") !== undefined;
  const before = taken ? Promise.resolve() : takeBefore(context, fields, hints);
  let resolveDone: (run: Run) => void;
  const done = new Promise<Run>((resolve) => {
    resolveDone = resolve;
  });
  let ending: Promise<Run> | undefined;

  async function end(facts: EndFacts): Promise<Run> {
    const startedAt = fields.get("startedAt") as string;
    const ran = { startedAt, endedAt: facts.endedAt };
    await takeLastWords({ project, session, root: project.directory }, ran);
    watch.close();
    await usage.stop();
    const giveBack = await keepOthersOff();
    try {
      await recordEnd(session, facts);
    } catch (error) {
      await giveBack();
      throw error;
    }
    const run = fields.run();
    void finishBehind().finally(giveBack).then(resolveDone);
    return run;
  }

  /** The script may leave as soon as it is told of the end, and other engines would take the run for nobody's. */
  async function keepOthersOff(): Promise<() => Promise<void>> {
    const { claim, release } = project.openRuns;
    const giveBack = (): Promise<void> => release(fields.id).catch(() => undefined);
    try {
      return (await claim(fields.id)) ? giveBack : async () => undefined;
    } catch {
      // A full disk: what is left of the claim would keep everybody off.
      await giveBack();
      return async () => undefined;
    }
  }

  async function finishBehind(): Promise<Run> {
    try {
      await before;
      const after = { project, session, root: project.directory, hints };
      if (params.snapshots !== false && !(await takeAfter(after))) {
        await leaveOpen(project, session);
        return fields.run();
      }
      const state = await project.openRuns.ownerState(open);
      // Its script goes on without this engine: whoever finds it gone takes in how it ended.
      if (state === "alive" && fields.get("status") === "lost") {
        await leaveOpen(project, session);
        return fields.run();
      }
      const gone = state === "gone";
      await closeBooks(project, session, gone);
      if (!gone) context.beforeLeaving(() => takeLeaving(project, session, open));
    } catch (error) {
      events.warn(`run ${fields.id}: ${(error as Error).message}`, fields.id);
    }
    return fields.run();
  }

  return {
    id: fields.id,
    session,
    run: () => fields.run(),
    done,
    spool: (file, from, to) => session.intake.spool(file, from, to),
    finish(facts) {
      if (!ending) {
        ending = end(facts);
        // What failed (the disk is full) may be tried again.
        ending.catch(() => {
          ending = undefined;
        });
      }
      return ending;
    },
    async abandon() {
      if (ending) return;
      try {
        await takeLastWord(project, session, open);
        ending ??= end(await endOfAbandoned(project, session));
        await ending;
      } catch (error) {
        // The run stays open: an engine that finds its script gone ends it.
        watch.close();
        await usage.stop();
        resolveDone(fields.run());
        throw storageError(error, `run ${fields.id}`, project.datmo);
      }
    },
  };
}

/** Waits for a script that has finished its run and is about to leave, and takes in what it logged meanwhile. */
async function takeLeaving(project: OpenProject, session: RunSession, open: OpenRun): Promise<void> {
  const until = Date.now() + LEAVING_MS;
  while ((await project.openRuns.ownerState(open)) === "alive") {
    // A notebook lives on: the next engine takes in the rest.
    if (Date.now() > until) return;
    await new Promise((resolve) => setTimeout(resolve, LEAVING_POLL_MS));
  }
  await takeRest(project, session);
  await session.discard();
  await project.openRuns.removeRetired(session.fields.id);
  await project.series.seal(session.fields.id);
}

/** The end of a run by what `run.finish` was told. */
export function endFromParams(params: RunFinishParams): EndFacts {
  const failed = params.exitCode !== undefined && params.exitCode !== 0;
  return {
    status: params.status ?? (failed ? "failed" : "succeeded"),
    endedAt: params.endedAt ?? new Date().toISOString(),
    ...(params.exitCode === undefined ? {} : { exitCode: params.exitCode }),
    ...(params.error ? { error: params.error } : {}),
  };
}

async function resumed(
  { project }: ExecutionContext,
  params: RunCreateParams,
  id: string,
): Promise<{ createdAt: string; fields: { readonly [path: string]: Json } } | undefined> {
  if (!params.resume) return undefined;
  const record = await project.records.get("run", id);
  return record && { createdAt: record.createdAt, fields: record.fields };
}

async function takeBefore(context: ExecutionContext, fields: RunFields, hints: CaptureHints): Promise<void> {
  const { project, events } = context;
  const config = fields.config();
  await new Promise((resolve) => setTimeout(resolve, BEFORE_DELAY_MS));
  try {
    const [taken, machine, userGit] = await Promise.all([
      takeSnapshot(project, {
        message: `before ${commandText(fields.run().command) || fields.run().name}`,
        visible: false,
        runId: fields.id,
        config,
        metrics: {},
        environment: HOST,
        hints,
      }),
      project.capture.machine(),
      project.capture.userGit(),
    ]);
    await fields.write(
      {
        beforeSnapshotId: taken.id,
        machine: machine as unknown as Json,
        ...(userGit ? { userGit: userGit as unknown as Json } : {}),
      },
      "process",
    );
  } catch (error) {
    events.warn(`the state before run ${fields.id} was not saved: ${(error as Error).message}`, fields.id);
  }
}

/** Resolves a run of this project that has ended, for errors of `run.finish`. */
export async function endedRun(context: ExecutionContext, id: string): Promise<Run | undefined> {
  const record = await context.project.records.get("run", id);
  if (!record) return undefined;
  const run = runFromRecord(record);
  return isEnded(run.status) ? run : undefined;
}
