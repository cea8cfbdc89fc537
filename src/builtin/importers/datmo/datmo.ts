import { basename, dirname, join } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type {
  ImportedFacts,
  ImportedFile,
  Importer,
  ImportPiece,
} from "../../../services/ports/importers.ts";
import type { Json, JsonObject } from "../../../util/json.ts";
import { filesBelow, isFolder, keptFilesBelow, smallText } from "../file-lists.ts";
import { PointList } from "../point-columns.ts";
import { pythonJson } from "../python-json.ts";

const NAME = "datmo";

/* `.datmo/database/<collection>/objects/<id>` of datmo 0.0.x: a JSON document for each record. */

/** Projects of the first datmo: its tasks, and the snapshots that no task made. */
export const datmo: Importer = {
  name: NAME,
  async detect(path) {
    return databaseAt(path) !== undefined;
  },
  async *pages(path) {
    const database = databaseAt(path);
    if (database === undefined) {
      const reason = "there is no project of datmo 0.0 in it: no folder .datmo/database";
      throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    }
    yield* projectPages(database, join(database, ".."));
  },
};

function databaseAt(path: string): string | undefined {
  const places = [join(path, ".datmo", "database"), join(path, "database")];
  return places.find((place) => isFolder(place) && isFolder(join(place, "model")));
}

function* projectPages(database: string, home: string): Generator<ImportPiece[]> {
  const problems: string[] = [];
  const records = (kind: string): JsonObject[] => recordsIn(join(database, kind, "objects"), problems);
  const [model] = records("model");
  const group = textOf(model?.["name"]);
  const snapshots = new Map(records("snapshot").map((record) => [idOf(record), record]));
  const used = new Set<string>();
  for (const task of records("task")) {
    const [before, after] = [textOf(task["before_snapshot_id"]), textOf(task["after_snapshot_id"])];
    for (const id of [before, after]) if (id !== undefined) used.add(id);
    yield [taskPiece(task, snapshots.get(after ?? "") ?? snapshots.get(before ?? ""), { group, home })];
  }
  for (const [id, snapshot] of snapshots) {
    if (!used.has(id)) yield [snapshotPiece(snapshot, group)];
  }
  if (problems.length > 0) yield [{ problems }];
}

interface Place {
  readonly group: string | undefined;
  /** The folder `.datmo`. */
  readonly home: string;
}

function taskPiece(task: JsonObject, snapshot: JsonObject | undefined, { group, home }: Place): ImportPiece {
  const run = idOf(task);
  const folder = join(home, "tasks", run);
  const words = task["command_list"];
  const command = Array.isArray(words) && words.length > 0 ? words.map(String) : textOf(task["command"]);
  const log = smallText(join(folder, "task.log"), 64 * 1024 * 1024) ?? textOf(task["logs"]);
  const problems: string[] = [];
  const files: ImportedFile[] = keptFilesBelow(folder, (text) => problems.push(text)).filter(
    ({ name }) => name !== "task.log",
  );
  const endedAt = timeOf(task["end_time"]);
  const stats = { ...objectOf(snapshot?.["stats"]), ...objectOf(task["results"]) };
  return {
    run,
    facts: {
      ...common(snapshot ?? task, stats, group),
      status: STATUSES[String(task["status"])] ?? "lost",
      ...(timeText(task["start_time"] ?? task["created_at"]) ?? {}),
      ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
      ...(command === undefined ? {} : { command }),
    },
    points: pointsOf(stats, endedAt ?? timeOf(task["created_at"]) ?? 0),
    files,
    ...(log ? { output: { from: 0, text: log } } : {}),
    ...(problems.length > 0 ? { problems } : {}),
  };
}

function snapshotPiece(snapshot: JsonObject, group: string | undefined): ImportPiece {
  const stats = objectOf(snapshot["stats"]);
  return {
    run: idOf(snapshot),
    facts: {
      ...common(snapshot, stats, group),
      status: "succeeded",
      ...(timeText(snapshot["created_at"]) ?? {}),
    },
    points: pointsOf(stats, timeOf(snapshot["created_at"]) ?? 0),
  };
}

function common(record: JsonObject, stats: JsonObject, group: string | undefined): ImportedFacts {
  const message = textOf(record["message"]);
  const label = textOf(record["label"]);
  const words = Object.entries(stats).filter(
    ([, value]) => typeof value === "string" && Number.isNaN(Number(value)),
  );
  return {
    ...(group === undefined ? {} : { group }),
    ...(message === undefined ? {} : { message }),
    ...(label === undefined ? {} : { tags: [label.slice(0, 200)] }),
    config: objectOf(record["config"]),
    summary: Object.fromEntries(words),
  };
}

/** Each statistic is a metric with one point. */
function pointsOf(stats: JsonObject, at: number): NonNullable<ImportPiece["points"]> {
  const list = new PointList();
  for (const [name, value] of Object.entries(stats)) {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && !Number.isNaN(number)) list.add(name, 0, number, at);
  }
  return list.length > 0 ? [{ stream: "stats", ...list.take() }] : [];
}

const STATUSES: Readonly<Record<string, ImportedFacts["status"]>> = {
  SUCCESS: "succeeded",
  FAILED: "failed",
  STOPPED: "stopped",
};

function recordsIn(folder: string, problems: string[]): JsonObject[] {
  const found: JsonObject[] = [];
  for (const { name, path } of filesBelow(folder)) {
    if (basename(name).startsWith(".") || name.includes("/")) continue;
    const text = smallText(path, 64 * 1024 * 1024);
    const value = text === undefined ? undefined : pythonJson(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      problems.push(`${basename(dirname(folder))}/${name}: is no record, so it was left out`);
      continue;
    }
    const record = value as JsonObject;
    found.push((record["id"] ?? record["pk"]) ? record : { ...record, id: name });
  }
  return found;
}

function idOf(record: JsonObject): string {
  return String(record["id"] ?? record["pk"]);
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function timeText(value: Json | undefined): { readonly startedAt: string } | undefined {
  const ms = timeOf(value);
  return ms === undefined ? undefined : { startedAt: new Date(ms).toISOString() };
}

/** Times are texts such as `2018-05-20T12:00:00.000000` in UTC, or seconds. */
function timeOf(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value * (value > 1e11 ? 1 : 1000);
  if (typeof value !== "string") return undefined;
  const ms = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value.replace(" ", "T")}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
