import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type {
  ExportedFacts,
  ExportedPoints,
  Exporting,
  ExportPiece,
} from "../../services/ports/exporters.ts";
import { commandLine } from "./values.ts";

/* `runs.parquet`, a row for each run, and `metrics.parquet`, a row for each point. */

const METRICS = "metrics.parquet";
const RUNS = "runs.parquet";
/** Rows that are compressed together, and held in memory. */
const GROUP_ROWS = 200_000;

type Name = "run" | "name" | "step" | "value" | "at";
type Columns = Record<Name, (string | bigint | number)[]>;
type ColumnType = "STRING" | "INT64" | "DOUBLE" | "INT32";

export function openParquet(): Exporting {
  const metrics = openFile([
    { name: "run", type: "STRING" },
    { name: "name", type: "STRING" },
    { name: "step", type: "INT64" },
    { name: "value", type: "DOUBLE" },
    { name: "at", type: "DOUBLE" },
  ]);
  const runs: ExportedFacts[] = [];
  let waiting = noColumns();

  function* flush(): Generator<ExportPiece> {
    if (waiting.run.length > 0) yield { path: METRICS, mode: "append", content: metrics.write(waiting) };
    waiting = noColumns();
  }

  return {
    begin: () => [{ path: METRICS, mode: "create", content: metrics.begin() }],
    async *run(run) {
      runs.push(run.facts);
      for (const name of run.facts.metrics) {
        const points = await run.points(name);
        for (let from = 0; from < points.step.length; ) {
          from = take(waiting, run.facts.id, name, points, from);
          if (waiting.run.length >= GROUP_ROWS) yield* flush();
        }
      }
    },
    *end() {
      yield* flush();
      yield { path: METRICS, mode: "append", content: metrics.finish() };
      const file = openFile(RUN_COLUMNS);
      yield { path: RUNS, mode: "create", content: file.begin() };
      if (runs.length > 0) yield { path: RUNS, mode: "append", content: file.write(runColumns(runs)) };
      yield { path: RUNS, mode: "append", content: file.finish() };
    },
  };
}

/** Up to a full group; answers the first point that is not taken. */
function take(columns: Columns, run: string, name: string, points: ExportedPoints, from: number): number {
  const to = Math.min(points.step.length, from + GROUP_ROWS - columns.run.length);
  for (let i = from; i < to; i++) {
    columns.run.push(run);
    columns.name.push(name);
    columns.step.push(BigInt(points.step[i] as number));
    columns.value.push(points.value[i] as number);
    columns.at.push((points.at[i] as number) / 1000);
  }
  return to;
}

function noColumns(): Columns {
  return { run: [], name: [], step: [], value: [], at: [] };
}

const RUN_COLUMNS: readonly {
  readonly name: string;
  readonly type: ColumnType;
  of(facts: ExportedFacts): unknown;
}[] = [
  { name: "id", type: "STRING", of: (facts) => facts.id },
  { name: "name", type: "STRING", of: (facts) => facts.name },
  { name: "status", type: "STRING", of: (facts) => facts.status },
  { name: "exit_code", type: "INT32", of: (facts) => facts.exitCode },
  { name: "command", type: "STRING", of: ({ command }) => command && commandLine(command) },
  { name: "created_at", type: "STRING", of: (facts) => facts.createdAt },
  { name: "started_at", type: "STRING", of: (facts) => facts.startedAt },
  { name: "ended_at", type: "STRING", of: (facts) => facts.endedAt },
  { name: "group", type: "STRING", of: (facts) => facts.group },
  { name: "tags", type: "STRING", of: (facts) => JSON.stringify(facts.tags) },
  { name: "note", type: "STRING", of: (facts) => facts.note },
  { name: "message", type: "STRING", of: (facts) => facts.message },
  { name: "git_commit", type: "STRING", of: (facts) => facts.userGit?.commit },
  { name: "config", type: "STRING", of: (facts) => JSON.stringify(facts.config) },
  { name: "metrics", type: "STRING", of: (facts) => JSON.stringify(facts.last) },
  { name: "summary", type: "STRING", of: (facts) => JSON.stringify(facts.summary) },
];

function runColumns(runs: readonly ExportedFacts[]): Record<string, unknown[]> {
  return Object.fromEntries(
    RUN_COLUMNS.map(({ name, of }) => [name, runs.map((facts) => of(facts) ?? null)]),
  );
}

/** A file that comes in pieces: its beginning, groups of rows, its end. */
function openFile(columns: readonly { readonly name: string; readonly type: ColumnType }[]): {
  begin(): Uint8Array;
  write(rows: Readonly<Record<string, unknown[]>>): Uint8Array;
  finish(): Uint8Array;
} {
  const bytes = new ByteWriter();
  const schema = [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, repetition_type: "OPTIONAL" as const, ...schemaType(type) })),
  ];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: "datmo" });
  /** What was written since the last time; places in the file go on being counted. */
  function taken(): Uint8Array {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  }
  return {
    begin: taken,
    write(rows) {
      const columnData = columns.map(({ name }) => ({ name, data: rows[name] as unknown[] }));
      writer.write({ columnData, rowGroupSize: GROUP_ROWS });
      return taken();
    },
    finish() {
      writer.finish();
      return taken();
    },
  };
}

function schemaType(type: ColumnType): {
  type: "BYTE_ARRAY" | "INT64" | "DOUBLE" | "INT32";
  converted_type?: "UTF8";
} {
  return type === "STRING" ? { type: "BYTE_ARRAY", converted_type: "UTF8" } : { type };
}
