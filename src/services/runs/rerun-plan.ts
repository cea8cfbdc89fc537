import { randomId } from "../../domain/ids.ts";
import { parserFields, parserOf } from "../../domain/parser-choice.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import type { TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunRerunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { requireTrust } from "../sharing/trust.ts";
import { checkedObject } from "../snapshots/input-files.ts";
import type { ExecutionContext } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import { taskParts, taskPlace } from "./kept-task.ts";
import type { PlannedPlace } from "./place/plan-place.ts";

/** The same task on the run's before-snapshot. */
export async function rerunPlan(
  context: ExecutionContext,
  params: RunRerunParams,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  const { project } = context;
  const record = await findRecord(project, "run", params.id);
  const original = runFromRecord(record);
  const task = await taskOf(context, record);
  const definition = task.fields["definition"] as unknown as TaskDefinition;
  const snapshot = await snapshotFor(context, record, params);
  const given = checkedObject((params.config ?? {}) as JsonObject, "config");
  const config = deepMerge(original.config as JsonObject, given);
  await requireTrust(project, { run: record, task, snapshot, config }, params.trust === true);
  if (record.fields["commandMasked"] === true)
    throw refusal(record.id, "its command line held a credential, which is not kept");
  const { secretValues, timeoutMs } = params;
  const refuse = (reason: string): Error => refusal(record.id, reason);
  const parts = await taskParts(context, {
    definition,
    config,
    timeoutMs,
    secretValues,
    noun: "rerun",
    refuse,
  });
  const { notes, ...place } = await placeFor(context, original, definition, params, options);
  const id = randomId();
  const origin = params.originId === undefined ? {} : { originId: params.originId };
  for (const message of notes) context.events.note({ runId: id, ...origin, message });
  return {
    id,
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    ...parts,
    ...place,
    ...parserFields(parserOf(record.fields)),
    ...(record.fields["usage"] === false ? { usage: false } : {}),
    tags: params.tags ?? [],
    ...origin,
    rerunOf: original.id,
    ...(params.environment === undefined ? { taskId: original.taskId as string } : {}),
    snapshotId: snapshot.id,
    snapshotTree: snapshot.fields["codeTree"] as string,
  };
}

/** Where the original ran, by the very image that it had, unless another environment is asked for. */
async function placeFor(
  context: ExecutionContext,
  original: Run,
  definition: TaskDefinition,
  params: RunRerunParams,
  options: WorkOptions,
): Promise<PlannedPlace> {
  const reason = "the original run had it";
  if (params.environment !== undefined) {
    const captured = original.afterSnapshotId ?? original.beforeSnapshotId;
    const choice = {
      environment: params.environment,
      ...(captured === undefined ? {} : { capturedSnapshotId: captured }),
    };
    return taskPlace(context, definition, { reason, choice }, options);
  }
  const place = await taskPlace(context, definition, { reason }, options);
  if (original.image === undefined) return place;
  const { id: image, digests } = original.image;
  return { ...place, environment: { ...place.environment, image, digests } };
}

async function snapshotFor(
  { project }: ExecutionContext,
  { id, fields }: StoredRecord,
  params: RunRerunParams,
): Promise<StoredRecord> {
  if (params.snapshotId !== undefined) return findRecord(project, "snapshot", params.snapshotId);
  const before = fields["beforeSnapshotId"];
  if (typeof before !== "string") throw refusal(id, "it has no before-snapshot");
  const snapshot = await project.records.get("snapshot", before);
  if (!snapshot || snapshot.deleted)
    throw refusal(id, "its before-snapshot was deleted; name another with --snapshot");
  return snapshot;
}

async function taskOf({ project }: ExecutionContext, record: StoredRecord): Promise<StoredRecord> {
  const { id, origin, taskId } = runFromRecord(record);
  if (origin === "recorded")
    throw refusal(id, "the script recorded itself; start it with `datmo run` instead");
  const task = taskId === undefined ? undefined : await project.records.get("task", taskId);
  if (task?.fields["definition"] === undefined) throw refusal(id, "its task is not there");
  return task;
}

function refusal(id: string, reason: string): Error {
  return errors.RUN_NOT_RERUNNABLE({ id, reason });
}
