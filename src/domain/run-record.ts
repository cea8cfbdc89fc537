import type { Run } from "../protocol/types.ts";
import type { Json } from "../util/json.ts";
import { setKey } from "../util/json-merge.ts";
import { nestFields, pathKeys } from "./field-paths.ts";
import { FROM_FIELD } from "./local-fields.ts";
import { summariesFromFields } from "./metric-summaries.ts";
import { metricToWire } from "./metric-values.ts";
import { systemFromFields } from "./system-metrics.ts";

type Fields = { readonly [path: string]: Json };

/** Fields of a run's record that are copied to the protocol's `Run` as they are. */
const PLAIN = [
  "type",
  "origin",
  "imported",
  "exitCode",
  "outOfMemory",
  "command",
  "directory",
  "driver",
  "taskId",
  "environmentId",
  "environment",
  "image",
  "container",
  "gpu",
  "memoryBytes",
  "cpus",
  "ports",
  "data",
  "dataContents",
  "beforeSnapshotId",
  "afterSnapshotId",
  "late",
  "rerunOf",
  "isolated",
  "notCaptured",
  "parser",
  "parserProblem",
  "group",
  "sweepId",
  "note",
  "message",
  "startedAt",
  "endedAt",
  "error",
] as const;

/** What the protocol shows of a run's record. */
export function runFromRecord(record: {
  readonly id: string;
  readonly createdAt: string;
  readonly deleted: boolean;
  readonly fields: Fields;
}): Run {
  const { fields } = record;
  const run: Record<string, unknown> = { id: record.id, name: fields["name"] ?? record.id.slice(0, 8) };
  for (const key of PLAIN) {
    const value = fields[key];
    if (value !== undefined && value !== null) run[key] = value;
  }
  const from = fields[FROM_FIELD];
  if (typeof from === "string") run["from"] = from;
  run["type"] ??= "script";
  run["origin"] ??= "recorded";
  run["status"] = fields["status"] ?? "lost";
  run["config"] = nestFields("config", fields);
  const summary = nestFields("summary", fields);
  run["metrics"] = metricsOf(fields, summary);
  if (Object.keys(summary).length > 0) run["summary"] = summary;
  run["tags"] = tagsOf(fields);
  run["createdAt"] = record.createdAt;
  const duration = durationOf(fields);
  if (duration !== undefined) run["durationMs"] = duration;
  if (record.deleted) run["deleted"] = true;
  return run as unknown as Run;
}

/** The same with the run's system metrics in short, when it has any. */
export function runWithSystem(record: Parameters<typeof runFromRecord>[0]): Run {
  const found = [...systemFromFields(record.fields)];
  if (found.length === 0) return runFromRecord(record);
  const system = found.map(([name, { last, min, max, mean, count }]) => [
    name,
    { last, min, max, mean, count },
  ]);
  return { ...runFromRecord(record), system: Object.fromEntries(system) };
}

/** True when a run with this status will not change any more. */
export function isEnded(status: string): boolean {
  return status === "succeeded" || status === "failed" || status === "stopped" || status === "lost";
}

function metricsOf(fields: Fields, byHand: { readonly [key: string]: Json }): Run["metrics"] {
  const metrics: Record<string, Json> = {};
  for (const [name, summary] of summariesFromFields(fields))
    setKey(metrics, name, metricToWire(summary.last));
  // What the user put into the summary by hand stands in place of the last value.
  for (const [key, value] of Object.entries(byHand)) {
    if (typeof value === "number") setKey(metrics, key, value);
  }
  return metrics as Run["metrics"];
}

function tagsOf(fields: Fields): string[] {
  const tags: string[] = [];
  for (const path in fields) {
    if (path.startsWith("tags/") && fields[path] === true) tags.push(pathKeys(path)[1] ?? "");
  }
  return tags.sort();
}

function durationOf(fields: Fields): number | undefined {
  const { startedAt, endedAt } = fields;
  if (typeof startedAt !== "string" || typeof endedAt !== "string") return undefined;
  return Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
}
