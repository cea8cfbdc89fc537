import { combinedSummaryField, summaryField, weakWriter } from "../../domain/metric-summaries.ts";
import { summaryOfSeries, systemField, systemFromFields } from "../../domain/system-metrics.ts";
import type { Json } from "../../util/json.ts";
import type { PointColumns, PointSource, SpoolStretch } from "../ports/series.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { RunFields } from "./run-fields.ts";

/** How often a run's summaries go into its record while it runs. */
const SUMMARY_EVERY_MS = 2_000;

/** The metrics of one open run: points into the series store, summaries into the run's record. */
export interface RunMetrics {
  /** Resolves when the points are written, with their number. */
  append(points: PointColumns, source?: PointSource): Promise<{ points: number }>;
  appendSpool(stretch: SpoolStretch): Promise<{ points: number; durableTo: number }>;
  /** Writes what changed since the last time into the run's record, when it is due or somebody asks for it now. */
  publish(when?: "now"): Promise<void>;
  /** The summary fields to write with the end of the run. */
  finalFields(): Record<string, Json>;
}

export type PointsListener = (event: { runId: string; from: number; to: number; names: string[] }) => void;

/** `onPoints`: absent, nobody wants to know. */
export function createRunMetrics(
  project: OpenProject,
  run: RunFields,
  onPoints?: PointsListener,
): RunMetrics {
  const { series } = project;
  const written = new Map<string, number>();
  const counter = project.hooks.points(run.id);
  let taken = 0;
  let publishedAt = 0;

  function told(tell: PointsListener, points: number, names: Iterable<string>): void {
    if (points === 0) return;
    tell({ runId: run.id, from: taken, to: taken + points, names: [...new Set(names)] });
    taken += points;
  }

  function changed(): Record<string, Json> {
    const set: Record<string, Json> = {};
    for (const which of ["strong", "weak"] as const) {
      const writer = which === "weak" ? weakWriter(series.writer) : series.writer;
      for (const [name, summary] of series.ownSummaries(run.id, which)) {
        const known = `${which} ${name}`;
        if (written.get(known) === summary.count) continue;
        written.set(known, summary.count);
        const [path, value] = summaryField(name, writer, summary);
        set[path] = value;
      }
    }
    return set;
  }

  return {
    // No async function, and nothing kept of the points while they are written: this is called 100,000 times a second.
    append(points, source) {
      const written = { points: points.name.length };
      const appended = series.append(run.id, points, source);
      return appended.then(() => {
        counter.add(written.points);
        if (onPoints === undefined) return written;
        told(onPoints, written.points, points.name);
        return written;
      });
    },
    async appendSpool(stretch) {
      const answer = await series.appendSpool(run.id, stretch);
      counter.add(answer.points);
      if (onPoints) told(onPoints, answer.points, series.ownSummaries(run.id).keys());
      return answer;
    },
    async publish(when) {
      const now = Date.now();
      if (when !== "now" && now - publishedAt < SUMMARY_EVERY_MS) return;
      publishedAt = now;
      const set = changed();
      if (Object.keys(set).length > 0) await run.write(set, "process");
    },
    finalFields: changed,
  };
}

/** Summary fields over everything in the run's files, for a run whose engine is gone. */
export async function summariesOfFiles(
  project: OpenProject,
  runId: string,
  fields: RunFields,
): Promise<Record<string, Json>> {
  const set: Record<string, Json> = {};
  for (const [name, { summary, writers }] of await project.series.summaries(runId)) {
    const [path, value] = combinedSummaryField(name, writers, summary);
    set[path] = value;
  }
  return { ...set, ...(await systemOfFiles(project, runId, fields)) };
}

/** The same of system metrics, as far as the record does not have all of their points. */
async function systemOfFiles(
  project: OpenProject,
  runId: string,
  fields: RunFields,
): Promise<Record<string, Json>> {
  const set: Record<string, Json> = {};
  const known = systemFromFields(fields.all());
  for (const [name, { summary }] of await project.series.summaries(runId, "system")) {
    if (known.get(name)?.count === summary.count) continue;
    const whole = summaryOfSeries(await project.series.history(runId, name, { system: true }));
    if (whole) Object.assign(set, Object.fromEntries([systemField(name, whole)]));
  }
  return set;
}
