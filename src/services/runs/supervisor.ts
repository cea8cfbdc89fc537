import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { type ExecutionContext, launchRun } from "./execution.ts";
import type { ExecutionPlan } from "./execution-plan.ts";
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
    const { variables, ...kept } = plan;
    await writeTaskJson(taskDirectory, "plan.json", kept as unknown as Json);
    try {
      await spawnSupervisor({
        runId: plan.id,
        projectDirectory: project.directory,
        taskDirectory,
        environment: { ...context.environment, ...variables },
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
  const plan = (await readTaskJson(project.taskDirectory(runId), "plan.json")) as unknown as
    | ExecutionPlan
    | undefined;
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
  const run = await launchRun(context, {
    plan,
    fields,
    root: copy?.root ?? project.directory,
    ...(copy ? { copy } : {}),
  });
  started();
  return run.done;
}
