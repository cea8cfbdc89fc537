import { summariesFromFields } from "../../domain/metric-summaries.ts";
import { type MetricValue, metricFromWire, metricToWire } from "../../domain/metric-values.ts";
import { systemFromFields } from "../../domain/system-metrics.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  MetricHistoryParams,
  MetricHistoryResult,
  MetricListParams,
  MetricListResult,
  MetricLogParams,
  MetricLogResult,
  MetricSummary,
  Points,
} from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { PointColumns } from "../ports/series.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ProjectAccess } from "../project/project-access.ts";
import type { ActiveRun, ActiveRuns } from "../runs/active-runs.ts";
import { createRunFields } from "../runs/run-fields.ts";
import { createRunMetrics, type RunMetrics } from "../runs/run-metrics.ts";

export interface LoggingRun extends ActiveRun {
  readonly session?: { readonly metrics: RunMetrics };
}

/**
 * Logs points to a run of this engine, or to one that somebody else owns or that has ended. The arrays of the
 * params are used up.
 */
export function logMetrics(
  access: Pick<ProjectAccess, "current">,
  active: ActiveRuns<LoggingRun>,
  params: MetricLogParams,
): Promise<MetricLogResult> {
  const own = active.get(params.runId);
  if (params.spool) {
    if (!own?.spool) throw errors.RUN_NOT_FOUND({ id: params.runId });
    return own.spool(params.spool.file, params.spool.from, params.spool.to);
  }
  if (!params.points) {
    const problems = [{ path: "/points", message: "is missing" }];
    throw errors.INVALID_PARAMS({ summary: "Give points, or a stretch of a spool.", problems });
  }
  const points = columnsOf(params.points);
  return own?.session?.metrics.append(points) ?? logForeign(access, params.runId, points);
}

/** The metrics of a run in short, by name. */
export async function listMetrics(
  project: OpenProject,
  { runId, system }: MetricListParams,
): Promise<MetricListResult> {
  const record = await findRecord(project, "run", runId, { deleted: true });
  if (system) return { items: systemItems(record.fields) };
  const items: MetricSummary[] = [];
  for (const [name, summary] of summariesFromFields(record.fields)) {
    items.push({
      name,
      last: metricToWire(summary.last),
      lastStep: summary.lastStep,
      lastAt: new Date(summary.lastAt).toISOString(),
      min: metricToWire(summary.min),
      max: metricToWire(summary.max),
      count: summary.count,
    });
  }
  return { items: items.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function systemItems(fields: StoredRecord["fields"]): MetricSummary[] {
  return [...systemFromFields(fields)].map(([name, { seconds: _, lastAt, ...summary }]) => ({
    name,
    ...summary,
    lastAt: new Date(lastAt).toISOString(),
  }));
}

/** The points of one metric, in order of step. */
export async function metricHistory(
  project: OpenProject,
  params: MetricHistoryParams,
): Promise<MetricHistoryResult> {
  const record = await findRecord(project, "run", params.runId, { deleted: true });
  const { name, fromStep, toStep, buckets } = params;
  const isLogged = summariesFromFields(record.fields).has(name);
  // A run may log names of its own that begin with `system/`: they come first.
  const isSystem = params.system ?? (!isLogged && systemFromFields(record.fields).has(name));
  const series = await project.series.history(record.id, name, {
    ...(isSystem ? { system: true } : {}),
    ...(fromStep === undefined ? {} : { fromStep }),
    ...(toStep === undefined ? {} : { toStep }),
    ...(buckets === undefined ? {} : { buckets }),
  });
  const isKnown = isSystem ? systemFromFields(record.fields).has(name) : isLogged;
  if (series.step.length === 0 && !isKnown) {
    throw errors.METRIC_NOT_FOUND({ id: record.id, name });
  }
  return {
    name,
    points: {
      step: Array.from(series.step),
      value: Array.from(series.value, metricToWire),
      at: Array.from(series.at, (ms) => ms / 1000),
    },
  };
}

/** Points from the wire, in the same arrays. Throws INVALID_PARAMS when the columns differ in length. */
function columnsOf(points: Points): PointColumns {
  const { name, step, value, at } = points;
  if (step.length !== name.length || value.length !== name.length || at.length !== name.length) {
    const problems = [{ path: "/points", message: "has columns of different lengths" }];
    throw errors.INVALID_PARAMS({ summary: "The columns of the points differ in length.", problems });
  }
  // The params are nobody else's: no second copy of every number.
  const numbers = value as MetricValue[];
  const times = at as number[];
  for (let i = 0; i < numbers.length; i++) {
    const item = numbers[i] as MetricValue;
    if (typeof item !== "number") numbers[i] = metricFromWire(item);
    times[i] = (times[i] as number) * 1000;
  }
  return { name, step, value: numbers as number[], at: times };
}

/** Points for a run that this engine does not own: into a series file of its own, summed up at once. */
async function logForeign(
  access: Pick<ProjectAccess, "current">,
  asked: string,
  points: PointColumns,
): Promise<MetricLogResult> {
  const project = await access.current();
  const record = await findRecord(project, "run", asked);
  const fields = createRunFields(project, record.id, record.createdAt, record.fields);
  const metrics = createRunMetrics(project, fields);
  const logged = await metrics.append(points);
  await project.series.flush(record.id);
  await fields.write(metrics.finalFields());
  return logged;
}
