import type { ConfigLogParams } from "../protocol/types.ts";
import type { JsonObject } from "../util/json.ts";
import type { ActiveRun, ActiveRuns } from "./active-runs.ts";
import { checkedObject } from "./input-files.ts";
import { findRecord } from "./lookup.ts";
import type { OpenProject } from "./open-project.ts";
import { createRunFields, type RunFields } from "./run-fields.ts";

export interface ConfiguredRun extends ActiveRun {
  readonly session?: { readonly fields: RunFields };
}

/** Deep-merges values into a run's config and answers with what it is then. */
export async function logConfig(
  project: OpenProject,
  active: ActiveRuns<ConfiguredRun>,
  params: ConfigLogParams,
): Promise<JsonObject> {
  const fields = active.get(params.runId)?.session?.fields ?? (await foreignFields(project, params.runId));
  await fields.mergeConfig(checkedObject(params.config as JsonObject, "config"));
  return fields.config();
}

async function foreignFields(project: OpenProject, asked: string): Promise<RunFields> {
  const record = await findRecord(project, "run", asked);
  return createRunFields(project, record.id, record.createdAt, record.fields);
}
