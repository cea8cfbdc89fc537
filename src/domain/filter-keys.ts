import type { Json } from "../util/json.ts";
import { ownValue, valueAt } from "./dotted-path.ts";
import { metricFromWire } from "./metric-values.ts";

/**
 * What a key stands for. `text`, `number`, `list` and `flag` are fields as they are; `date` and `duration` are
 * compared as such; `tree` takes further parts (`config.a.b`), `metric` a name (`metrics.val.acc`), `system` a name
 * and which of its values is meant (`system.cpu_percent.mean`).
 */
export type KeyType =
  | "text"
  | "number"
  | "list"
  | "flag"
  | "date"
  | "duration"
  | "tree"
  | "metric"
  | "system";

/** A key that a filter or sort may name: the field it reads, and what that is. */
export interface KeyInfo {
  readonly field: string;
  readonly type: KeyType;
}

export type KeyTable = Readonly<Record<string, KeyInfo>>;

/** A key as it was written, found in the table. */
export interface FoundKey extends KeyInfo {
  /** What follows the first part. */
  readonly path: readonly string[];
}

/** Anything with fields, such as the protocol's `Run` or `Snapshot`. */
export type FilterSubject = object;

/** Keys of runs. */
export const RUN_KEYS: KeyTable = {
  ...fields(
    "text",
    "id",
    "name",
    "status",
    "type",
    "origin",
    "group",
    "note",
    "message",
    "command",
    "directory",
  ),
  ...fields(
    "text",
    "driver",
    "taskId",
    "environmentId",
    "beforeSnapshotId",
    "afterSnapshotId",
    "rerunOf",
    "sweepId",
  ),
  ...fields("number", "exitCode", "durationMs"),
  ...fields("flag", "late", "isolated", "deleted"),
  ...fields("date", "createdAt", "startedAt", "endedAt"),
  ...fields("tree", "config", "summary", "error"),
  ...fields("metric", "metrics"),
  ...fields("system", "system"),
  ...fields("list", "tags", "notCaptured"),
  created: { field: "createdAt", type: "date" },
  started: { field: "startedAt", type: "date" },
  ended: { field: "endedAt", type: "date" },
  duration: { field: "durationMs", type: "duration" },
  tag: { field: "tags", type: "list" },
  metric: { field: "metrics", type: "metric" },
  params: { field: "config", type: "tree" },
  task: { field: "taskId", type: "text" },
  environment: { field: "environmentId", type: "text" },
};

/** Keys of snapshots. */
export const SNAPSHOT_KEYS: KeyTable = {
  ...fields("text", "id", "message", "label", "runId", "codeId", "environmentId"),
  ...fields("flag", "visible", "late"),
  ...fields("date", "createdAt"),
  ...fields("tree", "config"),
  ...fields("metric", "metrics"),
  created: { field: "createdAt", type: "date" },
  metric: { field: "metrics", type: "metric" },
  params: { field: "config", type: "tree" },
  run: { field: "runId", type: "text" },
  environment: { field: "environmentId", type: "text" },
};

/** Finds a key by its parts; else the reason why there is none. */
export function findKey(parts: readonly string[], table: KeyTable): FoundKey | { readonly reason: string } {
  const [first = "", ...path] = parts;
  const info = Object.hasOwn(table, first) ? table[first] : undefined;
  if (!info) {
    const whole = parts.join(".");
    return { reason: `there is no key "${whole}"; did you mean metrics.${whole} or config.${whole}` };
  }
  const isOpen = ["tree", "metric", "system"].includes(info.type);
  if (isOpen && path.length === 0) return { reason: `"${first}" needs a name, such as ${first}.x` };
  if (!isOpen && path.length > 0) return { reason: `"${first}" has no parts` };
  return { ...info, path };
}

/** The value of a key: undefined when it is missing, a number for metrics. */
export function readKey(subject: FilterSubject, key: FoundKey): Json | undefined {
  const value = ownValue(subject as Json, key.field);
  // Absent means: no, or none.
  if (key.type === "flag") return value === true;
  if (key.type === "list") return value ?? [];
  if (value === undefined || value === null) return undefined;
  if (key.type === "metric") return readMetric(value, key.path.join("."));
  if (key.type === "tree") return valueAt(value, key.path);
  if (key.type === "system") return readSystem(value, key.path);
  // A command of several words.
  return key.type === "text" && Array.isArray(value) ? value.join(" ") : value;
}

function fields(type: KeyType, ...names: readonly string[]): KeyTable {
  return Object.fromEntries(names.map((field) => [field, { field, type }]));
}

function readMetric(metrics: Json, name: string): number | undefined {
  const value = ownValue(metrics, name);
  return typeof value === "number" || typeof value === "string" ? metricFromWire(value) : undefined;
}

const SYSTEM_VALUES = ["max", "mean", "min", "last"];

/** `cpu_percent.mean` of `system/cpu_percent`; without such an end the greatest value. */
function readSystem(system: Json, path: readonly string[]): number | undefined {
  const end = path.at(-1) ?? "";
  const isEnd = path.length > 1 && SYSTEM_VALUES.includes(end);
  const metric = ownValue(system, `system/${(isEnd ? path.slice(0, -1) : path).join(".")}`);
  const value = metric === undefined ? undefined : ownValue(metric, isEnd ? end : "max");
  return typeof value === "number" ? value : undefined;
}
