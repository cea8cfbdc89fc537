import { randomId } from "../domain/ids.ts";
import { randomRunName } from "../domain/run-names.ts";
import { runFromRecord } from "../domain/run-record.ts";
import type { TaskDefinition } from "../domain/task-record.ts";
import { errors } from "../protocol/errors.ts";
import type { Run, RunRerunParams, RunStartParams } from "../protocol/types.ts";
import type { JsonObject } from "../util/json.ts";
import { deepMerge } from "../util/json-merge.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { type ExecutionContext, launchRun, prepareRun } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import { CONFIG_FILES, insideProject, readRootObject } from "./input-files.ts";
import { findRecord } from "./lookup.ts";
import type { OpenProject } from "./open-project.ts";
import type { WorkOptions } from "./ports/snapshots.ts";

export interface RunStarter {
  start(context: ExecutionContext, params: RunStartParams, options: WorkOptions): Promise<Run>;
  rerun(context: ExecutionContext, params: RunRerunParams, options: WorkOptions): Promise<Run>;
}

/** Hands a prepared run to a process of its own and resolves when its command has started. */
export type Detach = (context: ExecutionContext, plan: ExecutionPlan, options: WorkOptions) => Promise<Run>;

export function createRunStarter(active: ActiveRuns<ActiveRun>, detach: Detach): RunStarter {
  async function begin(context: ExecutionContext, plan: ExecutionPlan, options: WorkOptions): Promise<Run> {
    const prepared = await prepareRun(context, plan, options);
    const run = await launchRun(context, prepared);
    active.add(run);
    return run.run();
  }

  return {
    async start(context, params, options) {
      const plan = await planOf(context.project, params);
      return params.detached ? detach(context, plan, options) : begin(context, plan, options);
    },
    async rerun(context, params, options) {
      return begin(context, await rerunPlan(context.project, params), options);
    },
  };
}

async function planOf(project: OpenProject, params: RunStartParams): Promise<ExecutionPlan> {
  const config = params.config ?? (await readRootObject(project.directory, CONFIG_FILES)) ?? {};
  const directory = params.directory === undefined ? "" : insideProject(project.directory, params.directory);
  return {
    id: randomId(),
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    command: params.command,
    ...(directory === "" ? {} : { directory }),
    driver: knownDriver(project, params.driver ?? "host"),
    ...(params.timeoutMs === undefined ? {} : { timeoutMs: params.timeoutMs }),
    ...(params.variables === undefined ? {} : { variables: params.variables }),
    interactive: params.interactive === true,
    parse: params.parse !== false,
    isolated: params.isolated === true,
    config,
    tags: params.tags ?? [],
    ...(params.group === undefined ? {} : { group: params.group }),
    ...(params.note === undefined ? {} : { note: params.note }),
    ...(params.message === undefined ? {} : { message: params.message }),
    ...(params.originId === undefined ? {} : { originId: params.originId }),
  };
}

/** The same task on the run's before-snapshot. */
async function rerunPlan(project: OpenProject, params: RunRerunParams): Promise<ExecutionPlan> {
  const record = await findRecord(project, "run", params.id);
  const original = runFromRecord(record);
  const refuse = (reason: string): Error => errors.RUN_NOT_RERUNNABLE({ id: original.id, reason });
  if (original.origin === "recorded")
    throw refuse("the script recorded itself; start it with `datmo run` instead");
  const task = original.taskId === undefined ? undefined : await project.records.get("task", original.taskId);
  if (!task || original.taskId === undefined) throw refuse("its task is not there");
  if (record.fields["foreign"] === true && !params.trust) {
    throw errors.RUN_TRUST_NEEDED({ id: original.id, command: JSON.stringify(original.command) });
  }
  const snapshotId = params.snapshotId ?? original.beforeSnapshotId;
  if (snapshotId === undefined) throw refuse("it has no before-snapshot");
  const snapshot = await findRecord(project, "snapshot", snapshotId);
  const definition = task.fields["definition"] as unknown as TaskDefinition;
  const timeoutMs = params.timeoutMs ?? definition.timeoutMs;
  return {
    id: randomId(),
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    command: definition.command,
    ...(definition.directory === undefined ? {} : { directory: definition.directory }),
    driver: knownDriver(project, definition.driver),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(definition.variables === undefined ? {} : { variables: definition.variables }),
    interactive: definition.interactive === true,
    parse: record.fields["parse"] !== false,
    isolated: true,
    config: deepMerge(original.config as JsonObject, (params.config ?? {}) as JsonObject),
    tags: params.tags ?? [],
    ...(params.originId === undefined ? {} : { originId: params.originId }),
    rerunOf: original.id,
    taskId: original.taskId,
    snapshotId: snapshot.id,
    snapshotTree: snapshot.fields["codeTree"] as string,
  };
}

function knownDriver(project: OpenProject, name: string): string {
  if (project.drivers.has(name)) return name;
  throw errors.DRIVER_UNKNOWN({ name, available: [...project.drivers.keys()].join(", ") });
}
