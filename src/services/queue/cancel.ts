import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ExecutionContext } from "../runs/execution.ts";
import { attemptOf, backToWaiting, endWaiting } from "./attempt.ts";

/** Takes runs out of the queue. All that were named wait, or none is touched; one may still start meanwhile. */
export async function cancelRuns(context: ExecutionContext, asked: readonly string[]): Promise<Run[]> {
  const { project } = context;
  const ids: string[] = [];
  for (const id of asked) {
    const run = runFromRecord(await findRecord(project, "run", id));
    if (isEnded(run.status)) throw errors.RUN_NOT_ACTIVE({ id: run.id, status: run.status });
    if (!(await project.queue.read(run.id))) throw errors.RUN_ACTIVE({ id: run.id, status: run.status });
    ids.push(run.id);
  }
  const runs: Run[] = [];
  for (const id of ids) {
    const run = await cancelWaiting(context, id);
    if (!run) throw errors.RUN_ACTIVE({ id, status: "preparing" });
    runs.push(run);
  }
  return runs;
}

/** Ends a run that waits. Undefined when it does not, or a worker is about to start it. */
export async function cancelWaiting(
  { project, events }: ExecutionContext,
  id: string,
): Promise<Run | undefined> {
  if (!(await project.queue.read(id))) return undefined;
  const lease = await project.queue.take(id);
  if (!lease) return undefined;
  try {
    const record = (await project.queue.read(id)) && (await project.records.get("run", id));
    if (!record || (await attemptOf(project, record)) !== "none") return undefined;
    if (await project.openRuns.read(id)) await backToWaiting(project, id, lease);
    await endWaiting(project, id, lease);
  } finally {
    await lease.release();
  }
  const run = await ended(project, id);
  events.statusChanged({ runId: id, run });
  return run;
}

async function ended(project: OpenProject, id: string): Promise<Run> {
  const record = await project.records.get("run", id);
  if (!record) throw errors.RUN_NOT_FOUND({ id });
  return runFromRecord(record);
}
