import { formatStamp } from "../../domain/clock.ts";
import { flattenFields } from "../../domain/field-paths.ts";
import { FROM_FIELD } from "../../domain/local-fields.ts";
import { mergeChange } from "../../domain/merge.ts";
import {
  OperationRefused,
  parseSharedLine,
  type SharedOperation,
  sharedLine,
} from "../../domain/shared-operations.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { RemoteRef } from "../ports/sharing.ts";
import type { OpenProject } from "../project/open-project.ts";
import { purgedCommits } from "../store/purge-records.ts";
import { type RemoteRefs, refused, SNAPSHOTS } from "./read-remote.ts";
import type { RemoteIndex } from "./remote-index.ts";

/** A snapshot that was fetched and found to be one. */
export interface InspectedSnapshot {
  readonly id: string;
  readonly commit: string;
  /** What makes up its record when none comes. */
  readonly fields: SharedOperation;
}

/** Snapshots of a remote that are not here and were not deleted here. */
export async function wantedSnapshots(project: OpenProject, refs: RemoteRefs): Promise<RemoteRef[]> {
  const here = await project.share.store.snapshots();
  const purged = await purgedCommits(project);
  const wanted: RemoteRef[] = [];
  for (const [id, commit] of refs.snapshots) {
    // One without a record was taken in by a pull that was cut off before it came to the records.
    if (here.has(id) && (here.get(id) !== commit || (await project.records.get("snapshot", id)))) continue;
    if (purged.has(commit) || (await project.records.get("snapshot", id))?.deleted) continue;
    wanted.push({ name: SNAPSHOTS + id, commit });
  }
  return wanted;
}

/** Throws SHARE_REFUSED for one that is not what datmo writes. */
export async function inspectSnapshots(
  project: OpenProject,
  remote: string,
  refs: readonly RemoteRef[],
): Promise<InspectedSnapshot[]> {
  const found: InspectedSnapshot[] = [];
  for (const { name, commit } of refs) {
    const inspected = await inspectSnapshot(project, name.slice(SNAPSHOTS.length), commit);
    if ("refused" in inspected) throw refused(remote, name, inspected.refused);
    found.push(inspected);
  }
  return found;
}

/** What a snapshot is, or why it is none that datmo writes. */
export async function inspectSnapshot(
  project: OpenProject,
  id: string,
  commit: string,
): Promise<InspectedSnapshot | { readonly refused: string }> {
  const inspected = await project.share.store.inspect(id, commit);
  if ("refused" in inspected) return inspected;
  try {
    return { id, commit, fields: recordOf(id, inspected.manifest) };
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error;
    return { refused: error.message };
  }
}

/** Gives the snapshots their references; those that were deleted elsewhere are left out. */
export async function adoptSnapshots(
  project: OpenProject,
  index: RemoteIndex,
  snapshots: readonly InspectedSnapshot[],
): Promise<{
  adopted: number;
  /** Of those that were taken in. */
  environmentIds: readonly string[];
  recordMissing(from: string): Promise<string[]>;
}> {
  const adopted: InspectedSnapshot[] = [];
  for (const snapshot of snapshots) {
    if (await isDeleted(project, index, snapshot.id)) continue;
    await project.share.store.adopt(snapshot.id, snapshot.commit);
    adopted.push(snapshot);
  }
  return {
    adopted: adopted.length,
    environmentIds: adopted.flatMap(({ fields }) => {
      const id = fields.set["environmentId"];
      return typeof id === "string" ? [id] : [];
    }),
    async recordMissing(from) {
      const ids: string[] = [];
      for (const snapshot of adopted)
        if (await recordIfMissing(project, snapshot, from)) ids.push(snapshot.id);
      return ids;
    },
  };
}

/** Removes the references of snapshots that came as deleted. Returns how many there were. */
export async function removeDeleted(project: OpenProject, changed: ReadonlySet<string>): Promise<number> {
  const here = await project.share.store.snapshots();
  let removed = 0;
  for (const id of here.keys()) {
    if (!changed.has(`snapshot ${id}`)) continue;
    if (!(await project.records.get("snapshot", id))?.deleted) continue;
    await project.snapshots.deleteRef(id);
    removed += 1;
  }
  return removed;
}

/** As it will be when the remote's operations are merged with those that are here. */
export async function isDeleted(project: OpenProject, index: RemoteIndex, id: string): Promise<boolean> {
  const theirs = index.state("snapshot", id);
  const ours = await project.records.sharing.state("snapshot", id);
  const deletedThere = theirs?.values.get("deleted") ?? null;
  const stamp = theirs?.stamps.get("deleted");
  if (!ours || stamp === undefined) return deletedThere === true || ours?.values.get("deleted") === true;
  mergeChange(ours, "snapshot", { deleted: deletedThere }, stamp);
  return ours.values.get("deleted") === true;
}

/** A snapshot whose record did not come, because its sender was cut off, has one made of its manifest. */
async function recordIfMissing(
  project: OpenProject,
  { id, fields: { stamp, set } }: InspectedSnapshot,
  from: string,
): Promise<boolean> {
  const { sharing } = project.records;
  if (await sharing.state("snapshot", id)) return false;
  const changes = [{ kind: "snapshot", id, set: { ...set, [FROM_FIELD]: from } }];
  await sharing.merge([{ stamp, changes }]);
  return true;
}

/**
 * Its stamp is the earliest that a record of the snapshot can have, and the same wherever this is done: the true
 * record wins when it comes. Throws `OperationRefused`.
 */
function recordOf(id: string, manifest: JsonObject): SharedOperation {
  const ms = Math.max(0, Date.parse(String(manifest["createdAt"])) || 0);
  const stamp = formatStamp(ms, 0, "0".repeat(32));
  const line = sharedLine(stamp, [{ stamp, kind: "snapshot", id, set: fieldsOf(manifest) }]);
  return parseSharedLine(line).operations[0] as SharedOperation;
}

function fieldsOf(manifest: JsonObject): Record<string, Json> {
  const { message, label, visible, runId, key, createdAt, files } = manifest;
  const code = manifest["code"] as { readonly tree: string };
  const environment = manifest["environment"] as { readonly id: string };
  return {
    createdAt: createdAt as Json,
    message: message as Json,
    visible: visible === true,
    codeTree: code.tree,
    environmentId: environment.id,
    files: files as Json,
    ...(label === undefined ? {} : { label }),
    ...(runId === undefined ? {} : { runId }),
    ...(key === undefined ? {} : { contentKey: key }),
    ...flattenFields("config", manifest["config"] as JsonObject),
    ...flattenFields("metrics", manifest["metrics"] as JsonObject),
  };
}
