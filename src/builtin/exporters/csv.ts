import { stringify } from "csv-stringify/sync";
import type {
  ExportedFacts,
  ExportedPoints,
  Exporting,
  ExportPiece,
} from "../../services/ports/exporters.ts";
import { commandLine, flatConfig, inPieces, numberText, textOf } from "./values.ts";

/* `runs.csv`, a line for each run, and `metrics.csv`, a line for each point. */

const RUNS = "runs.csv";
const METRICS = "metrics.csv";
type Row = ReadonlyMap<string, string>;

export function openCsv(): Exporting {
  const rows: Row[] = [];
  return {
    begin: () => [{ path: METRICS, mode: "create", content: "run,name,step,value,at\n" }],
    async *run(run) {
      rows.push(rowOf(run.facts));
      for (const name of run.facts.metrics) {
        const head = line([run.facts.id, name]).slice(0, -1);
        for (const content of inPieces(pointLines(head, await run.points(name)))) {
          yield { path: METRICS, mode: "append", content };
        }
      }
    },
    end: () => tablePieces(rows),
  };
}

function* pointLines(head: string, { step, value, at }: ExportedPoints): Generator<string> {
  for (let i = 0; i < step.length; i++) {
    yield `${head},${step[i]},${numberText(value[i] as number)},${(at[i] as number) / 1000}\n`;
  }
}

function rowOf(facts: ExportedFacts): Row {
  const { command, exitCode, tags } = facts;
  const cells: [string, string | undefined][] = [
    ["id", facts.id],
    ["name", facts.name],
    ["status", facts.status],
    ["exit_code", exitCode === undefined ? undefined : String(exitCode)],
    ["command", command === undefined ? undefined : commandLine(command)],
    ["created_at", facts.createdAt],
    ["started_at", facts.startedAt],
    ["ended_at", facts.endedAt],
    ["group", facts.group],
    ["tags", tags.length > 0 ? JSON.stringify(tags) : undefined],
    ["note", facts.note],
    ["message", facts.message],
    ["git_commit", facts.userGit?.commit],
    ["before_snapshot", facts.beforeSnapshotId],
    ["after_snapshot", facts.afterSnapshotId],
    ...flatConfig(facts.config).map(([key, value]): [string, string] => [`config.${key}`, textOf(value)]),
    ...Object.entries(facts.last).map(([key, value]): [string, string] => [
      `metrics.${key}`,
      typeof value === "number" ? numberText(value) : numberText(Number(value)),
    ]),
    ...Object.entries(facts.summary).map(([key, value]): [string, string] => [
      `summary.${key}`,
      textOf(value),
    ]),
  ];
  return new Map(cells.filter((cell): cell is [string, string] => cell[1] !== undefined));
}

/** Columns are what any run has: facts first, then config, metrics and summary, each sorted. */
function* tablePieces(rows: readonly Row[]): Generator<ExportPiece> {
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort(byColumn);
  yield { path: RUNS, mode: "create", content: line(columns.length > 0 ? columns : FACTS) };
  for (const content of inPieces(rowLines(rows, columns))) yield { path: RUNS, mode: "append", content };
}

function* rowLines(rows: readonly Row[], columns: readonly string[]): Generator<string> {
  for (const row of rows) yield line(columns.map((column) => row.get(column) ?? ""));
}

const FACTS =
  "id name status exit_code command created_at started_at ended_at group tags note message git_commit before_snapshot after_snapshot".split(
    " ",
  );
const GROUPS = ["config.", "metrics.", "summary."];

function byColumn(a: string, b: string): number {
  return placeOf(a) - placeOf(b) || (a < b ? -1 : 1);
}

function placeOf(column: string): number {
  const fact = FACTS.indexOf(column);
  return fact >= 0 ? fact : FACTS.length + GROUPS.findIndex((group) => column.startsWith(group));
}

/** RFC 4180, but for the end of the line, which is a newline alone, as every reader takes it. */
function line(cells: readonly string[]): string {
  return stringify([[...cells]], { quoted_match: /^\s|\s$|\r/ });
}
