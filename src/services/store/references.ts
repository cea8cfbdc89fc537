import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { OpenProject } from "../project/open-project.ts";
import { everyRecord } from "./run-census.ts";

/**
 * Throws SNAPSHOT_CORRUPT when a snapshot is recorded, not deleted, and its reference is lost while its code is still
 * stored: collecting now would take away what a backup of the reference, or stock git, can bring back.
 */
export async function requireReferences(project: OpenProject): Promise<void> {
  // References first: a snapshot that is taken meanwhile has one before it has a record.
  const named = new Set(await project.snapshots.ids());
  for await (const { id, deleted } of everyRecord(project, "snapshot")) {
    if (deleted || named.has(id) || (await project.snapshots.exists(id))) continue;
    // Whoever deletes a snapshot says so before the reference goes.
    const record = await project.records.get("snapshot", id);
    const tree = record && !record.deleted ? record.fields["codeTree"] : undefined;
    if (typeof tree !== "string" || (await project.collector.stored([tree])).length === 0) continue;
    throw errors.SNAPSHOT_CORRUPT({ id, reason: "it is recorded and its reference is missing" });
  }
}

/** Removes a snapshot's reference, a damaged one too, if there is one. */
export async function removeReference(project: OpenProject, id: string): Promise<void> {
  try {
    await project.snapshots.deleteRef(id);
  } catch (error) {
    if (!isDatmoError(error) || error.kind !== "SNAPSHOT_NOT_FOUND") throw error;
  }
}
