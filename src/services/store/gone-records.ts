import { join } from "node:path";
import type { Json } from "../../util/json.ts";
import { removeFolder } from "../../util/remove-folder.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { throwIfCancelled } from "./cancelled.ts";
import { folderBytes } from "./folder-sizes.ts";
import { removeReference } from "./references.ts";
import { COLLECTED, everyRecord, isCollected, type RunCensus } from "./run-census.ts";

/** Fields of a record that stay when it is collected. The status of a run cannot be taken back. */
const STAYING = new Set(["createdAt", "deleted", COLLECTED]);

export interface GoneRecords {
  readonly runs: readonly StoredRecord[];
  /** Of their own folders and metric points. */
  readonly runBytes: number;
  readonly snapshots: readonly StoredRecord[];
  /** Of what finds them; their content is told apart. */
  readonly snapshotBytes: number;
}

/** Runs and snapshots that were deleted, and snapshots that only those runs took for themselves. */
export async function findGone(project: OpenProject, census: RunCensus): Promise<GoneRecords> {
  const busy = new Set(await project.openRuns.ids());
  for (const { runId } of await project.openRuns.retired()) busy.add(runId);
  const runs = census.deleted.filter((run) => !busy.has(run.id));
  let runBytes = 0;
  for (const { id } of runs) {
    runBytes += (await folderBytes(project.taskDirectory(id))) + (await project.series.usage(id));
  }
  const snapshots: StoredRecord[] = [];
  const ids = new Set(runs.map(({ id }) => id));
  const theirs = new Set(
    runs.flatMap(({ fields }) => [fields["beforeSnapshotId"], fields["afterSnapshotId"]]),
  );
  const stored = new Set(await project.snapshots.ids());
  for await (const record of everyRecord(project, "snapshot")) {
    if (isCollected(record)) {
      // Cut off between the record and the reference.
      if (stored.has(record.id)) snapshots.push(record);
      continue;
    }
    const taken = theirs.has(record.id) || ids.has(String(record.fields["runId"]));
    if (record.deleted || (taken && isUnseen(record) && !(await isNeeded(project, record.id))))
      snapshots.push(record);
  }
  let snapshotBytes = 0;
  for (const record of snapshots)
    if (await findsState(project, record)) snapshotBytes += record.id.length + 1;
  return { runs, runBytes, snapshots, snapshotBytes };
}

/** Leaves a small record of each run, then removes what it had. May be cut off and repeated. */
export async function collectRuns(
  project: OpenProject,
  runs: readonly StoredRecord[],
  signal?: AbortSignal,
): Promise<void> {
  for (const run of runs) {
    throwIfCancelled(signal);
    const now = await project.records.get("run", run.id);
    // Brought back meanwhile.
    if (!now?.deleted) continue;
    await project.records.commit([{ kind: "run", id: run.id, set: tombstone(now) }]);
    await removeRunFolders(project, run.id);
  }
}

export async function removeRunFolders(project: OpenProject, runId: string): Promise<void> {
  await removeFolder(project.taskDirectory(runId));
  await removeFolder(join(project.datmo, "series", runId));
}

/** The record first: a reference without a record is only wasted space. */
export async function collectSnapshots(
  project: OpenProject,
  snapshots: readonly StoredRecord[],
): Promise<void> {
  for (const record of snapshots) {
    await forgetState(project, record);
    // A run may have found it a moment ago; whoever looks now finds nothing.
    if (!record.deleted && !(await project.collector.isQuiet())) continue;
    const now = await project.records.get("snapshot", record.id);
    const wanted = now && !now.deleted && (!isUnseen(now) || (await isNeeded(project, now.id)));
    if (!now || wanted) continue;
    await project.records.commit([{ kind: "snapshot", id: now.id, set: tombstone(now) }]);
    await removeReference(project, record.id);
  }
}

/** From here on an equal state is stored as a snapshot of its own. */
export async function forgetState(project: OpenProject, record: StoredRecord): Promise<void> {
  const key = await findsState(project, record);
  if (key !== undefined) await project.contentKeys.remove(key);
}

/** The key under which an equal state finds this snapshot. */
async function findsState(project: OpenProject, record: StoredRecord): Promise<string | undefined> {
  const key = record.fields["contentKey"];
  if (typeof key !== "string") return undefined;
  return (await project.contentKeys.find(key)) === record.id ? key : undefined;
}

/** Every field goes but what tells other copies of the project that it is gone. */
export function tombstone(record: StoredRecord, at: string = new Date().toISOString()): Record<string, Json> {
  const set: Record<string, Json> = { deleted: true, [COLLECTED]: at };
  for (const path of Object.keys(record.fields)) if (!STAYING.has(path)) set[path] = null;
  return set;
}

/** Nobody made it one of the user's. */
function isUnseen({ fields }: StoredRecord): boolean {
  return fields["visible"] !== true && typeof fields["label"] !== "string";
}

async function isNeeded(project: OpenProject, snapshotId: string): Promise<boolean> {
  const [before, after] = await Promise.all([
    project.records.byField("run", "beforeSnapshotId", snapshotId),
    project.records.byField("run", "afterSnapshotId", snapshotId),
  ]);
  return before.length > 0 || after.length > 0;
}
