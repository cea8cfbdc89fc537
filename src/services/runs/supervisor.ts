import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { type ExecutionContext, launchRun } from "./execution.ts";
import { type ExecutionPlan, withoutSecretValues } from "./execution-plan.ts";
import { isolatedCopyOf } from "./isolated-copy.ts";
import { endUnstarted } from "./not-started.ts";
import { createRunFields } from "./run-fields.ts";
import { prepareRun } from "./run-preparation.ts";
import type { Detach } from "./run-starter.ts";
import { readTaskJson, removeTaskFile, writeTaskJson } from "./task-files.ts";

/** Starts the process that will own a detached run; resolves when it said that the command has started. */
export type SpawnSupervisor = (order: {
  readonly runId: string;
  readonly projectDirectory: string;
  readonly taskDirectory: string;
  /** The environment of the supervisor, which the command inherits: secrets never touch the disk. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}) => Promise<void>;

/** Prepares a run here and hands it to a supervisor: a process that ends it when nobody is attached. */
export function createDetach(spawnSupervisor: SpawnSupervisor): Detach {
  return async (context: ExecutionContext, plan: ExecutionPlan, options: WorkOptions): Promise<Run> => {
    const { project } = context;
    const prepared = await prepareRun(context, plan, options);
    const taskDirectory = project.taskDirectory(plan.id);
    if (prepared.failure) throw await endUnstarted(context, prepared, prepared.failure);
    const { variables, ...kept } = withoutSecretValues(prepared.plan);
    await writeTaskJson(taskDirectory, "plan.json", kept as unknown as Json);
    try {
      await spawnSupervisor({
        runId: plan.id,
        projectDirectory: project.directory,
        taskDirectory,
        environment: {
          ...context.environment,
          ...carried({ ...variables, ...prepared.plan.secrets?.values }),
        },
      });
    } catch (error) {
      await removeTaskFile(taskDirectory, "plan.json");
      // A supervisor that died behind the start leaves a run that goes on; the next engine ends it.
      if (!(await isThere(join(taskDirectory, "process.json")))) {
        throw await endUnstarted(context, prepared, error as Error);
      }
    }
    const record = await project.records.get("run", plan.id);
    return record
      ? createRunFields(project, plan.id, record.createdAt, record.fields).run()
      : prepared.fields.run();
  };
}

/** What the supervisor process does: owns the run from start to after-snapshot. `started` is called in between. */
export async function superviseRun(
  context: ExecutionContext,
  runId: string,
  started: () => void,
): Promise<Run> {
  const { project } = context;
  const kept = (await readTaskJson(project.taskDirectory(runId), "plan.json")) as unknown as
    | ExecutionPlan
    | undefined;
  const { variables, others } = uncarried(context.environment);
  const plan = kept && { ...kept, variables };
  const record = await project.records.get("run", runId);
  // It may hold credentials.
  await removeTaskFile(project.taskDirectory(runId), "plan.json");
  if (!plan || !record) throw errors.RUN_NOT_FOUND({ id: runId });
  const open = await project.openRuns.read(runId);
  await project.openRuns.write(runId, {
    v: 1,
    type: "executed",
    createdAt: open?.createdAt ?? record.createdAt,
    owner: await project.openRuns.thisProcess(),
  });
  const fields = createRunFields(project, runId, record.createdAt, record.fields);
  const copy = plan.isolated
    ? isolatedCopyOf(project, runId, (record.fields["notCaptured"] as string[] | undefined) ?? [])
    : undefined;
  const run = await launchRun(
    { ...context, environment: others },
    {
      plan,
      fields,
      root: copy?.root ?? project.directory,
      ...(copy ? { copy } : {}),
    },
  );
  started();
  return run.done;
}

/** The variables of a run's own travel apart: they are the command's, which may run elsewhere than its supervisor. */
const CARRIED = "DATMO_CARRIED_";

function carried(variables: { readonly [name: string]: string } = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [CARRIED + name, value]));
}

function uncarried(environment: ExecutionContext["environment"]): {
  readonly variables: Record<string, string>;
  readonly others: Record<string, string | undefined>;
} {
  const variables: Record<string, string> = {};
  const others: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(CARRIED)) others[name] = value;
    else if (value !== undefined) variables[name.slice(CARRIED.length)] = value;
  }
  return { variables, others };
}
