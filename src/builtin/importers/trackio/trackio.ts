import { statSync } from "node:fs";
import { basename } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type {
  ForeignDatabase,
  OpenForeignDatabase,
  SqlValue,
} from "../../../services/ports/foreign-databases.ts";
import type { ImportedFacts, Importer, ImportPiece } from "../../../services/ports/importers.ts";
import type { Json, JsonObject } from "../../../util/json.ts";
import { filesBelow, isFolder } from "../file-lists.ts";
import { numbersOf } from "../nested-numbers.ts";
import { PointList } from "../point-columns.ts";
import { pythonJson } from "../python-json.ts";

const NAME = "trackio";
const PAGE_POINTS = 50_000;

/** Projects of Trackio: `<project>.db`, a SQLite database each. */
export function createTrackio(openDatabase: OpenForeignDatabase): Importer {
  return {
    name: NAME,
    async detect(path) {
      for (const file of databasesAt(path)) {
        const database = await openDatabase(file).catch(() => undefined);
        const found = database !== undefined && isTrackio(database);
        database?.close();
        if (found) return true;
      }
      return false;
    },
    async *pages(path) {
      let read = 0;
      let reason = "there is no database of Trackio in it";
      for (const file of databasesAt(path)) {
        try {
          const database = await openDatabase(file);
          try {
            if (!isTrackio(database)) continue;
            read++;
            yield* projectPages(database, basename(file, ".db"));
          } finally {
            database.close();
          }
        } catch (error) {
          reason = (error as Error).message;
          yield [{ problems: [`${file}: ${reason}, so it was left out`] }];
        }
      }
      if (read === 0) throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    },
  };
}

function isTrackio(database: ForeignDatabase): boolean {
  const columns = database.columns("metrics");
  return ["run_name", "step", "metrics", "timestamp"].every((name) => columns.includes(name));
}

function* projectPages(database: ForeignDatabase, project: string): Generator<ImportPiece[]> {
  // Databases of older versions know runs by their names alone.
  const key = database.columns("metrics").includes("run_id") ? "run_id" : "run_name";
  const runs = [
    ...database.rows(
      `SELECT ${key}, max(run_name), min(timestamp), max(timestamp) FROM metrics GROUP BY ${key}`,
    ),
  ];
  for (const [id, name, start, end] of runs) {
    const about = { run: String(id), identity: project };
    yield* seriesPages(database, about, { table: "metrics", key, start: timeOf(start) });
    if (database.columns("system_metrics").length > 0)
      yield* seriesPages(database, about, { table: "system_metrics", key, start: timeOf(start) });
    yield [
      {
        ...about,
        facts: factsOf(project, String(name), start, end, configOf(database, key, id as SqlValue)),
      },
    ];
  }
}

interface SeriesQuery {
  readonly table: "metrics" | "system_metrics";
  readonly key: string;
  readonly start: number;
}

function* seriesPages(
  database: ForeignDatabase,
  about: { readonly run: string; readonly identity: string },
  { table, key, start }: SeriesQuery,
): Generator<ImportPiece[]> {
  const system = table === "system_metrics";
  const columns = database.columns(table);
  if (!columns.includes(key)) return;
  const step = system ? "NULL" : "step";
  const list = new PointList();
  const rows = database.rows(
    `SELECT ${step}, timestamp, metrics FROM ${table} WHERE ${key} = ? ORDER BY rowid`,
    [about.run],
  );
  for (const [place, timestamp, text] of rows) {
    const at = timeOf(timestamp);
    const values = pythonJson(textOf(text));
    const at0 = place === null ? Math.max(0, Math.round((at - start) / 1000)) : Number(place);
    for (const [name, value] of numbersOf(values ?? null)) {
      if (!system || Number.isFinite(value)) list.add(name, at0, value, at);
    }
    if (list.length >= PAGE_POINTS)
      yield [{ ...about, points: [{ stream: table, ...list.take(), ...(system ? { system } : {}) }] }];
  }
  if (list.length > 0)
    yield [{ ...about, points: [{ stream: table, ...list.take(), ...(system ? { system } : {}) }] }];
}

function configOf(database: ForeignDatabase, key: string, id: SqlValue): JsonObject {
  const columns = database.columns("configs");
  if (!columns.includes(key) || !columns.includes("config")) return {};
  const [row] = database.rows(`SELECT config FROM configs WHERE ${key} = ?`, [id]);
  const config = pythonJson(textOf(row?.[0] ?? "{}"));
  return typeof config === "object" && config !== null && !Array.isArray(config)
    ? (config as JsonObject)
    : {};
}

/** Trackio does not keep how a run ended. Keys that begin with `_` are its own. */
function factsOf(
  project: string,
  name: string,
  start: SqlValue | undefined,
  end: SqlValue | undefined,
  config: JsonObject,
): ImportedFacts {
  const own = Object.entries(config).filter(([key]) => !key.startsWith("_"));
  const group = config["_Group"];
  const created = config["_Created"];
  const startedAt = new Date(timeOf(typeof created === "string" ? created : start));
  return {
    name,
    startedAt: startedAt.toISOString(),
    endedAt: new Date(timeOf(end)).toISOString(),
    group: typeof group === "string" && group !== "" ? group : project,
    labels: { project },
    config: Object.fromEntries(own) as { [key: string]: Json },
  };
}

/** Python's fast JSON writers give bytes, which the database keeps as such. */
function textOf(value: SqlValue | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : String(value ?? "");
}

/** Milliseconds since the epoch; 0 for what is no time. */
function timeOf(value: SqlValue | undefined): number {
  const ms = Date.parse(String(value ?? ""));
  return Number.isNaN(ms) ? 0 : ms;
}

function databasesAt(path: string): string[] {
  if (!isFolder(path)) return statSync(path, { throwIfNoEntry: false })?.isFile() ? [path] : [];
  return filesBelow(path)
    .filter(({ name }) => name.endsWith(".db"))
    .map((file) => file.path);
}
