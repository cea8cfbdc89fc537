import { rm } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { commandText } from "../../domain/command-text.ts";
import { maskCommand, maskConfig } from "../../domain/secrets.ts";
import { errors } from "../../protocol/errors.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { CodeCapture, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { heldOfRun } from "../snapshots/held-environment.ts";
import { takeSnapshot } from "../snapshots/snapshot-taker.ts";
import { storageError } from "../system-errors.ts";
import { maskedNotice } from "./credentials.ts";
import type { ExecutionContext, PreparedRun } from "./execution.ts";
import { captureHints, type ExecutionPlan, planRecords } from "./execution-plan.ts";
import { createIsolatedCopy, type IsolatedCopy, isolatedCopyOf } from "./isolated-copy.ts";
import type { recordData } from "./place/record-data.ts";
import { createRunFields, type RunFields } from "./run-fields.ts";
import { createTaskDirectory, writeTaskJson } from "./task-files.ts";

/** Unreadable paths that a warning names. */
const NAMED_PATHS = 3;

/** Records the run, takes its before-snapshot and makes its folders. Takes everything back when it fails. */
export async function prepareRun(
  context: ExecutionContext,
  plan: ExecutionPlan,
  options: WorkOptions,
): Promise<PreparedRun> {
  const { project } = context;
  const records = planRecords(plan);
  const fields = createRunFields(project, plan.id, plan.createdAt, records.run);
  const taskDirectory = project.taskDirectory(plan.id);
  let recorded = false;
  let copy: IsolatedCopy | undefined;
  try {
    const notice = maskedNotice(plan);
    if (notice !== undefined) context.events.warn(notice, plan.id);
    const owner = await project.openRuns.thisProcess();
    await createTaskDirectory(taskDirectory);
    await project.openRuns.write(plan.id, { v: 1, type: "executed", createdAt: plan.createdAt, owner });
    recorded = true;
    await project.records.commit(
      [
        // One that is there already stands for itself: its id is the hash of its definition.
        ...(plan.taskId === undefined ? [{ kind: "task" as const, ...records.task }] : []),
        { kind: "run", id: plan.id, set: records.run },
      ],
      "process",
    );
    await writeTaskJson(taskDirectory, "config.json", plan.config);
    const { ready, failure } = await makeReady(context, plan, fields, options);
    const before = await takeBefore(context, ready, fields, options);
    if (plan.isolated) copy = await createIsolatedCopy(project, plan.id, before.tree, options);
    if (plan.data) await recordDataOf(context, ready, copy?.root ?? project.directory, fields, options);
    const [machine, userGit] = await Promise.all([project.capture.machine(), project.capture.userGit()]);
    await fields.write(
      {
        beforeSnapshotId: before.id,
        machine: machine as unknown as Json,
        ...(userGit ? { userGit: userGit as unknown as Json } : {}),
        ...(copy && copy.notCaptured.length > 0 ? { notCaptured: [...copy.notCaptured] } : {}),
      },
      "process",
    );
    options.signal?.throwIfAborted();
    return {
      plan: ready,
      fields,
      root: copy?.root ?? project.directory,
      ...(copy ? { copy } : {}),
      ...(failure ? { failure } : {}),
    };
  } catch (error) {
    await copy?.remove();
    await takeBack(context, plan.id, recorded);
    throw options.signal?.aborted
      ? errors.CANCELLED({})
      : storageError(error, `run ${plan.id}`, project.datmo);
  }
}

/** Loaded by runs that have data. */
export async function recordDataOf(...given: Parameters<typeof recordData>): Promise<void> {
  return (await import("./place/record-data.ts")).recordData(...given);
}

/** Builds what the run needs. That it cannot be is how the run ends; only a caller that gives up takes it back. */
export async function makeReady(
  { project, events, environment }: ExecutionContext,
  plan: ExecutionPlan,
  fields: RunFields,
  options: WorkOptions,
): Promise<{ readonly ready: ExecutionPlan; readonly failure?: Error }> {
  const { environment: chosen, gpu, workspace } = plan;
  if (chosen.kind === "host" && gpu === undefined && !workspace) return { ready: plan };
  const { buildPlace } = await import("./place/build-place.ts");
  const origin = plan.originId === undefined ? {} : { originId: plan.originId };
  try {
    const built = await buildPlace({ project, events, environment }, plan, {
      ...options,
      output: (text) => events.buildOutput({ environmentId: plan.environment.id, ...origin, text }),
    });
    const { image, python } = built;
    if (image) await fields.write({ image: { id: image.id, digests: [...image.digests] } }, "process");
    if (python !== undefined) await fields.write({ python }, "process");
    return { ready: { ...plan, built } };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return { ready: plan, failure: error as Error };
  }
}

/** Removes a run whose engine died before it was recorded: nothing was promised to anybody. */
export async function removeUnrecorded(project: OpenProject, runId: string): Promise<void> {
  await isolatedCopyOf(project, runId, []).remove();
  const directory = project.taskDirectory(runId);
  // What a command has left stays, even when nobody knows of the command.
  if (!(await isThere(join(directory, "process.json"))))
    await rm(directory, { recursive: true, force: true });
  await project.openRuns.remove(runId);
}

/** The state that a run begins with. */
export async function takeBefore(
  context: ExecutionContext,
  plan: ExecutionPlan,
  fields: RunFields,
  options: WorkOptions,
): Promise<{ id: string; tree: string }> {
  if (plan.snapshotId !== undefined && plan.snapshotTree !== undefined) {
    return { id: plan.snapshotId, tree: plan.snapshotTree };
  }
  options.progress?.({ message: "Saving the state before the run" });
  const taken = await takeSnapshot(
    context.project,
    {
      message: plan.message ?? `before ${commandText(maskCommand(plan.command))}`,
      visible: false,
      runId: plan.id,
      config: maskConfig(plan.config),
      metrics: {},
      environment: await heldOfRun(context.project, fields.get),
      hints: captureHints(plan),
    },
    options,
  );
  warnOfUnreadable(context, plan.id, taken.code);
  await warnOfKeptSecrets(context, plan, taken.code.treeId);
  return { id: taken.id, tree: taken.code.treeId };
}

/** An env file that no rule leaves out is a file of the project as any other, with the values that it holds. */
async function warnOfKeptSecrets(
  { project, events }: ExecutionContext,
  { id, secrets }: ExecutionPlan,
  tree: string,
): Promise<void> {
  for (const path of secrets?.envFiles ?? []) {
    if (isAbsolute(path) || !(await project.snapshots.hasPath(tree, path))) continue;
    events.warn(
      `snapshots hold ${path} with its values: name it in .datmoignore, then \`datmo purge ${path}\` removes it from them`,
      id,
    );
  }
}

/** What the run may depend on and nobody can bring back. Pipes and the like are no state of a project. */
function warnOfUnreadable({ events }: ExecutionContext, runId: string, { skipped }: CodeCapture): void {
  const unreadable = skipped.filter(({ reason }) => reason.startsWith("it cannot be read"));
  if (unreadable.length === 0) return;
  const names = unreadable.slice(0, NAMED_PATHS).map(({ path }) => path);
  const more = unreadable.length > NAMED_PATHS ? ` and ${unreadable.length - NAMED_PATHS} more` : "";
  events.warn(`the state before the run lacks what cannot be read: ${names.join(", ")}${more}`, runId);
}

/** Nothing of it has run. A run whose record cannot be taken back stays open, for the next engine to end it. */
async function takeBack(context: ExecutionContext, runId: string, recorded: boolean): Promise<void> {
  const { project } = context;
  await rm(project.taskDirectory(runId), { recursive: true, force: true }).catch(() => undefined);
  try {
    if (recorded) await markTakenBack(project, runId);
    await project.openRuns.remove(runId);
  } catch (error) {
    context.unfinished.add(runId, storageError(error, `run ${runId}`, project.datmo));
    // Who started it is told why it did not start; that is enough.
    context.unfinished.tell(runId);
  }
}

async function markTakenBack(project: OpenProject, runId: string): Promise<void> {
  await project.records.commit([{ kind: "run", id: runId, set: { deleted: true, status: "stopped" } }]);
}
