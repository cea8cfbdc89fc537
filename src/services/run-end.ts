import { join } from "node:path";
import { commandText } from "../domain/command-text.ts";
import { fieldPath } from "../domain/field-paths.ts";
import { isDatmoError } from "../protocol/errors.ts";
import type { Run } from "../protocol/types.ts";
import type { Json, JsonObject } from "../util/json.ts";
import { METRICS_FILES, readRootObject } from "./input-files.ts";
import type { OpenProject } from "./open-project.ts";
import type { CaptureHints } from "./ports/capture.ts";
import type { SnapshotStore } from "./ports/snapshots.ts";
import { type RunSession, takeMetricsDocument } from "./run-session.ts";
import { takeSnapshot } from "./snapshot-taker.ts";
import { modifiedAt, producedFiles, readTaskJson, writeTaskJson } from "./task-files.ts";

/** How a run ended, as recorded. */
export interface EndFacts {
  readonly status: "succeeded" | "failed" | "stopped" | "lost";
  readonly exitCode?: number;
  readonly endedAt: string;
  readonly error?: { readonly kind: string; readonly message: string };
  /** Summary fields computed from the files, when this engine did not see all points itself. */
  readonly summaries?: Record<string, Json>;
}

export interface AfterOptions {
  readonly project: OpenProject;
  readonly session: RunSession;
  /** Root of the files the run worked on: the project, or its isolated copy. */
  readonly root: string;
  readonly store?: SnapshotStore;
  readonly hints?: CaptureHints;
  /** Taken by another engine, later than the end. */
  readonly late?: boolean;
}

/** Takes in the last words of a run: journal, spools, output, its config and metrics files. */
export async function takeLastWords(
  options: Pick<AfterOptions, "project" | "session" | "root">,
  startedAt: string | undefined,
): Promise<void> {
  const { project, session, root } = options;
  await session.intake.pull();
  await session.pump.finish();
  const directory = project.taskDirectory(session.fields.id);
  const config = await readTaskJson(directory, "config.json");
  if (config) await session.fields.mergeConfig(config, "process");
  for (const name of METRICS_FILES) {
    const own = await readTaskJson(directory, name);
    if (own) return takeMetricsDocument(session, own);
  }
  for (const name of METRICS_FILES) {
    // A file at the root counts only when this run wrote it: an older one belongs to another run.
    const written = await modifiedAt(join(root, name));
    if (written === undefined || startedAt === undefined || written < Date.parse(startedAt) - 1) continue;
    const found = await readRootObject(root, [name]).catch(() => undefined);
    if (found) return takeMetricsDocument(session, found);
  }
}

/** Records the end; durable when it resolves. */
export async function recordEnd(session: RunSession, end: EndFacts): Promise<void> {
  await session.fields.write({
    ...session.metrics.finalFields(),
    ...end.summaries,
    status: end.status,
    endedAt: end.endedAt,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.error ? { error: end.error as unknown as Json } : {}),
  });
  session.statusChanged();
}

/** Takes the after-snapshot and closes the run's books. A snapshot that fails is told, the end stays recorded. */
export async function takeAfter(options: AfterOptions): Promise<void> {
  const { project, session } = options;
  const { fields } = session;
  const run = fields.run();
  try {
    const produced = await producedFiles(project.taskDirectory(run.id));
    const kept = session.intake.files();
    const files =
      produced.length > 0
        ? await project.snapshots.captureFiles(produced, kept ? { base: kept.treeId } : {})
        : kept;
    const taken = await takeSnapshot(project, {
      message: run.message ?? afterMessage(run),
      visible: false,
      runId: run.id,
      config: run.config as JsonObject,
      metrics: run.metrics as JsonObject,
      ...(files ? { files } : {}),
      ...(options.hints ? { hints: options.hints } : {}),
      ...(options.late ? { late: true } : {}),
      ...(options.store ? { store: options.store } : {}),
    });
    const listed = files?.files ?? [];
    await fields.write({
      afterSnapshotId: taken.id,
      ...(options.late ? { late: true } : {}),
      ...Object.fromEntries(
        listed.map((file) => [fieldPath("files", file.path), { bytes: file.bytes, sha256: file.sha256 }]),
      ),
    });
  } catch (error) {
    const problem = isDatmoError(error)
      ? { kind: error.kind as string, message: error.message }
      : { kind: "GIT_STORE_IO", message: (error as Error).message };
    await fields.write({ ...(run.error ? {} : { error: problem }) });
  }
}

/**
 * Takes in what came after the end, removes the run from the open ones and packs its series. A run whose script
 * lives on is kept aside: what the script's last processes log is taken in when it is gone.
 */
export async function closeBooks(project: OpenProject, session: RunSession, gone: boolean): Promise<void> {
  const { id } = session.fields;
  const directory = project.taskDirectory(id);
  // The command needed its config with the credentials in it; what stays on disk has them masked.
  if (await readTaskJson(directory, "config.json")) {
    await writeTaskJson(directory, "config.json", session.fields.config());
  }
  await takeRest(project, session);
  if (gone) await session.discard();
  await (gone ? project.openRuns.remove(id) : project.openRuns.retire(id));
  session.statusChanged();
  await project.series.seal(id);
}

/** Takes in what the processes of an ended run logged after its end; durable when it resolves. */
export async function takeRest(project: OpenProject, session: RunSession): Promise<void> {
  await session.intake.pull();
  const late = session.metrics.finalFields();
  if (Object.keys(late).length > 0) await session.fields.write(late);
  await project.series.flush(session.fields.id);
}

function afterMessage(run: Run): string {
  const command = commandText(run.command);
  return command === "" ? `after ${run.name}` : `after ${command}`;
}
