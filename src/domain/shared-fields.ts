import type { Json, JsonObject } from "../util/json.ts";
import { jsonProblem } from "../util/json-limits.ts";
import { isId } from "./ids.ts";
import { isLocalField } from "./local-fields.ts";
import { isSystemSummary } from "./system-metrics.ts";
import { type TaskDefinition, taskId } from "./task-record.ts";

/*
 * What a field may hold that another copy of the project wrote. Code that reads records takes the types of known
 * fields for granted, so they are held against this table before they come in. Fields that only later versions
 * know are taken as they are.
 */

/** Why a field cannot be taken in; undefined when it can. `null` removes a field, which is always possible. */
export function fieldProblem(kind: string, id: string, path: string, value: Json): string | undefined {
  if (isLocalField(path)) return "is a field that belongs to one copy of a project";
  if (path === "" || path.length > MAX_PATH) return "has a name that no field has";
  if (value === null) return undefined;
  const problem = jsonProblem(value);
  if (problem !== undefined) return problem;
  const check = checkOf(kind, path);
  if (check && !check(value)) return "does not hold what it should";
  if (kind === "task" && path === "definition" && taskId(value as unknown as TaskDefinition) !== id) {
    return "is not the definition that its id stands for";
  }
  return undefined;
}

const MAX_PATH = 8_192;
const MAX_TEXT = 1_000_000;

type Check = (value: Json) => boolean;

const text: Check = (value) => typeof value === "string" && value.length <= MAX_TEXT;
const flag: Check = (value) => typeof value === "boolean";
const number: Check = (value) => typeof value === "number";
const id: Check = (value) => typeof value === "string" && isId(value);
const tree: Check = (value) => typeof value === "string" && /^[0-9a-f]{40}$/.test(value);
const sha256: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const time: Check = (value) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT[0-9:.]{5,24}Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));
const object: Check = (value) => typeof value === "object" && !Array.isArray(value);
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const command: Check = (value) => text(value) || (texts(value) && (value as Json[]).length > 0);
const metric: Check = (value) => number(value) || ["NaN", "Infinity", "-Infinity"].includes(value as string);

const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string);

const STATUSES = oneOf("queued", "preparing", "running", "succeeded", "failed", "stopped", "lost");

const RUN: Readonly<Record<string, Check>> = {
  createdAt: time,
  startedAt: time,
  endedAt: time,
  deleted: flag,
  name: text,
  type: text,
  origin: oneOf("executed", "recorded", "imported"),
  imported: (value) => text(member(value, "format") ?? false) && text(member(value, "key") ?? false),
  status: STATUSES,
  exitCode: number,
  command,
  directory: relativePath,
  driver: text,
  taskId: id,
  environmentId: id,
  beforeSnapshotId: id,
  afterSnapshotId: id,
  late: flag,
  rerunOf: id,
  isolated: flag,
  image: (value) => text(member(value, "id") ?? false) && texts(member(value, "digests") ?? false),
  notCaptured: texts,
  data: (value) => Array.isArray(value) && value.every(isDataSource),
  dataContents: (value) => Array.isArray(value) && value.every(isDataContent),
  group: text,
  sweepId: id,
  note: text,
  message: text,
  parse: flag,
  parser: text,
  parserProblem: text,
  usage: flag,
  timeoutMs: number,
  commandMasked: flag,
  snapshots: flag,
  keptTree: tree,
  machine: object,
  userGit: object,
  error: (value) => object(value) && text(member(value, "kind")) && text(member(value, "message")),
};

const SNAPSHOT: Readonly<Record<string, Check>> = {
  createdAt: time,
  deleted: flag,
  message: text,
  label: text,
  visible: flag,
  late: flag,
  runId: id,
  contentKey: sha256,
  codeTree: tree,
  filesTree: tree,
  environmentId: id,
  files: (value) =>
    Array.isArray(value) && value.every((file) => text(member(file, "path")) && isContent(file)),
};

const TASK: Readonly<Record<string, Check>> = { createdAt: time, deleted: flag, definition: isDefinition };
const ENVIRONMENT: Readonly<Record<string, Check>> = {
  createdAt: time,
  deleted: flag,
  name: text,
  kind: text,
};

const PURGE: Readonly<Record<string, Check>> = {
  at: time,
  blobs: (value) => Array.isArray(value) && value.every(tree),
  paths: texts,
};

const PLAIN: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  run: RUN,
  snapshot: SNAPSHOT,
  task: TASK,
  environment: ENVIRONMENT,
  purge: PURGE,
};

/** By the first part of the path, for fields that there are many of. */
const MANY: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  run: { tags: flag, files: isContent, metrics: isSummary, system: isSystemSummary, keptLines: number },
  snapshot: { metrics: metric },
  purge: { commits: tree },
};

function checkOf(kind: string, path: string): Check | undefined {
  const slash = path.indexOf("/");
  const table = slash < 0 ? PLAIN[kind] : MANY[kind];
  const key = slash < 0 ? path : path.slice(0, slash);
  return table && Object.hasOwn(table, key) ? table[key] : undefined;
}

function isContent(value: Json): boolean {
  const source = member(value, "source");
  return (
    object(value) &&
    number(member(value, "bytes") ?? "") &&
    sha256(member(value, "sha256") ?? "") &&
    (source === null || isPlace(source))
  );
}

function isDataSource(value: Json): boolean {
  const [source, name] = [member(value, "source"), member(value, "name")];
  return text(source ?? false) && (name === null || text(name));
}

function isDataContent(value: Json): boolean {
  const hash = member(value, "sha256");
  return (
    text(member(value, "name") ?? false) &&
    number(member(value, "files") ?? "") &&
    number(member(value, "bytes") ?? "") &&
    (hash === null || sha256(hash))
  );
}

/** Where a kept file lay in the project, `/`-separated. */
function isPlace(value: Json): boolean {
  if (typeof value !== "string" || value.includes("\0")) return false;
  return !value.split("/").some((part) => ["", ".", ".."].includes(part));
}

function isSummary(value: Json): boolean {
  if (!object(value)) return false;
  const [step, at, n] = [member(value, "step"), member(value, "at"), member(value, "n")];
  const values = [member(value, "last"), member(value, "min"), member(value, "max")];
  const covers = (value as JsonObject)["covers"];
  return (
    [step, at, n].every((part) => number(part ?? "")) &&
    values.every((part) => metric(part ?? "")) &&
    (covers === undefined || texts(covers))
  );
}

function isDefinition(value: Json): boolean {
  if (!object(value)) return false;
  const {
    timeoutMs,
    variables,
    interactive,
    directory,
    driver,
    environmentId,
    data,
    command: words,
  } = value as JsonObject;
  return (
    (environmentId === undefined || id(environmentId)) &&
    [(value as JsonObject)["secrets"] ?? [], (value as JsonObject)["envFiles"] ?? []].every(texts) &&
    (data === undefined || (Array.isArray(data) && data.every(isDataSource))) &&
    command(words ?? "\0") &&
    text(driver ?? false) &&
    (directory === undefined || relativePath(directory)) &&
    (timeoutMs === undefined || number(timeoutMs)) &&
    (interactive === undefined || flag(interactive)) &&
    (variables === undefined || (object(variables) && Object.values(variables as JsonObject).every(text)))
  );
}

/** Inside the project: a command is never made to run elsewhere. */
function relativePath(value: Json): boolean {
  if (typeof value !== "string" || value.includes("\0") || /^([/\\]|[A-Za-z]:)/.test(value)) return false;
  return !value.split(/[/\\]/).includes("..");
}

function member(value: Json, key: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.hasOwn(value, key) ? ((value as JsonObject)[key] ?? null) : null;
}
