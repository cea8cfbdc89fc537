import { snapshotFromRecord } from "../../domain/snapshot-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Snapshot, SnapshotDiffParams, SnapshotDiffResult } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { comparedPaths } from "./compared-paths.ts";
import { folderState } from "./folder-state.ts";
import { type ComparedState, diffStates } from "./state-diff.ts";

/** What differs between two snapshots, or between a snapshot and the project's folder. */
export async function diffSnapshots(
  project: OpenProject,
  params: SnapshotDiffParams,
  options: WorkOptions = {},
): Promise<SnapshotDiffResult> {
  const left = await sideOf(project, await leftRecord(project, params.a));
  const right =
    params.b === undefined
      ? await folderState(project, options)
      : await sideOf(project, await findRecord(project, "snapshot", params.b));
  const paths = await comparedPaths(project, params.paths, [left.state, right.state]);
  const diff = await diffStates(project.snapshots, left.state, right.state, params, {
    ...(paths ? { paths } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return {
    a: left.snapshot,
    ...("snapshot" in right ? { b: right.snapshot } : { skipped: right.skipped }),
    diff,
  };
}

async function leftRecord(project: OpenProject, asked: string | undefined): Promise<StoredRecord> {
  if (asked !== undefined) return findRecord(project, "snapshot", asked);
  const records = await project.records.list("snapshot");
  const newest = records.find(({ fields }) => fields["visible"] === true) ?? records[0];
  if (!newest) throw errors.SNAPSHOT_NONE({});
  return newest;
}

async function sideOf(
  project: OpenProject,
  record: StoredRecord,
): Promise<{ snapshot: Snapshot; state: ComparedState }> {
  const snapshot = snapshotFromRecord(record);
  const { codeTree, filesTree, environmentTree, manifest } = await project.snapshots.read(record.id);
  return {
    snapshot,
    state: {
      config: snapshot.config as JsonObject,
      metrics: snapshot.metrics as JsonObject,
      codeTree,
      environment: { manifest, files: { tree: environmentTree } },
      files: filesTree === undefined ? {} : { tree: filesTree },
    },
  };
}
