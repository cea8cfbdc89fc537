import { rm } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { snapshotFromRecord } from "../../domain/snapshot-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  EnvironmentSummary,
  SnapshotCheckoutParams,
  SnapshotCheckoutResult,
  SnapshotDiffResult,
  SnapshotExportParams,
  SnapshotExportResult,
  SnapshotGetResult,
} from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { diffStates, packagesOf } from "../compare/state-diff.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { TreeChange, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { recordOf } from "./snapshot-service.ts";
import { takeSnapshot } from "./snapshot-taker.ts";

/** Paths named in an error's sentence; its details carry more. */
const NAMED_PATHS = 5;
const DETAILED_PATHS = 1_000;

/** One snapshot with its environment, read from the hidden git store. */
export async function inspectSnapshot(project: OpenProject, asked: string): Promise<SnapshotGetResult> {
  const record = await findRecord(project, "snapshot", asked);
  const read = await project.snapshots.read(record.id);
  const files = await project.snapshots.listTree(read.codeTree);
  return {
    snapshot: snapshotFromRecord(record),
    environment: environmentSummary(read.manifest),
    codeFiles: files.length,
    codeBytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/** What differs between two snapshots. */
export async function diffSnapshots(project: OpenProject, a: string, b: string): Promise<SnapshotDiffResult> {
  const [left, right] = await Promise.all([sideOf(project, a), sideOf(project, b)]);
  return { a: left.snapshot, b: right.snapshot, diff: await diffStates(project, left.state, right.state) };
}

/** Brings a snapshot's code back into the project's folder. Unsaved work is never lost: refused, or saved first. */
export async function checkoutSnapshot(
  project: OpenProject,
  params: SnapshotCheckoutParams,
  options: WorkOptions,
): Promise<SnapshotCheckoutResult> {
  const record = await findRecord(project, "snapshot", params.id);
  const target = await project.snapshots.read(record.id);
  options.progress?.({ message: "Looking for unsaved work" });
  const interrupted = await project.snapshots.interruptedRestore();
  // Half of a checkout is no state to go on from: finish it, or go back; by force it is saved like any other work.
  if (
    interrupted &&
    !params.force &&
    record.id !== interrupted.targetId &&
    record.id !== interrupted.heldId
  ) {
    throw errors.CHECKOUT_INTERRUPTED({ id: interrupted.targetId, heldId: interrupted.heldId });
  }
  const now = await project.snapshots.captureCode(options);
  const unsaved = interrupted ? [] : await unsavedPaths(project, now.treeId);
  if (unsaved.length > 0 && !params.force) throw dirty(unsaved.map((change) => change.path));
  const held = await takeSnapshot(
    project,
    { message: `before checkout of ${record.id.slice(0, 8)}`, visible: false, config: {}, metrics: {} },
    options,
  );
  options.progress?.({ message: "Restoring files" });
  const report = await project.snapshots.restore(
    {
      targetTree: target.codeTree,
      heldTree: held.code.treeId,
      targetId: record.id,
      heldId: interrupted?.heldId ?? held.id,
      displace: params.force === true,
    },
    options,
  );
  return {
    snapshot: await recordOf(project, record.id),
    ...(unsaved.length > 0 ? { saved: await recordOf(project, held.id) } : {}),
    written: report.written,
    removed: report.removed,
    displaced: [...report.displaced],
  };
}

/** Paths in the project that no snapshot holds as they are: compared with the newest snapshot. */
export async function unsavedPaths(project: OpenProject, tree: string): Promise<TreeChange[]> {
  const equal = await project.records.byField("snapshot", "codeTree", tree);
  if (equal.length > 0) return [];
  const [newest] = await project.records.list("snapshot", { limit: 1 });
  return project.snapshots.diffTrees((newest?.fields["codeTree"] as string | undefined) ?? null, tree);
}

/** Puts code (and files, into `datmo_files/`) of a snapshot into a folder outside `.datmo`. */
export async function exportSnapshot(
  project: OpenProject,
  params: SnapshotExportParams,
  options: WorkOptions,
): Promise<SnapshotExportResult> {
  const inside = relative(project.datmo, params.directory);
  if (!isAbsolute(params.directory))
    throw errors.PATH_INVALID({ path: params.directory, reason: "it is relative" });
  if (inside === "" || (!inside.startsWith(`..${sep}`) && inside !== ".." && !isAbsolute(inside))) {
    throw errors.PATH_INVALID({ path: params.directory, reason: "it lies in .datmo" });
  }
  const record = await findRecord(project, "snapshot", params.id);
  const read = await project.snapshots.read(record.id);
  const code = await project.snapshots.exportTree(read.codeTree, params.directory, options);
  if (read.filesTree === undefined) return code;
  const directory = join(params.directory, "datmo_files");
  try {
    const files = await project.snapshots.exportTree(read.filesTree, directory, options);
    return { files: code.files + files.files, bytes: code.bytes + files.bytes };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function sideOf(project: OpenProject, asked: string) {
  const record: StoredRecord = await findRecord(project, "snapshot", asked);
  const read = await project.snapshots.read(record.id);
  const snapshot = snapshotFromRecord(record);
  return {
    snapshot,
    state: {
      config: snapshot.config as JsonObject,
      metrics: snapshot.metrics as JsonObject,
      code: read,
      ...(read.filesTree === undefined ? {} : { filesTree: read.filesTree }),
    },
  };
}

function dirty(paths: readonly string[]): Error {
  const more = paths.length > NAMED_PATHS ? ` and ${paths.length - NAMED_PATHS} more` : "";
  return errors.WORKING_TREE_DIRTY({
    list: paths.slice(0, NAMED_PATHS).join(", ") + more,
    paths: paths.slice(0, DETAILED_PATHS),
  });
}

function environmentSummary(manifest: JsonObject): EnvironmentSummary {
  const environment = (manifest["environment"] ?? {}) as Record<string, unknown>;
  const python = environment["python"] as { version: string; requirements: string } | undefined;
  const r = environment["r"] as { version: string } | undefined;
  return {
    kind: (environment["kind"] as string | undefined) ?? "host",
    ...(python ? { python: python.version, requirements: python.requirements } : {}),
    ...(r ? { r: r.version } : {}),
    packages: [...packagesOf(manifest)].map(([name, version]) => ({ name, version })),
    definition: (environment["definition"] as string[] | undefined) ?? [],
  };
}
