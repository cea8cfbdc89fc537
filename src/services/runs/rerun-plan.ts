import { HOST_ID } from "../../domain/environment-record.ts";
import { randomId } from "../../domain/ids.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { needsOf, type TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunRerunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { requireTrust } from "../sharing/trust.ts";
import { checkedObject } from "../snapshots/input-files.ts";
import { commandNeeds, knownVariables, maskedKeys } from "./credentials.ts";
import type { ExecutionContext } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
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
  const timeoutMs = params.timeoutMs ?? definition.timeoutMs;
  const given = checkedObject((params.config ?? {}) as JsonObject, "config");
  const config = deepMerge(original.config as JsonObject, given);
  await requireTrust(project, { run: record, task, snapshot, config }, params.trust === true);
  const variables = variablesFor(context, record, definition, config);
  const { notes, ...place } = await placeFor(context, original, definition, params, options);
  const id = randomId();
  const origin = params.originId === undefined ? {} : { originId: params.originId };
  for (const message of notes) context.events.note({ runId: id, ...origin, message });
  return {
    id,
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    command: definition.command,
    ...(definition.directory === undefined ? {} : { directory: definition.directory }),
    ...place,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(variables === undefined ? {} : { variables }),
    interactive: definition.interactive === true,
    parse: record.fields["parse"] !== false,
    isolated: true,
    config,
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
  { project }: ExecutionContext,
  original: Run,
  definition: TaskDefinition,
  params: RunRerunParams,
  options: WorkOptions,
): Promise<PlannedPlace> {
  const { planPlace } = await import("./place/plan-place.ts");
  // Data is looked for when the copy is there: it may hold it.
  const { data, ...needs } = needsOf(definition);
  const kept = data ? { data } : {};
  if (params.environment !== undefined) {
    const captured = original.afterSnapshotId ?? original.beforeSnapshotId;
    const choice = {
      environment: params.environment,
      ...(captured === undefined ? {} : { capturedSnapshotId: captured }),
    };
    return { ...(await planPlace(project, choice, needs, options)), ...kept };
  }
  const id = definition.environmentId ?? HOST_ID;
  const choice = { environment: id === HOST_ID ? "host" : id, driver: definition.driver };
  const place = await planPlace(project, choice, needs, options);
  const image =
    original.image === undefined ? {} : { image: original.image.id, digests: original.image.digests };
  const reason = "the original run had it";
  const told =
    id === HOST_ID ? [] : [`Environment ${place.environment.name} (${place.environment.kind}): ${reason}.`];
  return { ...place, ...kept, environment: { ...place.environment, reason, ...image }, notes: told };
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

/**
 * The variables of the rerun. Credentials were not kept: the command must not be run with `***` in their place,
 * and whoever reads them elsewhere is told.
 */
function variablesFor(
  { environment, events }: ExecutionContext,
  record: StoredRecord,
  { command, variables }: TaskDefinition,
  config: JsonObject,
): Record<string, string> | undefined {
  if (record.fields["commandMasked"] === true)
    throw refusal(record.id, "its command line held a credential, which is not kept");
  const keys = maskedKeys(config);
  const needed = keys.find((key) => commandNeeds(command, config, key));
  if (needed !== undefined)
    throw refusal(record.id, `its command needs ${needed}, which is not kept; give it with -c ${needed}=…`);
  const { known, masked } = knownVariables(variables ?? {});
  const missing = [...keys, ...masked.filter((name) => environment[name] === undefined)];
  if (missing.length > 0)
    events.warn(`credentials are not kept and are missing in this rerun: ${missing.join(", ")}`);
  return variables === undefined ? undefined : known;
}

function refusal(id: string, reason: string): Error {
  return errors.RUN_NOT_RERUNNABLE({ id, reason });
}
