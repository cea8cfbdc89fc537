import { fieldPath } from "../../domain/field-paths.ts";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunUpdateParams } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import type { ConfiguredRun } from "../log/config-service.ts";
import { findRecord } from "../lookup.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ActiveRuns } from "./active-runs.ts";

/** Changes name, tags, note or group. */
export async function updateRun(
  project: OpenProject,
  active: ActiveRuns<ConfiguredRun>,
  params: RunUpdateParams,
): Promise<Run> {
  const record = await findRecord(project, "run", params.id);
  const set: Record<string, Json> = {};
  if (params.name !== undefined) set["name"] = params.name;
  if (params.note !== undefined) set["note"] = params.note === "" ? null : params.note;
  if (params.group !== undefined) set["group"] = params.group === "" ? null : params.group;
  for (const tag of params.addTags ?? []) set[fieldPath("tags", tag)] = true;
  for (const tag of params.removeTags ?? []) set[fieldPath("tags", tag)] = null;
  const own = active.get(record.id)?.session?.fields;
  if (own) {
    await own.write(set);
    return own.run();
  }
  if (Object.keys(set).length > 0) await project.records.commit([{ kind: "run", id: record.id, set }]);
  const changed = await project.records.get("run", record.id);
  return runFromRecord(changed ?? record);
}

/** Deletes runs that have ended, or that go on elsewhere: all that were named, or none. */
export async function deleteRuns(project: OpenProject, asked: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const id of asked) {
    const run = runFromRecord(await findRecord(project, "run", id));
    const goesOn = !isEnded(run.status) && (run.from === undefined || (await project.openRuns.read(run.id)));
    if (goesOn) throw errors.RUN_ACTIVE({ id: run.id, status: run.status });
    ids.push(run.id);
  }
  await project.records.commit(ids.map((id) => ({ kind: "run", id, set: { deleted: true } })));
  return ids;
}

/** Takes deletions back. */
export async function undeleteRuns(project: OpenProject, asked: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const id of asked) ids.push((await findRecord(project, "run", id, { deleted: true })).id);
  await project.records.commit(ids.map((id) => ({ kind: "run", id, set: { deleted: null } })));
  return ids;
}
