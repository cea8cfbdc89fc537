import { randomId } from "../../domain/ids.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import type { TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { RunRerunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import { requireTrust } from "../sharing/trust.ts";
import { checkedObject } from "../snapshots/input-files.ts";
import { commandNeeds, knownVariables, maskedKeys } from "./credentials.ts";
import type { ExecutionContext } from "./execution.ts";
import { type ExecutionPlan, knownDriver } from "./execution-plan.ts";

/** The same task on the run's before-snapshot. */
export async function rerunPlan(context: ExecutionContext, params: RunRerunParams): Promise<ExecutionPlan> {
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
  return {
    id: randomId(),
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    command: definition.command,
    ...(definition.directory === undefined ? {} : { directory: definition.directory }),
    driver: knownDriver(project, definition.driver),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(variables === undefined ? {} : { variables }),
    interactive: definition.interactive === true,
    parse: record.fields["parse"] !== false,
    isolated: true,
    config,
    tags: params.tags ?? [],
    ...(params.originId === undefined ? {} : { originId: params.originId }),
    rerunOf: original.id,
    taskId: original.taskId as string,
    snapshotId: snapshot.id,
    snapshotTree: snapshot.fields["codeTree"] as string,
  };
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
