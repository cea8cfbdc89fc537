import { access } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../protocol/errors.ts";
import type { Run } from "../protocol/types.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { type ExecutionContext, endExecuted } from "./execution.ts";
import { isolatedHome } from "./isolated-copy.ts";
import type { OpenRun } from "./open-project.ts";
import type { Driver, ProcessState } from "./ports/drivers.ts";
import type { StoredRecord } from "./ports/records.ts";
import { endOfAbandoned } from "./recorded-run.ts";
import { closeBooks, recordEnd, takeAfter, takeLastWords } from "./run-end.ts";
import { createRunFields } from "./run-fields.ts";
import { summariesOfFiles } from "./run-metrics.ts";
import { createRunSession, type RunSession } from "./run-session.ts";

/** Time a wrapper may need between the end of its command and leaving the exit code. */
const EXIT_GRACE_MS = 500;
/** How often a run that was adopted alive is looked at. */
const ADOPTED_POLL_MS = 500;

/** Finishes runs whose engine or script is gone: with their true end where it can be known, else `lost`. */
export interface Reconciler {
  /** Resolves when every such run has its status. Costs one readdir when there is none. */
  statuses(): Promise<void>;
  /** Resolves when their after-snapshots are taken as well, and the rest of scripts that are gone is taken in. */
  settled(): Promise<void>;
  /** Takes over runs whose command still runs, until it ends; for engines that stay. */
  adoptAlive(): Promise<void>;
}

export function createReconciler(context: ExecutionContext, active: ActiveRuns<ActiveRun>): Reconciler {
  const { project, events } = context;
  const behind = new Set<Promise<void>>();
  let stopping = false;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    for (const id of await project.openRuns.ids()) {
      if (active.get(id)) continue;
      const open = await project.openRuns.read(id);
      if (!open || (await project.openRuns.ownerState(open)) !== "gone") continue;
      try {
        await settle(id, open);
      } catch (error) {
        events.warn(`run ${id} could not be reconciled: ${(error as Error).message}`, id);
      }
    }
  }

  async function settle(id: string, open: OpenRun): Promise<void> {
    const record = await project.records.get("run", id);
    if (!record && open.type === "executed") {
      // Its engine died before the run was recorded: nothing was promised to anybody.
      await project.openRuns.remove(id);
      return;
    }
    const session = await sessionFor(context, id, open, record);
    const root = await rootOf(context, id);
    const ended =
      open.type === "executed" ? await settleExecuted(session, record, root) : await settleRecorded(session);
    if (ended) finishBehind(session, root);
  }

  async function settleExecuted(
    session: RunSession,
    record: StoredRecord | undefined,
    root: string,
  ): Promise<boolean> {
    const id = session.fields.id;
    const driver = project.drivers.get((record?.fields["driver"] as string | undefined) ?? "host") as Driver;
    let state = await driver.inspect(project.taskDirectory(id));
    if (state.state === "gone") {
      await new Promise((resolve) => setTimeout(resolve, EXIT_GRACE_MS));
      state = await driver.inspect(project.taskDirectory(id));
    }
    if (state.state === "alive") return false;
    await recordState(session, state, root, record?.fields["startedAt"] as string | undefined);
    return true;
  }

  async function recordState(
    session: RunSession,
    state: ProcessState,
    root: string,
    startedAt?: string,
  ): Promise<void> {
    const id = session.fields.id;
    const summaries = async () => {
      await session.pull();
      return summariesOfFiles(project, id);
    };
    if (state.state === "ended") {
      await endExecuted(context, {
        session,
        root,
        exit: state.exit,
        ...(startedAt === undefined ? {} : { startedAt }),
        summaries: await summaries(),
      });
      return;
    }
    await takeLastWords({ project, session, root }, startedAt);
    const lost = errors.RUN_LOST({ id });
    await recordEnd(session, {
      status: "lost",
      endedAt: new Date().toISOString(),
      error: { kind: lost.kind, message: lost.message },
      summaries: await summaries(),
    });
  }

  async function settleRecorded(session: RunSession): Promise<boolean> {
    await session.intake.pull();
    const summaries = await summariesOfFiles(project, session.fields.id);
    await recordEnd(session, { ...endOfAbandoned(session), summaries });
    return true;
  }

  function finishBehind(session: RunSession, root: string): void {
    const work = (async () => {
      const isolated = root !== project.directory;
      const store = isolated ? project.snapshotsAt(root, []) : undefined;
      await takeAfter({ project, session, root, late: true, ...(store ? { store } : {}) });
      await store?.close();
      await closeBooks(project, session, true);
    })().catch((error: unknown) => {
      events.warn(`run ${session.fields.id}: ${(error as Error).message}`, session.fields.id);
    });
    behind.add(work);
    void work.finally(() => behind.delete(work));
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
      const session = await sessionFor(context, id, open, record);
      await session.intake.pull();
      await session.fields.write(await summariesOfFiles(project, id));
      await project.series.flush(id);
      await session.discard();
      await project.series.seal(id);
    }
    await project.openRuns.removeRetired(id);
  }

  async function adopt(id: string, open: OpenRun): Promise<void> {
    const record = await project.records.get("run", id);
    if (!record) return;
    await project.openRuns.write(id, { ...open, owner: await project.openRuns.thisProcess() });
    const session = await sessionFor(context, id, open, record);
    const root = await rootOf(context, id);
    const done = followAdopted(session, record, root);
    active.add({
      id,
      run: () => session.fields.run(),
      done,
      spool: (...stretch) => session.intake.spool(...stretch),
    });
  }

  async function followAdopted(session: RunSession, record: StoredRecord, root: string): Promise<Run> {
    const driver = project.drivers.get((record.fields["driver"] as string | undefined) ?? "host") as Driver;
    for (;;) {
      const state = await driver.inspect(project.taskDirectory(record.id));
      if (state.state !== "alive" || stopping) break;
      await session.pull().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, ADOPTED_POLL_MS).unref());
    }
    if (stopping) return session.fields.run();
    await settleExecuted(session, record, root);
    finishBehind(session, root);
    await Promise.all(behind);
    return session.fields.run();
  }

  return {
    statuses() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    async settled() {
      stopping = true;
      await looking;
      await Promise.all(behind);
      await collectRetired();
    },
    async adoptAlive() {
      for (const id of await project.openRuns.ids()) {
        if (active.get(id)) continue;
        const open = await project.openRuns.read(id);
        if (open?.type === "executed" && (await project.openRuns.ownerState(open)) === "gone")
          await adopt(id, open);
      }
    },
  };
}

async function sessionFor(
  context: ExecutionContext,
  id: string,
  open: OpenRun,
  record: StoredRecord | undefined,
): Promise<RunSession> {
  const { project } = context;
  const fields = createRunFields(project, id, record?.createdAt ?? open.createdAt, record?.fields ?? {});
  if (!record) {
    // A script that recorded itself while no engine could be started.
    await fields.write({
      createdAt: open.createdAt,
      startedAt: open.createdAt,
      origin: "recorded",
      status: "running",
    });
  }
  return createRunSession({
    project,
    fields,
    workingDirectory: project.directory,
    ...(open.spool === undefined ? {} : { spoolDirectory: open.spool }),
    parse: open.type === "executed" && record?.fields["parse"] !== false,
    events: { ...context.events, output: () => undefined },
    answer: (method, params) => context.answer(id, method, params),
  });
}

async function rootOf({ project }: ExecutionContext, id: string): Promise<string> {
  const isolated = join(isolatedHome(project, id), "project");
  return access(isolated).then(
    () => isolated,
    () => project.directory,
  );
}
