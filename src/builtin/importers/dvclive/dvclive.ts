import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { errors } from "../../../protocol/errors.ts";
import type { ImportedFile, Importer, ImportPiece } from "../../../services/ports/importers.ts";
import type { Json, JsonObject } from "../../../util/json.ts";
import { filesBelow, isFolder, keptFilesBelow, namesIn, smallText } from "../file-lists.ts";
import { lineBatches } from "../line-reader.ts";
import { pythonFloat } from "../plain-values.ts";
import { PointList } from "../point-columns.ts";
import { pythonJson } from "../python-json.ts";

const NAME = "dvclive";
const METRICS = join("plots", "metrics");

/** Folders of DVCLive: a run each, of which only the last is there. */
export const dvclive: Importer = {
  name: NAME,
  async detect(path) {
    return foldersAt(path).length > 0;
  },
  async *pages(path) {
    const folders = foldersAt(path);
    if (folders.length === 0) {
      const reason =
        "there is no folder of DVCLive in it: one with `plots/metrics`, metrics.json or params.yaml";
      throw errors.IMPORT_SOURCE_INVALID({ path, format: NAME, reason });
    }
    for (const folder of folders) yield* runPages(folder);
  },
};

function foldersAt(path: string): string[] {
  const places = [path, join(path, "dvclive"), ...namesIn(path).map((name) => join(path, name, "dvclive"))];
  return [...new Set(places)].filter(isDvclive);
}

function isDvclive(folder: string): boolean {
  return (
    isFolder(join(folder, METRICS)) ||
    (basename(folder) === "dvclive" && existsSync(join(folder, "metrics.json")))
  );
}

interface Series {
  readonly name: string;
  readonly list: PointList;
}

function* runPages(folder: string): Generator<ImportPiece[]> {
  const problems: string[] = [];
  const problem = (text: string): void => void problems.push(text);
  const series = filesBelow(join(folder, METRICS))
    .filter(({ name }) => name.endsWith(".tsv"))
    .map(({ name, path }) => readSeries(name.slice(0, -".tsv".length), path, problem));
  const config = configOf(folder, problem);
  const plotted = new Set(series.map(({ name }) => name));
  const stretches = series.map(({ name, list }) => ({ stream: name, ...list.take() }));
  const times = stretches
    .flatMap(({ points }) => [points.at[0], points.at.at(-1)])
    .filter((at) => at !== undefined);
  const files: ImportedFile[] = ["artifacts", join("plots", "images"), join("plots", "custom")].flatMap(
    (part) =>
      keptFilesBelow(join(folder, part), problem).map((file) => ({
        ...file,
        name: `${basename(part)}/${file.name}`,
      })),
  );
  const name = basename(folder) === "dvclive" ? basename(dirname(folder)) : basename(folder);
  yield [
    {
      run: `${folder} ${birthOf(config, stretches)}`,
      facts: {
        name,
        ...(times.length > 0 ? { startedAt: new Date(Math.min(...times)).toISOString() } : {}),
        config,
        summary: summaryOf(folder, plotted),
      },
      points: stretches,
      files,
      ...(problems.length > 0 ? { problems } : {}),
    },
  ];
}

/**
 * The next run takes the place of the one before it, so the folder is not enough: runs are told apart by their params
 * and by the values of their first step, which stay the same while a run goes on.
 */
function birthOf(
  config: JsonObject,
  stretches: readonly {
    readonly points: {
      readonly name: readonly string[];
      readonly step: readonly number[];
      readonly value: readonly number[];
    };
  }[],
): string {
  const hash = createHash("sha256").update(JSON.stringify(config));
  const first = Math.min(...stretches.map(({ points }) => points.step[0] ?? Number.POSITIVE_INFINITY));
  for (const { points } of stretches) {
    if (points.step[0] === first) hash.update(`\n${points.name[0]} ${points.value[0]}`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Columns are named in the first line: `timestamp` (where it was asked for), `step`, and the metric. */
function readSeries(name: string, path: string, problem: (text: string) => void): Series {
  const list = new PointList();
  const written = statSync(path).mtimeMs;
  let columns: string[] | undefined;
  for (const { lines, tail } of lineBatches(path)) {
    for (const line of lines) {
      const cells = line.replace(/\r$/, "").split("\t");
      if (!columns) {
        columns = cells;
        continue;
      }
      const at = Number(cells[columns.indexOf("timestamp")] ?? written);
      const step = Number(cells[columns.indexOf("step")] ?? Number.NaN);
      const value = pythonFloat(cells[columns.length - 1] ?? "");
      if (value === undefined || !Number.isFinite(step) || !Number.isFinite(at))
        problem(`${name}: a line is no point, so it was left out`);
      else list.add(name, step, value, at);
    }
    if (tail) problem(`${name}: its last line was cut off, so it was left out`);
  }
  return { name, list };
}

function configOf(folder: string, problem: (text: string) => void): JsonObject {
  const text = smallText(join(folder, "params.yaml"));
  if (text === undefined) return {};
  try {
    const value: unknown = parse(text, { maxAliasCount: 100 });
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch (error) {
    problem(`params.yaml: cannot be read (${(error as Error).message.split("\n")[0]}), so it was left out`);
    return {};
  }
}

/** Metrics that were not plotted have their last value in `metrics.json` alone. */
function summaryOf(folder: string, plotted: ReadonlySet<string>): JsonObject {
  const value = pythonJson(smallText(join(folder, "metrics.json")) ?? "{}");
  const summary: [string, Json][] = [];
  const visit = (item: Json, name: string): void => {
    if (typeof item === "object" && item !== null && !Array.isArray(item)) {
      for (const [key, inner] of Object.entries(item)) visit(inner, name === "" ? key : `${name}/${key}`);
    } else if (name !== "step" && !plotted.has(name) && item !== null) summary.push([name, item]);
  };
  visit(value ?? null, "");
  return Object.fromEntries(summary);
}
