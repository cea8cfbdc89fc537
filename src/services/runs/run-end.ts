import { join } from "node:path";
import { commandText } from "../../domain/command-text.ts";
import { fieldPath } from "../../domain/field-paths.ts";
import { isWorkspaceKind } from "../../domain/workspace.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { Run } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { CaptureHints } from "../ports/capture.ts";
import type { SnapshotStore } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { heldOfRun } from "../snapshots/held-environment.ts";
import { METRICS_FILES, readRootObject } from "../snapshots/input-files.ts";
import { takeSnapshot } from "../snapshots/snapshot-taker.ts";
import { storageError } from "../system-errors.ts";
import { fileField } from "./kept-files.ts";
import type { RunFields } from "./run-fields.ts";
import { type RunSession, takeMetricsDocument } from "./run-session.ts";
import { modifiedAt, producedFiles, readTaskJson, removeTaskFile, writeTaskJson } from "./task-files.ts";

/** How a run ended, as recorded. */
export interface EndFacts {
  readonly status: "succeeded" | "failed" | "stopped" | "lost";
  readonly exitCode?: number;
  readonly endedAt: string;
  readonly outOfMemory?: boolean;
  readonly error?: { readonly kind: string; readonly message: string };
  /** Summary fields computed from the files, when this engine did not see all points itself. */
  readonly summaries?: Record<string, Json>;
}

export interface AfterOptions {
  readonly project: OpenProject;
  readonly session: RunSession;
  /** Root of the files the run worked on: the project, or its isolated copy. */
  readonly root: string;
  /** The store over an isolated copy. */
  readonly store?: SnapshotStore;
  readonly hints?: CaptureHints;
  /** Taken by another engine, later than the end. */
  readonly late?: boolean;
}

/** Takes in the last words of a run: journal, spools, output, its config and metrics files. */
export async function takeLastWords(
  options: Pick<AfterOptions, "project" | "session" | "root">,
  ran: { readonly startedAt?: string; readonly endedAt: string },
): Promise<void> {
  const { project, session, root } = options;
  await session.intake.pull();
  await session.pump.finish();
  const directory = project.taskDirectory(session.fields.id);
  const config = await readTaskJson(directory, "config.json");
  if (config) await session.fields.mergeConfig(config, "process");
  for (const name of METRICS_FILES) {
    const own = await readTaskJson(directory, name);
    if (own) return takeMetricsDocument(project, session, name, own);
  }
  for (const name of METRICS_FILES) {
    // A file at the root counts only when this run wrote it: an older one belongs to another run.
    const written = await modifiedAt(join(root, name));
    if (written === undefined || !isWithin(written, ran)) continue;
    const found = await readRootObject(root, [name]).catch(() => undefined);
    if (found) return takeMetricsDocument(project, session, name, found);
  }
}

/** Records the end; durable when it resolves. */
export async function recordEnd(session: RunSession, end: EndFacts): Promise<void> {
  const wasLost = session.fields.get("status") === "lost";
  await session.fields.write({
    ...session.metrics.finalFields(),
    ...end.summaries,
    // That nobody knew how it ended is over.
    ...(wasLost ? { error: null } : {}),
    status: end.status,
    endedAt: end.endedAt,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.outOfMemory ? { outOfMemory: true } : {}),
    ...(end.error ? { error: end.error as unknown as Json } : {}),
  });
  session.statusChanged();
}

/**
 * Takes the after-snapshot. One that fails is told, the end stays recorded. False: the disk does not take it now,
 * and a later engine may try again.
 */
export async function takeAfter(options: AfterOptions): Promise<boolean> {
  const { project, session } = options;
  const { fields } = session;
  const run = fields.run();
  try {
    const files = await session.intake.files(await producedFiles(project.taskDirectory(run.id)));
    const taken = await takeSnapshot(project, {
      message: run.message ?? afterMessage(run),
      visible: false,
      runId: run.id,
      config: run.config as JsonObject,
      metrics: run.metrics as JsonObject,
      ...(files ? { files } : {}),
      environment: await heldOfRun(project, fields.get),
      ...(options.hints ? { hints: options.hints } : {}),
      ...(options.late ? { late: true } : {}),
      ...(options.store ? { store: options.store } : {}),
    });
    // Somebody else ended the run meanwhile, and what was taken is not the whole copy.
    if (options.store && !(await isThere(options.root))) return true;
    const listed = files?.files ?? [];
    await fields.write({
      afterSnapshotId: taken.id,
      ...(options.late ? { late: true } : {}),
      ...(fields.get(AFTER_FAILED) === true ? { error: null, [AFTER_FAILED]: null } : {}),
      ...Object.fromEntries(listed.map((file) => [fieldPath("files", file.path), fileField(file)])),
    });
    return true;
  } catch (error) {
    if (options.store && !(await isThere(options.root))) return true;
    const problem = problemOf(error, project);
    if (!run.error) await fields.write({ error: problem, [AFTER_FAILED]: true });
    return !DISK_TROUBLE.has(problem.kind);
  }
}

/** Instead of closing the books of a run whose after-snapshot is still to be taken: its folder and files stay. */
export async function leaveOpen(project: OpenProject, session: RunSession): Promise<void> {
  await hideCredentials(project, session.fields);
  await takeRest(project, session);
  session.statusChanged();
}

/**
 * Takes in what came after the end, removes the run from the open ones and packs its series. A run whose script
 * lives on is kept aside: what the script's last processes log is taken in when it is gone.
 */
export async function closeBooks(project: OpenProject, session: RunSession, gone: boolean): Promise<void> {
  const { id } = session.fields;
  await hideCredentials(project, session.fields);
  if (isWorkspaceKind(session.fields.get("type"))) {
    const { forgetWorkspace } = await import("../workspaces/task-folder.ts");
    await forgetWorkspace(project, id);
  }
  await takeRest(project, session);
  await tellFinished(project, session.fields.run());
  if (gone) await session.discard();
  await (gone ? project.openRuns.remove(id) : project.openRuns.retire(id));
  session.statusChanged();
  await project.series.seal(id);
}

/** Before anything that makes it known as over: an engine that dies in between tells it again, as the same event. */
export async function tellFinished(project: OpenProject, run: Run): Promise<void> {
  const { id, name, status, exitCode, afterSnapshotId, endedAt } = run;
  await project.hooks.tell("run.finished", {
    id: `run.finished ${id} ${endedAt}`,
    runId: id,
    runName: name,
    status,
    ...(typeof exitCode === "number" ? { exitCode } : {}),
    ...(afterSnapshotId ? { snapshotId: afterSnapshotId } : {}),
  });
}

/** The command needed its config with the credentials in it; what stays on disk has them masked. */
export async function hideCredentials(project: OpenProject, fields: RunFields): Promise<void> {
  const directory = project.taskDirectory(fields.id);
  await removeTaskFile(directory, "plan.json");
  try {
    if (await isThere(join(directory, "config.json")))
      await writeTaskJson(directory, "config.json", fields.config());
  } catch {
    // Where there is no room for the masked one: the record has it too.
    await removeTaskFile(directory, "config.json");
  }
}

/** Takes in what the processes of an ended run logged after its end; durable when it resolves. */
export async function takeRest(project: OpenProject, session: RunSession): Promise<void> {
  await session.intake.pull();
  const late = session.metrics.finalFields();
  if (Object.keys(late).length > 0) await session.fields.write(late);
  await project.series.flush(session.fields.id);
}

/** Coarse clocks of file systems, and times of a shell in whole seconds, tell a moment up to a second off. */
const CLOCK_MS = 1_000;

function isWithin(ms: number, ran: { readonly startedAt?: string; readonly endedAt: string }): boolean {
  if (ran.startedAt === undefined || ms < Date.parse(ran.startedAt) - 1) return false;
  return ms <= Date.parse(ran.endedAt) + CLOCK_MS;
}

/** What may have passed by the time of the next engine. */
const DISK_TROUBLE: ReadonlySet<string> = new Set(["DISK_FULL", "STORAGE_IO"]);

/** Field of a run whose error is only that its after-snapshot could not be taken. */
const AFTER_FAILED = "afterFailed";

function problemOf(thrown: unknown, project: OpenProject): { kind: string; message: string } {
  const known = storageError(thrown, "the state after the run", project.datmo);
  const error = isDatmoError(known) ? known : errors.GIT_STORE_IO({ reason: known.message });
  return { kind: error.kind, message: error.message };
}

function afterMessage(run: Run): string {
  const command = commandText(run.command);
  return command === "" ? `after ${run.name}` : `after ${command}`;
}
