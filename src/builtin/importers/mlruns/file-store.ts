import { basename, dirname, join } from "node:path";
import type { ImportedStretch, ImportPiece } from "../../../services/ports/importers.ts";
import { filesBelow, isFolder, keptFilesBelow, namesIn, smallText } from "../file-lists.ts";
import { lineBatches } from "../line-reader.ts";
import { pythonFloat } from "../plain-values.ts";
import { readMeta } from "./meta-yaml.ts";
import { factsOf, statusOf } from "./run-facts.ts";

/* `mlruns/<experiment>/<run>/{meta.yaml,params/<key>,tags/<key>,metrics/<key>,artifacts/}` */

type Meta = Readonly<Record<string, unknown>>;

/** The folder with the experiments; undefined when the path is none, nor an experiment, a run, or what holds `mlruns`. */
export function storeAt(path: string): readonly RunFolder[] | undefined {
  const meta = metaIn(path);
  if (meta?.["run_id"] !== undefined || meta?.["run_uuid"] !== undefined) {
    return [{ path, experiment: experimentName(metaIn(dirname(path))) }];
  }
  if (isExperiment(meta)) return runsOf(path, meta);
  const experiments = namesIn(path).filter((name) => !name.startsWith("."));
  const found = experiments.flatMap((name) => {
    const one = metaIn(join(path, name));
    return isExperiment(one) ? [{ folder: join(path, name), meta: one }] : [];
  });
  if (found.length > 0) return found.flatMap((one) => runsOf(one.folder, one.meta));
  return basename(path) !== "mlruns" && isFolder(join(path, "mlruns"))
    ? storeAt(join(path, "mlruns"))
    : undefined;
}

export interface RunFolder {
  readonly path: string;
  readonly experiment: string | undefined;
}

/** A page for each run, more for one with many points. */
export function* filePages(runs: readonly RunFolder[]): Generator<ImportPiece[]> {
  let deleted = 0;
  for (const { path, experiment } of runs) {
    const meta = metaIn(path);
    const id = meta?.["run_id"] ?? meta?.["run_uuid"];
    if (meta === undefined || typeof id !== "string" || id === "") {
      yield [{ problems: [`${path}: its meta.yaml is no run's, so the run was left out`] }];
    } else if (isDeleted(meta)) deleted++;
    else yield* runPages(path, id, meta, experiment);
  }
  if (deleted > 0) {
    yield [
      { problems: [`${deleted} ${deleted === 1 ? "run" : "runs"} that MLflow has as deleted: left out`] },
    ];
  }
}

function* runPages(
  path: string,
  id: string,
  meta: Meta,
  experiment: string | undefined,
): Generator<ImportPiece[]> {
  const problems: string[] = [];
  const problem = (text: string): void => void problems.push(text);
  const facts = factsOf({
    name: textOf(meta["run_name"]) ?? textOf(meta["name"]),
    status: statusOf(meta["status"]),
    startTime: numberOf(meta["start_time"]),
    endTime: numberOf(meta["end_time"]),
    experiment,
    params: valuesIn(join(path, "params"), problem),
    tags: valuesIn(join(path, "tags"), problem),
  });
  const files = keptFilesBelow(join(path, "artifacts"), problem);
  let points: ImportedStretch[] = [];
  let count = 0;
  for (const { name, path: file } of filesBelow(join(path, "metrics"))) {
    for (const stretch of metricStretches(name, file, problem)) {
      points.push(stretch);
      count += stretch.points.name.length;
      if (count < PAGE_POINTS) continue;
      yield [{ run: id, points }];
      [points, count] = [[], 0];
    }
  }
  yield [{ run: id, facts, files, points, ...(problems.length > 0 ? { problems } : {}) }];
}

const PAGE_POINTS = 50_000;

function* metricStretches(
  name: string,
  path: string,
  problem: (text: string) => void,
): Generator<ImportedStretch> {
  let from = 0;
  let line = 0;
  for (const { lines, tail } of lineBatches(path)) {
    const points = { name: [] as string[], step: [] as number[], value: [] as number[], at: [] as number[] };
    for (const text of lines) {
      line++;
      const [at = "", value = "", step = "0"] = text.trim().split(" ");
      const [time, number, place] = [Number(at), pythonFloat(value), Number(step)];
      if (at === "" || number === undefined || !Number.isFinite(time) || !Number.isFinite(place)) {
        if (text.trim() !== "") problem(`metrics/${name}: line ${line} is no point, so it was left out`);
        continue;
      }
      points.name.push(name);
      points.step.push(place);
      points.value.push(number);
      points.at.push(time);
    }
    if (tail) problem(`metrics/${name}: its last line was cut off, so it was left out`);
    if (points.name.length > 0) yield { stream: `metrics/${name}`, from, points };
    from += points.name.length;
  }
}

/** One file for each key; keys with slashes lie in folders. */
function valuesIn(folder: string, problem: (text: string) => void): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, path } of filesBelow(folder)) {
    const text = smallText(path);
    if (text === undefined) problem(`${basename(folder)}/${name}: cannot be read, so it was left out`);
    else values.set(name, text);
  }
  return values;
}

function runsOf(folder: string, meta: Meta): RunFolder[] {
  if (isDeleted(meta)) return [];
  const experiment = experimentName(meta);
  return namesIn(folder)
    .filter((name) => !NOT_RUNS.has(name) && isFolder(join(folder, name)))
    .map((name) => ({ path: join(folder, name), experiment }));
}

/** What lies beside the runs of an experiment. */
const NOT_RUNS = new Set(["tags", "datasets", "models", "traces", ".trash"]);

function metaIn(folder: string): Meta | undefined {
  const text = smallText(join(folder, "meta.yaml"), 1024 * 1024);
  return text === undefined ? undefined : readMeta(text);
}

function isExperiment(meta: Meta | undefined): meta is Meta {
  return meta?.["artifact_location"] !== undefined && meta["experiment_id"] !== undefined;
}

function isDeleted(meta: Meta): boolean {
  return meta["lifecycle_stage"] === "deleted";
}

function experimentName(meta: Meta | undefined): string | undefined {
  const name = textOf(meta?.["name"]);
  return name === "Default" ? undefined : name;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) < 8.64e15 ? value : undefined;
}
