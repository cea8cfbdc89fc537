import { join } from "node:path";
import { NO_PARSER, parserOf } from "../../domain/parser-choice.ts";
import { isEnded } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Command } from "../../protocol/types.ts";
import { isThere } from "../../util/safe-files.ts";
import type { CaptureHints } from "../ports/capture.ts";
import type { ProcessState } from "../ports/drivers.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenRun } from "../project/open-project.ts";
import { settleQueued } from "../queue/settle-queued.ts";
import { storageError } from "../system-errors.ts";
import { createUsageTakeUp } from "../usage/executed-usage.ts";
import { endOfAbandoned, saidEndLater } from "./abandoned-run.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { driverOfRun } from "./drivers.ts";
import { type ExecutionContext, endExecuted, GRACE_MS } from "./execution.ts";
import { isolatedCopyOf, sweepIsolated } from "./isolated-copy.ts";
import { closeBooks, leaveOpen, recordEnd, takeAfter, takeLastWords } from "./run-end.ts";
import { createRunFields } from "./run-fields.ts";
import { summariesOfFiles } from "./run-metrics.ts";
import { removeUnrecorded } from "./run-preparation.ts";
import { createRunSession, type RunSession } from "./run-session.ts";

/** Time a wrapper may need between the end of its command and leaving the exit code. */
const EXIT_GRACE_MS = 500;

/** Finishes runs whose engine or script is gone: with their true end where it can be known, else `lost`. */
export interface Reconciler {
  /** Resolves when every such run has its status. Costs one readdir when there is none. */
  statuses(): Promise<void>;
  /** Resolves when their after-snapshots are taken as well, and the rest of scripts that are gone is taken in. */
  settled(): Promise<void>;
}

/** A run to be finished, as its engine left it. */
interface Orphan {
  readonly id: string;
  readonly session: RunSession;
  /** Absent: a script recorded itself while no engine could be started. */
  readonly record?: StoredRecord;
  /** Root of the files it worked on. */
  readonly root: string;
  readonly isolated: boolean;
}

export function createReconciler(context: ExecutionContext, active: ActiveRuns<ActiveRun>): Reconciler {
  const { project, events } = context;
  const behind = new Set<Promise<void>>();
  /** Runs that this engine is finishing. */
  const finishing = new Set<string>();
  /** Runs whose after-snapshot the disk does not take: for the next engine. */
  const leftOpen = new Set<string>();
  const takeUpUsage = createUsageTakeUp(context);
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    for (const id of await project.openRuns.ids()) {
      if (active.get(id) || leftOpen.has(id)) continue;
      try {
        const open = await project.openRuns.read(id);
        if (!open || !(await isOrphaned(id, open))) continue;
        if (!(await isAliveInTime(id, open))) await settleOnce(id, open);
      } catch (error) {
        events.warn(`run ${id} could not be reconciled: ${(error as Error).message}`, id);
      }
    }
  }

  /** Its command runs without its engine, as it may. */
  async function isAliveInTime(id: string, open: OpenRun): Promise<boolean> {
    if (open.type !== "executed") return false;
    const record = await project.records.get("run", id);
    if (!record || isOverdue(record)) return false;
    const isAlive =
      (await (await driverOfRun(project, record.fields["driver"])).inspect(project.taskDirectory(id)))
        .state === "alive";
    if (isAlive) takeUpUsage(record, await driverOfRun(project, record.fields["driver"]));
    return isAlive;
  }

  /** Of several engines one finishes the run; the others see its status a moment later. */
  async function settleOnce(id: string, open: OpenRun): Promise<void> {
    if (finishing.has(id) || !(await project.openRuns.claim(id))) return;
    finishing.add(id);
    try {
      if (await project.openRuns.read(id)) await settle(id, open);
      else await letGo(id);
      context.unfinished.finished(id);
    } catch (error) {
      await letGo(id);
      throw error;
    }
  }

  async function letGo(id: string): Promise<void> {
    finishing.delete(id);
    await project.openRuns.release(id).catch(() => undefined);
  }

  async function isOrphaned(id: string, open: OpenRun): Promise<boolean> {
    return context.unfinished.has(id) || (await project.openRuns.ownerState(open)) === "gone";
  }

  async function settle(id: string, open: OpenRun): Promise<void> {
    const record = await project.records.get("run", id);
    if (open.type === "executed" && (await settleQueued(project, id, record))) return letGo(id);
    if (!record && open.type === "executed") {
      await removeUnrecorded(project, id);
      return letGo(id);
    }
    const orphan = await orphanOf(context, id, open, record);
    if (open.type === "recorded") await settleRecorded(orphan);
    else if (!(await settleExecuted(orphan, record as StoredRecord))) return;
    inBackground(id, () => finish(orphan));
  }

  /** False: it still runs. When it is over its time it is stopped and finished in the background. */
  async function settleExecuted(orphan: Orphan, record: StoredRecord): Promise<boolean> {
    const directory = project.taskDirectory(orphan.id);
    const driver = await driverOfRun(project, record.fields["driver"]);
    let state = await driver.inspect(directory);
    if (state.state === "gone") {
      await new Promise((resolve) => setTimeout(resolve, EXIT_GRACE_MS));
      state = await driver.inspect(directory);
    }
    if (state.state === "alive") {
      if (isOverdue(record)) inBackground(orphan.id, () => stopOverdue(orphan, record));
      else await letGo(orphan.id);
      return false;
    }
    await recordState(orphan, state);
    return true;
  }

  async function recordState(orphan: Orphan, state: ProcessState, timeoutMs?: number): Promise<void> {
    const { id, session, root, record } = orphan;
    const startedAt = record?.fields["startedAt"] as string | undefined;
    const ran = startedAt === undefined ? {} : { startedAt };
    const endedAt = state.state === "ended" ? state.exit.endedAt : new Date().toISOString();
    await session.pull();
    const summaries = await summariesOfFiles(project, id, session.fields);
    if (hasEnd(orphan)) {
      // Its engine died between the end and closing the books; the end it recorded stands.
      await takeLastWords({ project, session, root }, { ...ran, endedAt });
      await session.fields.write({ ...session.metrics.finalFields(), ...summaries });
    } else if (state.state === "ended") {
      const timeout = timeoutMs === undefined ? {} : { timeoutMs };
      await endExecuted(context, { session, root, exit: state.exit, ...ran, ...timeout, summaries });
    } else {
      await takeLastWords({ project, session, root }, { ...ran, endedAt });
      const lost = errors.RUN_LOST({ id });
      const error = { kind: lost.kind, message: lost.message };
      await recordEnd(session, { status: "lost", endedAt, error, summaries });
    }
  }

  /** Nobody else watches its time any more. */
  async function stopOverdue(orphan: Orphan, record: StoredRecord): Promise<void> {
    const driver = await driverOfRun(project, record.fields["driver"]);
    const directory = project.taskDirectory(record.id);
    await driver.stop(directory, { graceMs: GRACE_MS });
    await recordState(orphan, await driver.inspect(directory), record.fields["timeoutMs"] as number);
    await finish(orphan);
  }

  async function settleRecorded(orphan: Orphan): Promise<void> {
    const { session, id } = orphan;
    await session.intake.pull();
    const summaries = await summariesOfFiles(project, id, session.fields);
    if (hasEnd(orphan) && !saidEndLater(session)) await session.fields.write(summaries);
    else await recordEnd(session, { ...(await endOfAbandoned(project, session)), summaries });
  }

  /** The after-snapshot, unless its own engine took it, and everything that goes with the end. */
  async function finish(orphan: Orphan): Promise<void> {
    const { session, root, isolated, id } = orphan;
    const notCaptured = (orphan.record?.fields["notCaptured"] as string[] | undefined) ?? [];
    // An isolated run whose copy is gone has no state any more: the project's is another.
    if (wantsAfter(orphan) && (await isThere(root))) {
      const store = isolated ? project.snapshotsAt(root, notCaptured) : undefined;
      const hints = hintsOf(orphan);
      const after = { project, session, root, late: true, hints, ...(store ? { store } : {}) };
      const done = await takeAfter(after);
      await store?.close();
      if (!done) {
        leftOpen.add(id);
        return leaveOpen(project, session);
      }
    }
    if (isolated) await isolatedCopyOf(project, id, notCaptured).remove();
    await closeBooks(project, session, true);
  }

  function inBackground(id: string, work: () => Promise<void>): void {
    const done = work()
      .catch((error: unknown) => {
        context.unfinished.add(id, storageError(error, `run ${id}`, project.datmo));
      })
      .then(() => letGo(id))
      .then(() => {
        behind.delete(done);
      });
    behind.add(done);
  }

  /** Takes in what scripts logged after their run's end and nobody saw, once they are gone. */
  async function collectRetired(): Promise<void> {
    for (const { runId, open } of await project.openRuns.retired()) {
      if ((await project.openRuns.ownerState(open)) === "gone") await collect(runId, open);
    }
  }

  async function collect(id: string, open: OpenRun): Promise<void> {
    const record = await project.records.get("run", id);
    if (record) {
      const { session } = await orphanOf(context, id, open, record);
      await session.intake.pull();
      await session.fields.write(await summariesOfFiles(project, id, session.fields));
      await project.series.flush(id);
      await session.discard();
      await project.series.seal(id);
    }
    await project.openRuns.removeRetired(id);
  }

  return {
    statuses() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    async settled() {
      await looking;
      await Promise.all(behind);
      await collectRetired();
      await sweepIsolated(project);
    },
  };
}

async function orphanOf(
  context: ExecutionContext,
  id: string,
  open: OpenRun,
  record: StoredRecord | undefined,
): Promise<Orphan> {
  const { project } = context;
  const isolated = record?.fields["isolated"] === true;
  const root = isolated ? isolatedCopyOf(project, id, []).root : project.directory;
  const fields = createRunFields(project, id, record?.createdAt ?? open.createdAt, record?.fields ?? {});
  if (!record) {
    await fields.write({
      createdAt: open.createdAt,
      startedAt: open.createdAt,
      origin: "recorded",
      status: "running",
    });
  }
  const session = createRunSession({
    project,
    fields,
    root,
    workingDirectory: join(root, (record?.fields["directory"] as string | undefined) ?? ""),
    ...(open.spool === undefined ? {} : { spoolDirectory: open.spool }),
    parser: open.type === "executed" ? parserOf(record?.fields ?? {}) : NO_PARSER,
    late: true,
    events: { ...context.events, output: () => undefined },
    answer: (method, params) => context.answer(id, method, params),
  });
  return { id, session, root, isolated, ...(record ? { record } : {}) };
}

function hasEnd({ record }: Orphan): boolean {
  const { status, endedAt } = record?.fields ?? {};
  return typeof status === "string" && isEnded(status) && typeof endedAt === "string";
}

function wantsAfter(orphan: Orphan): boolean {
  const { afterSnapshotId, snapshots } = orphan.record?.fields ?? {};
  return snapshots !== false && !(hasEnd(orphan) && typeof afterSnapshotId === "string");
}

function isOverdue({ fields }: StoredRecord): boolean {
  const { timeoutMs, startedAt } = fields;
  if (typeof timeoutMs !== "number" || typeof startedAt !== "string") return false;
  return Date.now() > Date.parse(startedAt) + timeoutMs;
}

function hintsOf({ record }: Orphan): CaptureHints {
  const command = record?.fields["command"] as Command | undefined;
  if (command === undefined) return {};
  const python = record?.fields["python"];
  return {
    ...(typeof python === "string" ? { pythonExecutable: python } : {}),
    command: typeof command === "string" ? { kind: "shell", text: command } : { kind: "argv", argv: command },
  };
}
