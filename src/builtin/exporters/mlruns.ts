import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stringify } from "yaml";
import type {
  ExportedFacts,
  ExportedPoints,
  ExportedRun,
  Exporting,
  ExportPiece,
  ExportTarget,
} from "../../services/ports/exporters.ts";
import { pathNames } from "./names.ts";
import { commandLine, flatConfig, inPieces, msOf, numberText, textOf } from "./values.ts";

/* MLflow's file store: `<experiment>/<run>/{meta.yaml, params, tags, metrics, artifacts}`, a file for each name. */

/** MLflow's numbers for how a run ended. */
const STATUS: Readonly<Record<string, number>> = { succeeded: 3, failed: 4, stopped: 5, lost: 4 };
const RUNNING = 1;
const SCHEDULED = 2;
const LOCAL = 4;
/** What MLflow takes as names of params, metrics and tags. */
const FIT = /^[\p{L}\p{N}_/. :-]+$/u;
const MOST_NAME = 250;

export function openMlruns(target: ExportTarget): Exporting {
  const experiments = new Map<string, ExportPiece>();
  return {
    begin: () => [],
    async *run(run) {
      const { facts } = run;
      const name = facts.group ?? target.project.name;
      const experiment = experimentId(target.project.id, name);
      if (!experiments.has(experiment))
        experiments.set(experiment, experimentMeta(target, experiment, name, facts));
      yield* runPieces(target, experiment, run);
    },
    end: () => experiments.values(),
  };
}

/** Always the same one for a name in a project: 18 digits, as MLflow's own. */
function experimentId(project: string, name: string): string {
  const digest = createHash("sha256").update(`${project}\n${name}`).digest();
  return String((digest.readBigUInt64BE() % 900_000_000_000_000_000n) + 100_000_000_000_000_000n);
}

function experimentMeta(target: ExportTarget, id: string, name: string, facts: ExportedFacts): ExportPiece {
  const at = msOf(facts.createdAt);
  return create(`${id}/meta.yaml`, {
    artifact_location: pathToFileURL(join(target.directory, id)).href,
    creation_time: at,
    experiment_id: id,
    last_update_time: at,
    lifecycle_stage: "active",
    name,
  });
}

async function* runPieces(
  target: ExportTarget,
  experiment: string,
  run: ExportedRun,
): AsyncGenerator<ExportPiece> {
  const { facts } = run;
  const folder = `${experiment}/${facts.id}`;
  const single = singleValues(facts);
  const metrics = names([...facts.metrics, ...single.keys()]);
  const params = flatConfig(facts.config);
  const paramNames = names(params.map(([name]) => name));
  yield create(`${folder}/meta.yaml`, runMeta(target, experiment, facts));
  for (const [name, value] of params) {
    yield { path: `${folder}/params/${paramNames.get(name)}`, mode: "create", content: textOf(value) };
  }
  for (const name of facts.metrics) {
    const path = `${folder}/metrics/${metrics.get(name)}`;
    yield* growing(path, inPieces(metricLines(await run.points(name))));
  }
  for (const [name, value] of single) {
    const at = msOf(facts.endedAt) ?? msOf(facts.createdAt);
    yield {
      path: `${folder}/metrics/${metrics.get(name)}`,
      mode: "create",
      content: `${at} ${numberText(value)} 0\n`,
    };
  }
  yield* tagPieces(`${folder}/tags`, facts, [...renamed("metric", metrics), ...renamed("param", paramNames)]);
  for (const { path } of facts.files) {
    yield { path: `${folder}/artifacts/${path}`, mode: "create", content: { kept: path } };
  }
}

/** Numbers of the summary that no metric has. */
function singleValues({ summary, metrics }: ExportedFacts): Map<string, number> {
  const known = new Set(metrics);
  return new Map(
    Object.entries(summary).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number" && !known.has(entry[0]),
    ),
  );
}

function* metricLines({ step, value, at }: ExportedPoints): Generator<string> {
  for (let i = 0; i < step.length; i++) {
    yield `${Math.round(at[i] as number)} ${numberText(value[i] as number)} ${step[i]}\n`;
  }
}

function* tagPieces(folder: string, facts: ExportedFacts, more: [string, string][]): Generator<ExportPiece> {
  const { userGit, command, summary, metrics } = facts;
  const last = new Set(metrics);
  const given: [string, string | undefined][] = [
    ["mlflow.runName", facts.name],
    ["mlflow.source.type", "LOCAL"],
    ["mlflow.source.name", command === undefined ? undefined : commandLine(command)],
    ["mlflow.source.git.commit", userGit?.commit],
    ["mlflow.source.git.branch", userGit?.branch],
    ["mlflow.note.content", facts.note],
    ["datmo.run", facts.id],
    ["datmo.status", facts.status],
    ["datmo.snapshot.before", facts.beforeSnapshotId],
    ["datmo.snapshot.after", facts.afterSnapshotId],
    ["datmo.tags", facts.tags.length > 0 ? JSON.stringify(facts.tags) : undefined],
    ...facts.tags.map((tag): [string, string] => [tag, "true"]),
    ...Object.entries(summary)
      .filter(([name, value]) => typeof value !== "number" || last.has(name))
      .map(([name, value]): [string, string] => [`datmo.summary.${name}`, textOf(value)]),
    ...more,
  ];
  const tags = new Map(given.filter((tag): tag is [string, string] => tag[1] !== undefined));
  const paths = names([...tags.keys()]);
  for (const [tag, value] of tags)
    yield { path: `${folder}/${paths.get(tag)}`, mode: "create", content: value };
}

/** The true names of what MLflow would not take. */
function renamed(kind: string, paths: ReadonlyMap<string, string>): [string, string][] {
  return [...paths]
    .filter(([name, path]) => name !== path)
    .map(([name, path]) => [`datmo.${kind}.${path}`, name]);
}

function runMeta(target: ExportTarget, experiment: string, facts: ExportedFacts): object {
  const status = STATUS[facts.status] ?? (facts.status === "running" ? RUNNING : SCHEDULED);
  return {
    artifact_uri: pathToFileURL(join(target.directory, experiment, facts.id, "artifacts")).href,
    end_time: msOf(facts.endedAt) ?? null,
    entry_point_name: "",
    experiment_id: experiment,
    lifecycle_stage: "active",
    run_id: facts.id,
    run_name: facts.name,
    run_uuid: facts.id,
    source_name: "",
    source_type: LOCAL,
    source_version: "",
    start_time: msOf(facts.startedAt) ?? msOf(facts.createdAt),
    status,
    tags: [],
    user_id: "",
  };
}

function names(all: readonly string[]): Map<string, string> {
  return pathNames(all, { mostBytes: MOST_NAME, isFit: (name) => FIT.test(name) });
}

/** A text that is only digits would be read as a number, so every text has quotes. */
function create(path: string, content: object): ExportPiece {
  const text = stringify(content, {
    defaultStringType: "QUOTE_SINGLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
  });
  return { path, mode: "create", content: text };
}

/** A file in several pieces, also when there is nothing in it. */
function* growing(path: string, pieces: Iterable<string>): Generator<ExportPiece> {
  yield { path, mode: "create", content: "" };
  for (const content of pieces) yield { path, mode: "append", content };
}
