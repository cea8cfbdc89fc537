import { HOST_ID } from "../../domain/environment-record.ts";
import { nestFields } from "../../domain/field-paths.ts";
import { randomId } from "../../domain/ids.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { MASK } from "../../domain/secrets.ts";
import { needsOf, type TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { TaskRunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { requireTaskTrust } from "../sharing/trust.ts";
import { CONFIG_FILES, checkedObject, readRootObject } from "../snapshots/input-files.ts";
import { commandNeeds, knownVariables, maskedKeys } from "./credentials.ts";
import type { ExecutionContext } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import type { PlannedPlace } from "./place/plan-place.ts";

/** A task on a snapshot, or on the project as it is now; in a copy either way. */
export async function taskPlan(
  context: ExecutionContext,
  params: TaskRunParams,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  const { project } = context;
  const task = await findRecord(project, "task", params.id);
  const definition = task.fields["definition"] as unknown as TaskDefinition | undefined;
  if (!definition) throw refusal(task.id, "its definition is not there");
  const { snapshotId } = params;
  const snapshot = snapshotId === undefined ? undefined : await findRecord(project, "snapshot", snapshotId);
  const config = await configFor(context, snapshot, params);
  await requireTaskTrust(project, { task, config, ...(snapshot ? { snapshot } : {}) }, params.trust === true);
  const variables = variablesFor(context, task.id, definition, config);
  const timeoutMs = params.timeoutMs ?? definition.timeoutMs;
  const { notes, ...place } = await placeOf(context, definition, options);
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
    parse: true,
    isolated: true,
    config,
    tags: params.tags ?? [],
    ...(params.group === undefined ? {} : { group: params.group }),
    ...(params.note === undefined ? {} : { note: params.note }),
    ...origin,
    taskId: task.id,
    ...(snapshot ? { snapshotId: snapshot.id, snapshotTree: snapshot.fields["codeTree"] as string } : {}),
  };
}

/** Where the task says; its data is looked for when the copy is there, for that may hold it. */
async function placeOf(
  { project }: ExecutionContext,
  definition: TaskDefinition,
  options: WorkOptions,
): Promise<PlannedPlace> {
  const { planPlace } = await import("./place/plan-place.ts");
  const { data, ...needs } = needsOf(definition);
  const id = definition.environmentId ?? HOST_ID;
  const choice = { environment: id === HOST_ID ? "host" : id, driver: definition.driver };
  const place = await planPlace(project, choice, needs, options);
  const reason = "the task has it";
  const told =
    id === HOST_ID ? [] : [`Environment ${place.environment.name} (${place.environment.kind}): ${reason}.`];
  return { ...place, ...(data ? { data } : {}), environment: { ...place.environment, reason }, notes: told };
}

/** The config of the state, with what was given laid over it. */
async function configFor(
  { project }: ExecutionContext,
  snapshot: StoredRecord | undefined,
  params: TaskRunParams,
): Promise<JsonObject> {
  const given = checkedObject((params.config ?? {}) as JsonObject, "config");
  const own = snapshot
    ? (nestFields("config", snapshot.fields) as JsonObject)
    : ((await readRootObject(project.directory, CONFIG_FILES)) ?? {});
  return deepMerge(own, given);
}

/** Credentials were not kept: nothing is run with `***` in their place, and whoever reads them elsewhere is told. */
function variablesFor(
  { environment, events }: ExecutionContext,
  id: string,
  { command, variables }: TaskDefinition,
  config: JsonObject,
): Record<string, string> | undefined {
  if (JSON.stringify(command).includes(MASK))
    throw refusal(id, "its command line held a credential, which is not kept");
  const keys = maskedKeys(config);
  const needed = keys.find((key) => commandNeeds(command, config, key));
  if (needed !== undefined)
    throw refusal(id, `its command needs ${needed}, which is not kept; give it with -c ${needed}=…`);
  const { known, masked } = knownVariables(variables ?? {});
  const missing = [...keys, ...masked.filter((name) => environment[name] === undefined)];
  if (missing.length > 0)
    events.warn(`credentials are not kept and are missing in this run: ${missing.join(", ")}`);
  return variables === undefined ? undefined : known;
}

function refusal(id: string, reason: string): Error {
  return errors.TASK_NOT_RUNNABLE({ id, reason });
}
