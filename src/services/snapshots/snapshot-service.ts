import { fieldPath, flattenFields } from "../../domain/field-paths.ts";
import { pointersIn } from "../../domain/pointers.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { maskConfig } from "../../domain/secrets.ts";
import { snapshotFromRecord } from "../../domain/snapshot-record.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type {
  Snapshot,
  SnapshotCreateParams,
  SnapshotCreateResult,
  SnapshotDeleteParams,
  SnapshotListParams,
  SnapshotListResult,
  SnapshotUpdateParams,
} from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { deepMerge } from "../../util/json-merge.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { CodeCapture, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { forgetState } from "../store/gone-records.ts";
import { removeReference } from "../store/references.ts";
import { filesOver, fromRoot } from "./files-state.ts";
import {
  CONFIG_FILES,
  checkedObject,
  METRICS_FILES,
  readNamedObject,
  readRootObject,
  rootInputs,
} from "./input-files.ts";
import { isInPlace, Places } from "./kept-places.ts";
import { resolvePathSpecs } from "./path-specs.ts";
import { makePointers } from "./pointers.ts";
import { environmentFor } from "./snapshot-environment.ts";
import { equalSnapshot, takeSnapshot } from "./snapshot-taker.ts";
import { goingOn, type SnapshottedRun } from "./snapshotted-run.ts";

const DEFAULT_LIMIT = 100;

/** Takes all five components; nothing changed gives the same snapshot with the new message and label applied. */
export async function createSnapshot(
  project: OpenProject,
  params: SnapshotCreateParams,
  active: (runId: string) => SnapshottedRun | undefined,
  options: WorkOptions,
): Promise<SnapshotCreateResult> {
  const run = params.runId === undefined ? undefined : await goingOn(project, params.runId, active);
  if (params.runId !== undefined && !run) return fromEndedRun(project, params, params.runId, options);
  await run?.refresh();
  const entries = await resolvePathSpecs(run?.root ?? project.directory, params.paths ?? [], run?.within);
  const [config, metrics, kept] = await Promise.all([
    configOf(project, params, run, options),
    metricsOf(project, params, run),
    run?.files(),
  ]);
  const sources = fromRoot(options, run?.root);
  const files =
    entries.length > 0 ? await filesOver(project.snapshots, kept, entries, sources) : (kept ?? undefined);
  const environment = await environmentFor(project, params, run, options);
  const store = run?.openStore?.();
  try {
    const taken = await takeSnapshot(
      project,
      {
        message: params.message,
        ...(params.label === undefined ? {} : { label: params.label }),
        visible: true,
        ...(run ? { runId: run.id } : {}),
        config: maskConfig(config),
        metrics,
        ...(files ? { files } : {}),
        ...(environment ? { environment } : {}),
        ...(store ? { store } : {}),
      },
      options,
    );
    if (!taken.created) await showAgain(project, taken.id, params);
    return {
      snapshot: await recordOf(project, taken.id),
      created: taken.created,
      unstable: [...taken.code.unstable, ...(files?.unstable ?? [])],
      skipped: [...taken.code.skipped, ...(files?.skipped ?? [])],
    };
  } finally {
    await store?.close();
  }
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
  const config = maskConfig(checkedObject((params.config ?? {}) as JsonObject, "config"));
  const set: Record<string, Json> = {
    ...withoutOldFacts(config),
    ...flattenFields("config", config),
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
    const record = await project.records.get("snapshot", id);
    // What finds it goes first, the reference last: one without a record is only wasted space.
    if (record) await forgetState(project, record);
    await project.records.commit([{ kind: "snapshot", id, set: { deleted: true } }]);
    await removeReference(project, id);
  }
  return ids;
}

/** A new pointer in the place of another has none of its facts. */
function withoutOldFacts(config: JsonObject): Record<string, Json> {
  const set: Record<string, Json> = {};
  for (const { keys } of pointersIn(config).pointers) {
    for (const fact of ["sha256", "size"]) set[fieldPath("config", ...keys, fact)] = null;
  }
  return set;
}

/** The snapshot of this id as the protocol shows it. */
export async function recordOf(project: OpenProject, id: string): Promise<Snapshot> {
  const record = await project.records.get("snapshot", id);
  if (!record) throw errors.SNAPSHOT_NOT_FOUND({ id });
  return snapshotFromRecord(record);
}

/** Makes the after-snapshot of a run that has ended a visible one. */
async function fromEndedRun(
  project: OpenProject,
  params: SnapshotCreateParams,
  runId: string,
  options: WorkOptions,
): Promise<SnapshotCreateResult> {
  const run = runFromRecord(await findRecord(project, "run", runId));
  const added = (["paths", "configFile", "metricsFile"] as const).filter(
    (name) => params[name] !== undefined,
  );
  if (added.length > 0) {
    const problems = added.map((name) => ({
      path: `/${name}`,
      message: "cannot be given with an ended run",
    }));
    const summary = `Run ${run.id} has ended: its snapshot holds the code, files and config that it ended with, and no ${wordsOf(added)} can be added.`;
    const hint = "Leave them out; or leave --run out to take the project as it is now.";
    throw errors.INVALID_PARAMS({ summary, problems }, { hint });
  }
  const id = run.afterSnapshotId;
  if (id === undefined) throw errors.RUN_NOT_RERUNNABLE({ id: run.id, reason: "it has no after-snapshot" });
  const pointers = await makePointers(project, params.pointers ?? [], options);
  const config = deepMerge(checkedObject((params.config ?? {}) as JsonObject, "config"), pointers);
  if (!(await project.snapshots.exists(id))) throw errors.SNAPSHOT_NOT_FOUND({ id });
  await showAgain(project, id, params);
  const snapshot = await updateSnapshot(project, {
    id,
    config,
    metrics: { ...run.metrics, ...params.metrics },
  });
  return { snapshot, created: false, unstable: [], skipped: [] };
}

/** Applies a new message and label to a snapshot that was there, and makes it one of the user's. */
async function showAgain(project: OpenProject, id: string, params: SnapshotCreateParams): Promise<void> {
  const set: Record<string, Json> = { visible: true };
  if (params.message !== "") set["message"] = params.message;
  if (params.label !== undefined) set["label"] = params.label;
  await project.records.commit([{ kind: "snapshot", id, set }]);
}

async function configOf(
  project: OpenProject,
  params: SnapshotCreateParams,
  run: SnapshottedRun | undefined,
  options: WorkOptions,
): Promise<JsonObject> {
  exclusive(params.config, params.configFile, "config");
  const pointers = await makePointers(project, params.pointers ?? [], options);
  return deepMerge(await givenConfig(project, params, run), pointers);
}

async function givenConfig(
  project: OpenProject,
  params: SnapshotCreateParams,
  run: SnapshottedRun | undefined,
): Promise<JsonObject> {
  if (params.config !== undefined) return checkedObject(params.config as JsonObject, "config");
  if (params.configFile !== undefined) return readNamedObject(project.directory, params.configFile);
  if (run) return run.run().config as JsonObject;
  return (await readRootObject(project.directory, CONFIG_FILES)) ?? {};
}

function wordsOf(names: readonly ("paths" | "configFile" | "metricsFile")[]): string {
  const words = { paths: "--path", configFile: "--config-file", metricsFile: "--metrics-file" };
  return names.map((name) => words[name]).join(" or ");
}

async function metricsOf(
  project: OpenProject,
  params: SnapshotCreateParams,
  run: SnapshottedRun | undefined,
): Promise<JsonObject> {
  exclusive(params.metrics, params.metricsFile, "metrics");
  if (params.metrics !== undefined) return params.metrics as JsonObject;
  if (params.metricsFile !== undefined) return readNamedObject(project.directory, params.metricsFile);
  if (run) return run.run().metrics as JsonObject;
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

/** A folder that cannot be looked at (the disk is full, it may not be read) equals none of them. */
async function currentIds(project: OpenProject, records: readonly StoredRecord[]): Promise<Set<string>> {
  try {
    const current = await currentSnapshot(project, await project.snapshots.captureCode(), records);
    return new Set(current ? [current.id] : []);
  } catch (error) {
    if (!isDatmoError(error)) throw error;
    return new Set();
  }
}

/**
 * Which of these snapshots the project's folder equals: in all components if one does, else in its code and in the
 * kept files that have a place in the project; the user's before others, the newest first.
 */
export async function currentSnapshot(
  project: OpenProject,
  code: CodeCapture,
  records: readonly StoredRecord[],
  places: Places = new Places(project, {}),
): Promise<StoredRecord | undefined> {
  const sameCode = records.filter((record) => record.fields["codeTree"] === code.treeId);
  if (sameCode.length > 1) {
    const inputs = await rootInputs(project.directory).catch(() => ({ config: {}, metrics: {} }));
    const exact = await equalSnapshot(project, code, inputs);
    const rank = ({ id, fields }: StoredRecord): number =>
      id === exact ? 2 : fields["visible"] === true ? 1 : 0;
    sameCode.sort((a, b) => rank(b) - rank(a));
  }
  for (const record of sameCode) if (await isInPlace(places, record)) return record;
  return undefined;
}

async function runThatNeeds(project: OpenProject, snapshotId: string): Promise<string | undefined> {
  const [before, after] = await Promise.all([
    project.records.byField("run", "beforeSnapshotId", snapshotId),
    project.records.byField("run", "afterSnapshotId", snapshotId),
  ]);
  return before[0]?.id ?? after[0]?.id;
}
