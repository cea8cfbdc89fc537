import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ForeignDatabase, SqlValue } from "../../../services/ports/foreign-databases.ts";
import type { ImportedStretch, ImportPiece } from "../../../services/ports/importers.ts";
import { isWithin } from "../../../util/real-path.ts";
import { keptFilesBelow } from "../file-lists.ts";
import { PointList } from "../point-columns.ts";
import { factsOf, statusOf } from "./run-facts.ts";

/* `mlflow.db`: tables `experiments`, `runs`, `params`, `tags`, `metrics`. */

const TABLES = ["experiments", "runs", "params", "tags", "metrics"];

/** Whether a database is one of MLflow's. */
export function isMlflow(database: ForeignDatabase): boolean {
  return TABLES.every((table) => database.columns(table).length > 0);
}

/** A page for each run. */
export function* databasePages(database: ForeignDatabase, path: string): Generator<ImportPiece[]> {
  const runs = [
    ...database.rows(
      `SELECT r.run_uuid, r.name, r.status, r.start_time, r.end_time, r.artifact_uri, r.experiment_id, e.name
       FROM runs r LEFT JOIN experiments e ON e.experiment_id = r.experiment_id
       WHERE r.lifecycle_stage = 'active' AND coalesce(e.lifecycle_stage, 'active') = 'active'
       ORDER BY r.start_time, r.run_uuid`,
    ),
  ];
  const folder = dirname(path);
  const outside: string[] = [];
  for (const [id, name, status, start, end, artifacts, experiment, experimentName] of runs) {
    const run = String(id);
    const problems: string[] = [];
    const place = artifactFolder(folder, String(artifacts ?? ""), `${experiment}/${run}`);
    if (place === undefined && artifacts !== null) outside.push(String(artifacts));
    const files = place === undefined ? [] : keptFilesBelow(place, (text) => problems.push(text));
    const facts = factsOf({
      name: textOf(name),
      status: statusOf(status),
      startTime: numberOf(start),
      endTime: numberOf(end),
      experiment: experimentName === "Default" ? undefined : textOf(experimentName),
      params: valuesOf(database, "params", run),
      tags: valuesOf(database, "tags", run),
    });
    const points = metricsOf(database, run);
    yield [{ run, facts, files, points, ...(problems.length > 0 ? { problems } : {}) }];
  }
  yield* notes(database, outside);
}

function* notes(database: ForeignDatabase, outside: readonly string[]): Generator<ImportPiece[]> {
  const problems: string[] = [];
  const [first] = database.rows("SELECT count(*) FROM runs WHERE lifecycle_stage <> 'active'");
  const deleted = Number(first?.[0] ?? 0);
  if (deleted > 0)
    problems.push(`${deleted} ${deleted === 1 ? "run" : "runs"} that MLflow has as deleted: left out`);
  if (outside.length > 0) {
    const more = outside.length > 1 ? ` and ${outside.length - 1} other places` : "";
    problems.push(`artifacts lie elsewhere and were not copied: ${outside[0]}${more}`);
  }
  if (problems.length > 0) yield [{ problems }];
}

/** In the order in which they were logged; each metric is a stream, as its file is in a folder `mlruns`. */
function metricsOf(database: ForeignDatabase, run: string): ImportedStretch[] {
  const lists = new Map<string, PointList>();
  const rows = database.rows(
    "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? ORDER BY rowid",
    [run],
  );
  for (const [key, value, timestamp, step, isNan] of rows) {
    const name = String(key);
    let list = lists.get(name);
    if (!list) {
      list = new PointList();
      lists.set(name, list);
    }
    const number = isNan === 1 ? Number.NaN : Number(value);
    list.add(name, Number(step), number, Number(timestamp));
  }
  return [...lists].map(([name, list]) => ({ stream: `metrics/${name}`, ...list.take() }));
}

function valuesOf(database: ForeignDatabase, table: "params" | "tags", run: string): Map<string, string> {
  const rows = database.rows(`SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`, [run]);
  return new Map([...rows].map(([key, value]) => [String(key), String(value ?? "")]));
}

/** Where a run's artifacts lie, when that is beside the database: the address in it need not hold any more. */
function artifactFolder(folder: string, uri: string, run: string): string | undefined {
  const places = [
    pathOf(uri, folder),
    join(folder, "mlruns", run, "artifacts"),
    join(folder, "mlartifacts", run, "artifacts"),
  ];
  return places.find((place) => place !== undefined && isWithin(folder, place) && existsSync(place));
}

function pathOf(uri: string, folder: string): string | undefined {
  if (uri.startsWith("file:")) {
    try {
      return fileURLToPath(uri);
    } catch {
      return undefined;
    }
  }
  if (/^[a-z][a-z0-9+-]*:/i.test(uri) || uri === "") return undefined;
  return isAbsolute(uri) ? uri : join(folder, uri);
}

function textOf(value: SqlValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: SqlValue | undefined): number | undefined {
  return typeof value === "number" && Math.abs(value) < 8.64e15 ? value : undefined;
}
