import { flattenFields } from "../../domain/field-paths.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { maskConfig } from "../../domain/secrets.ts";
import { snapshotFromRecord } from "../../domain/snapshot-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Run,
  Snapshot,
  SnapshotCreateParams,
  SnapshotCreateResult,
  SnapshotDeleteParams,
  SnapshotListParams,
  SnapshotListResult,
  SnapshotUpdateParams,
} from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { CodeCapture, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { RunSession } from "../runs/run-session.ts";
import { CONFIG_FILES, METRICS_FILES, readNamedObject, readRootObject, rootInputs } from "./input-files.ts";
import { resolvePathSpecs } from "./path-specs.ts";
import { equalSnapshot, takeSnapshot } from "./snapshot-taker.ts";

const DEFAULT_LIMIT = 100;

/** A run that is going on while its state is saved. */
export interface SnapshottedRun {
  readonly id: string;
  run(): Run;
  /** Absent: what it has logged is in the run already. */
  readonly session?: RunSession;
}

/** Takes all five components; nothing changed gives the same snapshot with the new message and label applied. */
export async function createSnapshot(
  project: OpenProject,
  params: SnapshotCreateParams,
  active: SnapshottedRun | undefined,
  options: WorkOptions,
): Promise<SnapshotCreateResult> {
  if (params.runId !== undefined && !active) return fromEndedRun(project, params, params.runId);
  if (active?.session) {
    await active.session.intake.pull();
    await writeMetrics(active.session);
  }
  const entries = await resolvePathSpecs(project.directory, params.paths ?? []);
  const [config, metrics] = await Promise.all([
    configOf(project, params, active),
    metricsOf(project, params, active),
  ]);
  const files = entries.length > 0 ? await project.snapshots.captureFiles(entries, options) : undefined;
  const taken = await takeSnapshot(
    project,
    {
      message: params.message,
      ...(params.label === undefined ? {} : { label: params.label }),
      visible: true,
      ...(active ? { runId: active.id } : {}),
      config: maskConfig(config),
      metrics,
      ...(files ? { files } : {}),
    },
    options,
  );
  if (!taken.created) await showAgain(project, taken.id, params);
  const snapshot = await recordOf(project, taken.id);
  return {
    snapshot,
    created: taken.created,
    unstable: [...taken.code.unstable],
    skipped: [...taken.code.skipped],
  };
}

export async function listSnapshots(
  project: OpenProject,
  params: SnapshotListParams,
): Promise<SnapshotListResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const after = params.cursor === undefined ? undefined : openCursor(params.cursor);
  const records = await project.records.list("snapshot", {
    ...(after ? { after: { createdAt: String(after["createdAt"]), id: String(after["id"]) } } : {}),
    ...(params.all && params.text === undefined ? { limit: limit + 1 } : {}),
  });
  const shown = records.filter((record) => isWanted(record, params));
  const items = shown.slice(0, limit);
  const last = items[items.length - 1];
  const current = params.markCurrent ? await currentIds(project, items) : new Set<string>();
  return {
    items: items.map((record) => ({
      ...snapshotFromRecord(record),
      ...(current.has(record.id) ? { current: true } : {}),
    })),
    ...(shown.length > limit && last
      ? { nextCursor: sealCursor({ createdAt: last.createdAt, id: last.id }) }
      : {}),
  };
}

export async function updateSnapshot(project: OpenProject, params: SnapshotUpdateParams): Promise<Snapshot> {
  const record = await findRecord(project, "snapshot", params.id);
  const set: Record<string, Json> = {
    ...flattenFields("config", maskConfig((params.config ?? {}) as JsonObject)),
    ...flattenFields("metrics", (params.metrics ?? {}) as JsonObject),
  };
  if (params.message !== undefined) set["message"] = params.message;
  if (params.label !== undefined) set["label"] = params.label === "" ? null : params.label;
  if (params.visible !== undefined) set["visible"] = params.visible;
  if (Object.keys(set).length > 0) await project.records.commit([{ kind: "snapshot", id: record.id, set }]);
  return recordOf(project, record.id);
}

export async function deleteSnapshots(project: OpenProject, params: SnapshotDeleteParams): Promise<string[]> {
  const ids: string[] = [];
  for (const asked of params.ids) {
    const record = await findRecord(project, "snapshot", asked);
    const runId = params.force ? undefined : await runThatNeeds(project, record.id);
    if (runId !== undefined) throw errors.SNAPSHOT_IN_USE({ id: record.id, runId });
    ids.push(record.id);
  }
  for (const id of ids) {
    // The record first: a reference without a record is only wasted space.
    await project.records.commit([{ kind: "snapshot", id, set: { deleted: true } }]);
    await project.snapshots.deleteRef(id);
  }
  return ids;
}

/** The snapshot of this id as the protocol shows it. */
export async function recordOf(project: OpenProject, id: string): Promise<Snapshot> {
  const record = await project.records.get("snapshot", id);
  if (!record) throw errors.SNAPSHOT_NOT_FOUND({ id });
  return snapshotFromRecord(record);
}

/** Puts everything that was logged and printed so far into the run's record, which else lags a little behind. */
export async function writeMetrics(session: RunSession): Promise<void> {
  await session.pump.pull();
  const fields = session.metrics.finalFields();
  if (Object.keys(fields).length > 0) await session.fields.write(fields, "process");
}

/** Makes the after-snapshot of a run that has ended a visible one. */
async function fromEndedRun(
  project: OpenProject,
  params: SnapshotCreateParams,
  runId: string,
): Promise<SnapshotCreateResult> {
  if (params.paths || params.configFile || params.metricsFile) {
    const problems = [
      { path: "/runId", message: "cannot be combined with paths, configFile or metricsFile" },
    ];
    throw errors.INVALID_PARAMS({ summary: "A snapshot of a run has the run's files and config.", problems });
  }
  const run = runFromRecord(await findRecord(project, "run", runId));
  const id = run.afterSnapshotId;
  if (id === undefined) throw errors.RUN_NOT_RERUNNABLE({ id: run.id, reason: "it has no after-snapshot" });
  await showAgain(project, id, params);
  const snapshot = await updateSnapshot(project, {
    id,
    ...(params.config === undefined ? {} : { config: params.config }),
    metrics: { ...run.metrics, ...params.metrics },
  });
  return { snapshot, created: false, unstable: [], skipped: [] };
}

/** Applies a new message and label to a snapshot that was there, and makes it one of the user's. */
async function showAgain(project: OpenProject, id: string, params: SnapshotCreateParams): Promise<void> {
  const set: Record<string, Json> = { visible: true, deleted: null };
  if (params.message !== "") set["message"] = params.message;
  if (params.label !== undefined) set["label"] = params.label;
  await project.records.commit([{ kind: "snapshot", id, set }]);
}

async function configOf(
  project: OpenProject,
  params: SnapshotCreateParams,
  active: SnapshottedRun | undefined,
): Promise<JsonObject> {
  exclusive(params.config, params.configFile, "config");
  if (params.config !== undefined) return params.config as JsonObject;
  if (params.configFile !== undefined) return readNamedObject(project.directory, params.configFile);
  if (active) return active.run().config as JsonObject;
  return (await readRootObject(project.directory, CONFIG_FILES)) ?? {};
}

async function metricsOf(
  project: OpenProject,
  params: SnapshotCreateParams,
  active: SnapshottedRun | undefined,
): Promise<JsonObject> {
  exclusive(params.metrics, params.metricsFile, "metrics");
  if (params.metrics !== undefined) return params.metrics as JsonObject;
  if (params.metricsFile !== undefined) return readNamedObject(project.directory, params.metricsFile);
  if (active) return active.run().metrics as JsonObject;
  return (await readRootObject(project.directory, METRICS_FILES)) ?? {};
}

function exclusive(inline: unknown, file: unknown, noun: string): void {
  if (inline === undefined || file === undefined) return;
  const problems = [{ path: `/${noun}File`, message: `cannot be combined with ${noun}` }];
  throw errors.INVALID_PARAMS({ summary: `Give the ${noun} inline or as a file, not both.`, problems });
}

function isWanted(record: StoredRecord, params: SnapshotListParams): boolean {
  if (!params.all && record.fields["visible"] !== true) return false;
  if (params.text === undefined) return true;
  const text = params.text.toLowerCase();
  const said = [record.fields["message"], record.fields["label"]];
  return said.some((item) => typeof item === "string" && item.toLowerCase().includes(text));
}

async function currentIds(project: OpenProject, records: readonly StoredRecord[]): Promise<Set<string>> {
  const current = await currentSnapshot(project, await project.snapshots.captureCode(), records);
  return new Set(current ? [current.id] : []);
}

/** Which of these snapshots the project's folder equals: in all components if one does, else in its code. */
export async function currentSnapshot(
  project: OpenProject,
  code: CodeCapture,
  records: readonly StoredRecord[],
): Promise<StoredRecord | undefined> {
  const sameCode = records.filter((record) => record.fields["codeTree"] === code.treeId);
  if (sameCode.length < 2) return sameCode[0];
  const inputs = await rootInputs(project.directory).catch(() => ({ config: {}, metrics: {} }));
  const exact = await equalSnapshot(project, code, inputs);
  return sameCode.find((record) => record.id === exact) ?? sameCode[0];
}

async function runThatNeeds(project: OpenProject, snapshotId: string): Promise<string | undefined> {
  const [before, after] = await Promise.all([
    project.records.byField("run", "beforeSnapshotId", snapshotId),
    project.records.byField("run", "afterSnapshotId", snapshotId),
  ]);
  return before[0]?.id ?? after[0]?.id;
}
