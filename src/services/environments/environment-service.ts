import { buildsOf, HOST_ID } from "../../domain/environment-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Environment,
  EnvironmentDeleteParams,
  EnvironmentDeleteResult,
  EnvironmentUpdateParams,
  EnvironmentUseParams,
  EnvironmentUseResult,
} from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { changeSettings, readSettings } from "../project/project-settings.ts";
import { activeEnvironment, nameOf } from "./active-environment.ts";
import { LAYER_OF_LABEL } from "./build-environment.ts";
import { findEnvironment, shownEnvironment } from "./environment-queries.ts";
import { checkName, recordEnvironment } from "./record-environment.ts";

/** Changes name or description. */
export async function updateEnvironment(
  project: OpenProject,
  params: EnvironmentUpdateParams,
): Promise<Environment> {
  const record = await findRecord(project, "environment", params.id);
  const set: Record<string, Json> = {};
  if (params.name !== undefined) {
    await checkName(project, params.name, record.id);
    set["name"] = params.name;
  }
  if (params.description !== undefined) set["description"] = params.description;
  if (Object.keys(set).length > 0) {
    await project.records.commit([{ kind: "environment", id: record.id, set }]);
  }
  return shownEnvironment(project, record);
}

/** Chooses the environment of runs on this machine, or forgets the choice. */
export async function useEnvironment(
  project: OpenProject,
  params: EnvironmentUseParams,
): Promise<EnvironmentUseResult> {
  const chosen = params.id === undefined ? undefined : await findEnvironment(project, params.id);
  const activeId = params.id === undefined ? undefined : (chosen?.id ?? HOST_ID);
  await changeSettings(project, { activeEnvironment: activeId });
  const active = await activeEnvironment(project);
  let { record } = active;
  if (!record && active.definition) record = (await recordEnvironment(project, active.definition)).record;
  return {
    environment: { ...(await shownEnvironment(project, record)), active: true },
    reason: active.reason,
    ...(active.passedOver ? { folderDiffers: true } : {}),
  };
}

/** Refused for one that something needs, unless forced. All or none. */
export async function deleteEnvironments(
  project: OpenProject,
  params: EnvironmentDeleteParams,
): Promise<EnvironmentDeleteResult> {
  const records: StoredRecord[] = [];
  for (const asked of params.ids) {
    const record = await findRecord(project, "environment", asked);
    if (!params.force) await refuseUsed(project, record);
    records.push(record);
  }
  const images = params.images ? await removeImages(project, records) : [];
  const ids = records.map(({ id }) => id);
  await project.records.commit(ids.map((id) => ({ kind: "environment", id, set: { deleted: true } })));
  const { activeEnvironment: chosen } = await readSettings(project);
  if (chosen !== undefined && ids.includes(chosen)) {
    await changeSettings(project, { activeEnvironment: undefined });
  }
  return { ids, images };
}

async function refuseUsed(project: OpenProject, record: StoredRecord): Promise<void> {
  const [runs, snapshots] = await Promise.all([
    project.records.byField("run", "environmentId", record.id),
    project.records.byField("snapshot", "environmentId", record.id),
  ]);
  if (runs.length === 0 && snapshots.length === 0) return;
  throw errors.ENVIRONMENT_IN_USE({
    name: nameOf(record),
    runs: runs.length,
    snapshots: snapshots.length,
  });
}

/** Images that were built for these; one that came by its own name is not ours to remove. */
async function removeImages(project: OpenProject, records: readonly StoredRecord[]): Promise<string[]> {
  const removed: string[] = [];
  for (const record of records) {
    // What lies on top goes first: an image with something on it cannot be removed.
    const layers = await project.containers.labelled(LAYER_OF_LABEL, record.id);
    for (const layer of layers.images) await project.containers.removeImage(layer);
    if (typeof record.fields["image"] === "string") continue;
    for (const { imageId } of buildsOf(record)) {
      if (imageId === undefined || !(await project.containers.image(imageId))) continue;
      await project.containers.removeImage(imageId);
      removed.push(imageId);
    }
  }
  return removed;
}
