import { randomId } from "../../domain/ids.ts";
import { parserFields } from "../../domain/parser-choice.ts";
import { randomRunName } from "../../domain/run-names.ts";
import { isWorkspaceKind } from "../../domain/workspace.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunRerunParams, RunStartParams, TaskRunParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { CONFIG_FILES, checkedObject, insideProject, readRootObject } from "../snapshots/input-files.ts";
import { plainOptions } from "../work-options.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { chosenParser } from "./choose-parser.ts";
import { type ExecutionContext, launchRun } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
import { keptPath } from "./place/data-places.ts";
import { rerunPlan } from "./rerun-plan.ts";
import { prepareRun } from "./run-preparation.ts";
import { taskPlan } from "./task-plan.ts";

export interface RunStarter {
  start(context: ExecutionContext, params: RunStartParams, options: WorkOptions): Promise<Run>;
  rerun(context: ExecutionContext, params: RunRerunParams, options: WorkOptions): Promise<Run>;
  task(context: ExecutionContext, params: TaskRunParams, options: WorkOptions): Promise<Run>;
  /** Starts what others planned, detached in a process of its own. */
  planned(
    context: ExecutionContext,
    plan: ExecutionPlan,
    detached: boolean,
    options: WorkOptions,
  ): Promise<Run>;
}

/** Hands a prepared run to a process of its own and resolves when its command has started. */
export type Detach = (context: ExecutionContext, plan: ExecutionPlan, options: WorkOptions) => Promise<Run>;

export function createRunStarter(active: ActiveRuns<ActiveRun>, detach: Detach): RunStarter {
  async function begin(context: ExecutionContext, plan: ExecutionPlan, options: WorkOptions): Promise<Run> {
    if (plan.interactive && !context.hasTerminal) throw noTerminal();
    const prepared = await prepareRun(context, plan, options);
    const run = await launchRun(context, prepared);
    active.add(run);
    return run.run();
  }

  return {
    async start(context, params, given) {
      const options = plainOptions(given);
      const plan = await planOf(context, params, options);
      if (plan.interactive && params.detached) throw noTerminal();
      return params.detached ? detach(context, plan, options) : begin(context, plan, options);
    },
    async planned(context, plan, detached, given) {
      const options = plainOptions(given);
      if (plan.interactive && detached) throw noTerminal();
      return detached ? detach(context, plan, options) : begin(context, plan, options);
    },
    async rerun(context, params, given) {
      const options = plainOptions(given);
      await refuseWorkspace(context, params.id);
      return begin(context, await rerunPlan(context, params, options), options);
    },
    async task(context, params, options) {
      const plan = await taskPlan(context, params, options);
      return params.detached ? detach(context, plan, options) : begin(context, plan, options);
    },
  };
}

/** What a person did in a workspace is no command that could be repeated. */
async function refuseWorkspace({ project }: ExecutionContext, asked: string): Promise<void> {
  const { id, fields } = await findRecord(project, "run", asked);
  const { type: workspace } = fields;
  const reason = "it is a workspace, which is opened again by workspace.start";
  if (isWorkspaceKind(workspace)) throw errors.RUN_NOT_RERUNNABLE({ id, reason, workspace });
}

/** An engine that talks over its standard streams cannot give them away: the command would read the client's messages. */
function noTerminal(): Error {
  const summary = "An interactive command needs an engine in the process that has the terminal.";
  const problems = [{ path: "/interactive", message: "cannot be had from this engine" }];
  return errors.INVALID_PARAMS({ summary, problems }, { hint: "Start it with `datmo run -i`." });
}

/** What a request decides of a run. */
export async function planOf(
  context: ExecutionContext,
  params: RunStartParams,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  const { project, events } = context;
  const config = params.config
    ? checkedObject(params.config as JsonObject, "config")
    : ((await readRootObject(project.directory, CONFIG_FILES)) ?? {});
  const directory = params.directory === undefined ? "" : insideProject(project.directory, params.directory);
  const { planPlace } = await import("./place/plan-place.ts");
  const { environment, environmentPaths, driver } = params;
  const choice = {
    ...(environment === undefined ? {} : { environment }),
    ...(environmentPaths === undefined ? {} : { environmentPaths }),
    ...(driver === undefined ? {} : { driver }),
  };
  const { notes, ...place } = await planPlace(project, choice, params, options);
  const envFiles = (params.envFiles ?? []).map((path) => keptPath(project.directory, path));
  const { secretsOf } = await import("./secrets.ts");
  const secrets = await secretsOf(context, { secrets: params.secrets ?? [], envFiles }, params.secretValues);
  const id = randomId();
  const origin = params.originId === undefined ? {} : { originId: params.originId };
  for (const message of notes) events.note({ runId: id, ...origin, message });
  return {
    id,
    name: params.name ?? randomRunName(),
    createdAt: new Date().toISOString(),
    command: params.command,
    ...(directory === "" ? {} : { directory }),
    ...place,
    ...(params.timeoutMs === undefined ? {} : { timeoutMs: params.timeoutMs }),
    ...(params.variables === undefined ? {} : { variables: params.variables }),
    ...(secrets ? { secrets } : {}),
    interactive: params.interactive === true,
    ...parserFields(await chosenParser(project, params)),
    ...(params.usage === undefined ? {} : { usage: params.usage }),
    isolated: params.isolated === true,
    config,
    tags: params.tags ?? [],
    ...(params.group === undefined ? {} : { group: params.group }),
    ...(params.note === undefined ? {} : { note: params.note }),
    ...(params.message === undefined ? {} : { message: params.message }),
    ...origin,
  };
}
