import { nestFields } from "../../domain/field-paths.ts";
import { randomId } from "../../domain/ids.ts";
import { parserFields } from "../../domain/parser-choice.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { MASK } from "../../domain/secrets.ts";
import type { TaskDefinition } from "../../domain/task-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { TaskRunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { requireTaskTrust } from "../sharing/trust.ts";
import { CONFIG_FILES, checkedObject, readRootObject } from "../snapshots/input-files.ts";
import { chosenParser } from "./choose-parser.ts";
import type { ExecutionContext } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import { taskParts, taskPlace } from "./kept-task.ts";

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
  // A task does not say whether its stars were the user's own; a run does.
  if (JSON.stringify(definition.command).includes(MASK))
    throw refusal(task.id, "its command line held a credential, which is not kept");
  const { snapshotId } = params;
  const snapshot = snapshotId === undefined ? undefined : await findRecord(project, "snapshot", snapshotId);
  const config = await configFor(context, snapshot, params);
  await requireTaskTrust(project, { task, config, ...(snapshot ? { snapshot } : {}) }, params.trust === true);
  const { secretValues, timeoutMs } = params;
  const refuse = (reason: string): Error => refusal(task.id, reason);
  const parts = await taskParts(context, {
    definition,
    config,
    timeoutMs,
    secretValues,
    noun: "run",
    refuse,
  });
  const { notes, ...place } = await taskPlace(context, definition, { reason: "the task has it" }, options);
  const id = randomId();
  const origin = params.originId === undefined ? {} : { originId: params.originId };
  for (const message of notes) context.events.note({ runId: id, ...origin, message });
  return {
    id,
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    ...parts,
    ...place,
    ...parserFields(await chosenParser(project, params)),
    tags: params.tags ?? [],
    ...(params.group === undefined ? {} : { group: params.group }),
    ...(params.note === undefined ? {} : { note: params.note }),
    ...origin,
    taskId: task.id,
    ...(snapshot ? { snapshotId: snapshot.id, snapshotTree: snapshot.fields["codeTree"] as string } : {}),
  };
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

function refusal(id: string, reason: string): Error {
  return errors.TASK_NOT_RUNNABLE({ id, reason });
}
