import type { ConfigLogParams } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ActiveRun, ActiveRuns } from "../runs/active-runs.ts";
import { createRunFields, type RunFields } from "../runs/run-fields.ts";
import { checkedObject } from "../snapshots/input-files.ts";

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
