import { runFromRecord } from "../../../domain/run-record.ts";
import type { DataContent } from "../../../protocol/types.ts";
import type { Json } from "../../../util/json.ts";
import { compareData } from "../../compare/verify/data-differences.ts";
import type { WorkOptions } from "../../ports/snapshots.ts";
import { DATA_HASH_BYTES, readSettings } from "../../project/project-settings.ts";
import type { ExecutionContext } from "../execution.ts";
import type { ExecutionPlan } from "../execution-plan.ts";
import type { RunFields } from "../run-fields.ts";
import { type DataPlace, dataPlaces } from "./data-places.ts";

/**
 * Records what the run's data holds before its command can change it; what was not read is told. Of a repetition, what
 * is not as the original had it is told. Data that is missing is left to the start of the command.
 */
export async function recordData(
  context: ExecutionContext,
  plan: ExecutionPlan,
  root: string,
  fields: RunFields,
  options: WorkOptions,
): Promise<void> {
  const { project, events } = context;
  const places = await dataPlaces(project, root, plan.data ?? []).catch((): DataPlace[] => []);
  if (places.length === 0) return;
  const { dataHashLimitBytes: mostBytes = DATA_HASH_BYTES } = await readSettings(project);
  const contents: DataContent[] = [];
  for (const { name, source } of places) {
    const state = await project.data.measure(source, { mostBytes }, options);
    contents.push({ name, ...state });
    if (state.sha256 === undefined) events.warn(`the data ${name} was not hashed: ${state.reason}`, plan.id);
  }
  await fields.write({ dataContents: contents as unknown as Json }, "process");
  if (plan.rerunOf !== undefined) await tellChanges(context, plan, contents);
}

async function tellChanges(
  { project, events }: ExecutionContext,
  plan: ExecutionPlan,
  contents: DataContent[],
): Promise<void> {
  const record = await project.records.get("run", plan.rerunOf as string);
  const original = record && runFromRecord(record);
  if (!original?.dataContents) return;
  const { differences } = await compareData(project, original, { ...original, dataContents: contents });
  const [first] = differences;
  if (!first) return;
  const more = differences.length > 1 ? ` and ${differences.length - 1} more` : "";
  events.warn(`the data has changed since run ${original.name}: ${first.name}${more}`, plan.id);
}
