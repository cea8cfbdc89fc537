import { fieldPath, flattenFields } from "../../domain/field-paths.ts";
import { maskCommand, maskConfig, maskText } from "../../domain/secrets.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { ImportedFacts } from "../ports/importers.ts";
import type { StoredRecord } from "../ports/records.ts";

type Fields = Record<string, Json>;

/** Least and greatest time of a run's points, milliseconds since the epoch. */
export interface PointTimes {
  readonly first: number;
  readonly last: number;
}

/** Fields of a run's record by what its source tells; with a known record only those that are different. */
export function importedFields(
  origin: { readonly format: string; readonly key: string },
  facts: ImportedFacts,
  times: PointTimes | undefined,
  known: StoredRecord | undefined,
): Fields {
  const set = known ? {} : firstFields(origin, facts, times);
  Object.assign(set, laterFields(origin, facts, times));
  if (!known) return set;
  return { ...removed(set, facts, known.fields), ...changed(set, known.fields) };
}

/** What is the user's to change afterwards is taken over only once. */
function firstFields(
  { key }: { readonly key: string },
  facts: ImportedFacts,
  times: PointTimes | undefined,
): Fields {
  const { name = key, note, group, message, tags = [] } = facts;
  const createdAt = timeText(facts.startedAt) ?? timeText(times?.first) ?? new Date().toISOString();
  return {
    createdAt,
    startedAt: createdAt,
    type: "script",
    origin: "imported",
    name: name.slice(0, 200) || key.slice(0, 200),
    ...(note === undefined ? {} : { note: maskText(note) }),
    ...(group === undefined ? {} : { group }),
    ...(message === undefined ? {} : { message: maskText(message) }),
    ...Object.fromEntries(tags.map((tag) => [fieldPath("tags", tag), true])),
  };
}

function laterFields(
  { format, key }: { readonly format: string; readonly key: string },
  facts: ImportedFacts,
  times: PointTimes | undefined,
): Fields {
  const { status = "lost", exitCode, command, labels, config, summary, machine, userGit, error } = facts;
  const endedAt = timeText(facts.endedAt) ?? timeText(times?.last);
  const startedAt = timeText(facts.startedAt);
  return {
    status,
    imported: { format, key, ...(labels ? { labels: maskConfig(plainObject(labels)) } : {}) },
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(command === undefined ? {} : { command: maskCommand(command) as Json }),
    ...(config ? flattenFields("config", maskConfig(plainObject(config))) : {}),
    ...(summary ? flattenFields("summary", maskConfig(plainObject(summary))) : {}),
    ...(machine ? { machine: plainObject(machine) } : {}),
    ...(userGit ? { userGit: userGit as unknown as Json } : {}),
    ...(error ? { error: { kind: error.kind, message: maskText(error.message) } } : {}),
  };
}

/** The source tells all of its config: what is not in it any more was replaced. */
function removed(set: Fields, facts: ImportedFacts, known: StoredRecord["fields"]): Fields {
  const gone: Fields = {};
  for (const part of ["config", "summary"] as const) {
    if (facts[part] === undefined) continue;
    for (const path of Object.keys(known))
      if (path.startsWith(`${part}/`) && !(path in set)) gone[path] = null;
  }
  return gone;
}

function changed(set: Fields, known: StoredRecord["fields"]): Fields {
  const differs = ([path, value]: [string, Json]): boolean => canonical(known[path]) !== canonical(value);
  return Object.fromEntries(Object.entries(set).filter(differs));
}

/** Equal for equal values, whatever the order of keys. */
function canonical(value: Json | undefined): string {
  if (value === undefined) return "";
  return JSON.stringify(value, (_key, item: Json) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** As JSON can hold it: numbers that it cannot write become words, what is nested too deep a text. */
function plainObject(object: JsonObject): JsonObject {
  return plain(object, 0) as JsonObject;
}

const DEEPEST = 50;

function plain(value: Json, depth: number): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value ?? null;
  if (depth > DEEPEST) return "…";
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  // `Object.fromEntries` defines keys, so one called `__proto__` is a key like any other.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
}

/** RFC 3339 UTC; undefined for what is no time. */
function timeText(time: string | number | undefined): string | undefined {
  if (time === undefined) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) || Math.abs(date.getUTCFullYear() - 5000) > 4999
    ? undefined
    : date.toISOString();
}
