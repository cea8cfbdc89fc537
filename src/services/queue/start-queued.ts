import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { ActiveRun, ActiveRuns } from "../runs/active-runs.ts";
import { type ExecutionContext, launchRun, type PreparedRun } from "../runs/execution.ts";
import { createIsolatedCopy, isolatedCopyOf } from "../runs/isolated-copy.ts";
import { endUnstarted } from "../runs/not-started.ts";
import { createRunFields, type RunFields } from "../runs/run-fields.ts";
import { makeReady, recordDataOf } from "../runs/run-preparation.ts";
import { secretsOf } from "../runs/secrets.ts";
import { createTaskDirectory, writeTaskJson } from "../runs/task-files.ts";
import { storageError } from "../system-errors.ts";
import { backToWaiting } from "./attempt.ts";
import type { ClaimedRun, QueuedPlan } from "./queued-plan.ts";

/** What cannot be helped by taking the next run: the disk takes nothing. */
const TROUBLE: ReadonlySet<string> = new Set(["DISK_FULL", "STORAGE_IO", "READ_ONLY", "CANCELLED"]);

/**
 * Starts a run that this engine has the lease of. Answers it when its command has started, or when it ended because
 * that was not possible. What is no matter of the run is thrown, and the run waits on.
 */
export async function startQueued(
  context: ExecutionContext,
  claimed: ClaimedRun,
  active: ActiveRuns<ActiveRun>,
  options: WorkOptions,
): Promise<Run> {
  const { project } = context;
  const { record, lease } = claimed;
  const { id } = record;
  const fields = createRunFields(project, id, record.createdAt, record.fields);
  let prepared: PreparedRun;
  try {
    prepared = await prepare(context, claimed, fields, options);
  } catch (error) {
    const known = options.signal?.aborted
      ? errors.CANCELLED({})
      : storageError(error, `run ${id}`, project.datmo);
    if (isDatmoError(known) && TROUBLE.has(known.kind)) {
      await backToWaiting(project, id, lease).finally(() => lease.release());
      throw known;
    }
    const copy = isolatedCopyOf(project, id, []);
    await endUnstarted(context, { plan: claimed.plan, fields, root: copy.root, copy }, known);
    await lease.finish();
    return fields.run();
  }
  if (!(await lease.isHeld())) {
    await lease.release();
    throw errors.RUN_ACTIVE({ id, status: "taken by a worker on another host" });
  }
  try {
    const run = await launchRun(contextFor(context, claimed), prepared);
    active.add(run);
    return run.run();
  } catch {
    // Why it was not started is a part of the run now.
    return fields.run();
  } finally {
    await lease.finish();
  }
}

async function prepare(
  context: ExecutionContext,
  { plan: kept, needs, gpus }: ClaimedRun,
  fields: RunFields,
  options: WorkOptions,
): Promise<PreparedRun> {
  const { project, environment, events } = context;
  const plan = planWith(kept, needs, gpus, environment);
  await createTaskDirectory(project.taskDirectory(plan.id));
  await fields.write({ status: "preparing" }, "process");
  events.statusChanged({ runId: plan.id, run: fields.run() });
  await writeTaskJson(project.taskDirectory(plan.id), "config.json", plan.config);
  const missing = needs.filter((name) => environment[name] === undefined);
  if (missing.length > 0) {
    const reason = `its worker does not have ${missing.join(", ")} in its environment, which is not kept`;
    throw errors.COMMAND_NOT_STARTED({ reason });
  }
  const secrets = await secretsOf(context, { envFiles: plan.secrets?.envFiles ?? [] });
  const whole = secrets ? { ...plan, secrets: { ...plan.secrets, ...secrets } } : plan;
  const { ready, failure } = await makeReady(context, withoutHostGpus(whole), fields, options);
  const copy = await createIsolatedCopy(project, plan.id, plan.snapshotTree, options);
  if (plan.data) await recordDataOf(context, ready, copy.root, fields, options);
  const machine = (await project.capture.machine()) as unknown as Json;
  const { notCaptured } = copy;
  await fields.write(
    { machine, ...(notCaptured.length > 0 ? { notCaptured: [...notCaptured] } : {}) },
    "process",
  );
  options.signal?.throwIfAborted();
  return { plan: ready, fields, root: copy.root, copy, ...(failure ? { failure } : {}) };
}

/** On the machine itself the worker has chosen the GPUs, and shows the command no others. */
function withoutHostGpus(plan: QueuedPlan): QueuedPlan {
  if (plan.environment.kind === "docker") return plan;
  const { gpu: _, ...rest } = plan;
  return rest;
}

/** The plan with what only the worker knows. */
function planWith(
  plan: QueuedPlan,
  needs: readonly string[],
  gpus: readonly string[] | undefined,
  environment: ExecutionContext["environment"],
): QueuedPlan {
  const secrets = needs.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...plan,
    ...(gpus ? { gpu: gpuText(gpus) } : {}),
    ...(secrets.length > 0 ? { variables: { ...plan.variables, ...Object.fromEntries(secrets) } } : {}),
  };
}

/** As `gpu` of a request: `1` alone would be a number of GPUs. */
function gpuText(gpus: readonly string[]): string {
  const text = gpus.join(",");
  return /^\d+$/.test(text) ? `device=${text}` : text;
}

/** The command sees the GPUs that it was given and no others. */
function contextFor(context: ExecutionContext, { gpus }: ClaimedRun): ExecutionContext {
  if (!gpus) return context;
  const environment = { ...context.environment, CUDA_VISIBLE_DEVICES: gpus.join(",") };
  return { ...context, environment };
}
