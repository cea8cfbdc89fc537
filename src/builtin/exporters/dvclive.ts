import { stringify } from "yaml";
import type {
  ExportedFacts,
  ExportedPoints,
  ExportedRun,
  Exporting,
  ExportPiece,
} from "../../services/ports/exporters.ts";
import type { Json } from "../../util/json.ts";
import { pathNames, runFolder } from "./names.ts";
import { inPieces, numberText } from "./values.ts";

/* What DVCLive leaves, in a folder for each run: `metrics.json`, `params.yaml`, a TSV file for each metric, `dvc.yaml`. */

export function openDvclive(): Exporting {
  return { begin: () => [], run: runPieces, end: () => [] };
}

async function* runPieces(run: ExportedRun): AsyncGenerator<ExportPiece> {
  const { facts } = run;
  const folder = runFolder(facts);
  const names = pathNames(facts.metrics, { mostBytes: 1000, isFit: () => true, suffix: ".tsv" });
  let lastStep = 0;
  for (const name of facts.metrics) {
    const points = await run.points(name);
    lastStep = Math.max(lastStep, points.step.at(-1) ?? 0);
    const path = `${folder}/plots/metrics/${names.get(name)}.tsv`;
    yield { path, mode: "create", content: header(name) };
    for (const content of inPieces(pointLines(points))) yield { path, mode: "append", content };
  }
  yield { path: `${folder}/metrics.json`, mode: "create", content: metricsJson(facts, lastStep) };
  const hasParams = Object.keys(facts.config).length > 0;
  if (hasParams) {
    yield {
      path: `${folder}/params.yaml`,
      mode: "create",
      content: stringify(facts.config, { version: "1.1", lineWidth: 0 }),
    };
  }
  for (const { path } of facts.files) {
    yield { path: `${folder}/artifacts/${path}`, mode: "create", content: { kept: path } };
  }
  yield { path: `${folder}/dvc.yaml`, mode: "create", content: dvcYaml(facts, hasParams) };
}

/** The last part of the name is the column, as DVCLive has it. */
function header(name: string): string {
  const column = name.slice(name.lastIndexOf("/") + 1);
  const cell = /["\t\r\n]/.test(column) ? `"${column.replaceAll('"', '""')}"` : column;
  return `timestamp\tstep\t${cell}\n`;
}

function* pointLines({ step, value, at }: ExportedPoints): Generator<string> {
  for (let i = 0; i < step.length; i++) {
    yield `${Math.round(at[i] as number)}\t${step[i]}\t${numberText(value[i] as number)}\n`;
  }
}

/** Nested by slash; where a name is a value as well as the beginning of others, those keep their slash. */
function metricsJson({ last }: ExportedFacts, step: number): string {
  const root: { [key: string]: Json } = Object.create(null) as { [key: string]: Json };
  for (const [name, value] of Object.entries(last)) {
    const parts = name.split("/");
    let at = root;
    while (parts.length > 1) {
      const below: Json | undefined = at[parts[0] as string] ?? Object.create(null);
      if (below === null || typeof below !== "object" || Array.isArray(below)) break;
      at[parts.shift() as string] = below as Json;
      at = below as { [key: string]: Json };
    }
    const key = parts.join("/");
    // DVCLive has texts for what is no number.
    at[typeof at[key] === "object" ? `${key}/` : key] =
      typeof value === "number" ? value : numberText(Number(value));
  }
  root["step"] ??= step;
  return `${JSON.stringify(root, undefined, 4)}\n`;
}

function dvcYaml({ metrics, files }: ExportedFacts, hasParams: boolean): string {
  const artifacts = Object.fromEntries(
    files.map(({ path, sha256 }) => [`f-${sha256.slice(0, 12)}`, { path: `artifacts/${path}` }]),
  );
  return stringify(
    {
      ...(hasParams ? { params: ["params.yaml"] } : {}),
      metrics: ["metrics.json"],
      ...(metrics.length > 0 ? { plots: [{ "plots/metrics": { x: "step" } }] } : {}),
      ...(files.length > 0 ? { artifacts } : {}),
    },
    { version: "1.1", lineWidth: 0 },
  );
}
