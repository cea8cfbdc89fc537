import type { QueueAddParams, Run } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { ExecutionContext } from "../runs/execution.ts";
import { type ExecutionPlan, planRecords } from "../runs/execution-plan.ts";
import { createRunFields } from "../runs/run-fields.ts";
import { takeBefore } from "../runs/run-preparation.ts";
import { planOf } from "../runs/run-starter.ts";
import { requireSnapshotTrust } from "../sharing/trust.ts";
import { storageError } from "../system-errors.ts";
import { keepable, needsNotice, type QueuedPlan } from "./queued-plan.ts";

/** Records a run as queued. Durable when it resolves. */
export async function addToQueue(
  context: ExecutionContext,
  params: QueueAddParams,
  options: WorkOptions,
): Promise<Run> {
  const { project } = context;
  const { snapshotId, trust, ...start } = params;
  const snapshot = snapshotId === undefined ? undefined : await findRecord(project, "snapshot", snapshotId);
  if (snapshot) await requireSnapshotTrust(project, { snapshot, command: params.command }, trust === true);
  const plan = await planOf(context, start, options);
  const { plan: kept, needs } = keepable(plan);
  if (needs.length > 0) context.events.warn(needsNotice(needs), plan.id);
  const before = snapshot
    ? { id: snapshot.id, tree: snapshot.fields["codeTree"] as string }
    : await newState(context, plan, options);
  const queued: QueuedPlan = { ...kept, isolated: true, snapshotId: before.id, snapshotTree: before.tree };
  return (await enqueue(context, { plan: queued, needs })) as Run;
}

/** Of the project as it is. */
async function newState(
  context: ExecutionContext,
  plan: ExecutionPlan,
  options: WorkOptions,
): Promise<{ readonly id: string; readonly tree: string }> {
  const { run } = planRecords(plan);
  return takeBefore(context, plan, createRunFields(context.project, plan.id, plan.createdAt, run), options);
}

/**
 * Puts a run whose state is taken into the queue. A run with this id that is there already, deleted ones too, stays
 * as it is, however many engines try at once; then undefined.
 */
export async function enqueue(
  context: ExecutionContext,
  { plan, needs }: { readonly plan: QueuedPlan; readonly needs: readonly string[] },
): Promise<Run | undefined> {
  const { project, events } = context;
  const lease = await project.queue.take(plan.id);
  // Another engine is putting it in.
  if (!lease) return undefined;
  try {
    if (await project.records.get("run", plan.id)) return undefined;
    const { gpu, sweepId, createdAt } = plan;
    const asked = { ...(gpu === undefined ? {} : { gpu }), ...(sweepId === undefined ? {} : { sweepId }) };
    const { originId: _, ...document } = plan;
    // Before its record: an entry without one was promised to nobody, and is dropped by whoever takes it.
    await project.queue.add({
      v: 1,
      runId: plan.id,
      queuedAt: createdAt,
      ...asked,
      ...(needs.length > 0 ? { needs } : {}),
      plan: document as unknown as JsonObject,
    });
    const records = planRecords(plan);
    const userGit = await project.capture.userGit();
    const set: Record<string, Json> = {
      ...records.run,
      ...asked,
      status: "queued",
      beforeSnapshotId: plan.snapshotId,
      ...(userGit ? { userGit: userGit as unknown as Json } : {}),
    };
    await project.records.commit([
      ...(plan.taskId === undefined ? [{ kind: "task" as const, ...records.task }] : []),
      { kind: "run", id: plan.id, set },
    ]);
    const run = createRunFields(project, plan.id, createdAt, set).run();
    events.statusChanged({ runId: plan.id, run });
    return run;
  } catch (error) {
    throw storageError(error, `run ${plan.id}`, project.datmo);
  } finally {
    await lease.release();
  }
}
