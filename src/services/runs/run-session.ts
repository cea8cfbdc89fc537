import { createHash } from "node:crypto";
import { pathKeys } from "../../domain/field-paths.ts";
import { type MetricValue, metricFromWire } from "../../domain/metric-values.ts";
import type { Command } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { OpenProject } from "../project/open-project.ts";
import { parserNamed } from "./choose-parser.ts";
import { createOutputPump, type OutputPump } from "./output-pump.ts";
import type { RunEvents } from "./run-events.ts";
import type { RunFields } from "./run-fields.ts";
import { createRunIntake, type RunIntake } from "./run-intake.ts";
import { createRunMetrics, type RunMetrics } from "./run-metrics.ts";

/** Longest stretch of output that is sent as text. */
const MOST_TEXT_BYTES = 64 * 1024;

/** Everything that takes in what one open run says and prints. */
export interface RunSession {
  /** Root of the files that the run works on: the project, or its isolated copy. */
  readonly root: string;
  /** Folder on this machine that its relative paths are meant from. */
  readonly workingDirectory: string;
  readonly fields: RunFields;
  readonly metrics: RunMetrics;
  readonly intake: RunIntake;
  readonly pump: OutputPump;
  /** Takes in everything said and printed so far; true when there was anything. */
  pull(): Promise<boolean>;
  statusChanged(): void;
  /** Removes what was taken in; for runs whose processes are gone. */
  discard(): Promise<void>;
}

export interface SessionOptions {
  readonly project: OpenProject;
  readonly fields: RunFields;
  /** Root of the files that the run works on: the project, or its isolated copy. */
  readonly root: string;
  readonly workingDirectory: string;
  readonly spoolDirectory?: string;
  /** Name of what finds metrics in its output. */
  readonly parser: string;
  readonly originId?: string;
  /** The run's processes are gone, and another engine may have taken in some of what they left. */
  readonly late?: boolean;
  readonly events: RunEvents;
  answer(method: string, params: JsonObject): Promise<JsonObject>;
}

export function createRunSession(options: SessionOptions): RunSession {
  const { project, fields, events } = options;
  const origin = options.originId === undefined ? {} : { originId: options.originId };
  const folder = project.taskFolder(fields.id, options.spoolDirectory);
  const metrics = createRunMetrics(project, fields, events.metricLogged);
  const intake = createRunIntake({
    project,
    run: fields,
    metrics,
    folder,
    root: options.root,
    workingDirectory: options.workingDirectory,
    ...(options.late ? { late: true } : {}),
    answer: options.answer,
    warn: (message) => events.warn(message, fields.id),
  });
  const textOf = createOutputDecoder();
  const parser = parserNamed(project, options.parser);
  const command = fields.get("command") as Command | undefined;
  const pump = createOutputPump({
    project,
    run: { id: fields.id, ...(command === undefined ? {} : { command }) },
    folder,
    metrics,
    ...(parser ? { parser } : {}),
    async onParserProblem(reason) {
      events.warn(`not all of the output was parsed: ${reason}`, fields.id);
      await fields.write({ parserProblem: reason }).catch(() => undefined);
    },
    onOutput: (chunk, offset) =>
      events.output({
        runId: fields.id,
        ...origin,
        text: textOf(chunk),
        offset,
        nextOffset: offset + chunk.length,
      }),
  });
  return {
    root: options.root,
    workingDirectory: options.workingDirectory,
    fields,
    metrics,
    intake,
    pump,
    async pull() {
      const printed = pump.offset();
      // Output goes on being passed on while the disk takes nothing.
      const said = await intake.pull().finally(() => pump.pull());
      return said || pump.offset() > printed;
    },
    discard: () => folder.discard(),
    statusChanged: () => events.statusChanged({ runId: fields.id, ...origin, run: fields.run() }),
  };
}

/**
 * Text of one stretch of output after the other. A big one comes as an empty text, which tells the client to
 * read on in the log: decoding and sending a flood would cost more than everything else about it.
 */
function createOutputDecoder(): (chunk: Buffer) => string {
  let decoder = new TextDecoder("utf-8");
  return (chunk) => {
    if (chunk.length <= MOST_TEXT_BYTES) return decoder.decode(chunk, { stream: true });
    decoder = new TextDecoder("utf-8");
    return "";
  };
}

/**
 * Takes a metrics document (`metrics.json`, `stats.json`) of a finished run as one point per number.
 * Names that the run logged itself are left alone: the series knows better.
 */
export async function takeMetricsDocument(
  project: OpenProject,
  session: RunSession,
  file: string,
  document: JsonObject,
): Promise<void> {
  // A source of its own: an engine that takes it in once more, after another died, adds nothing.
  const id = createHash("sha256").update(`document ${file}`).digest("hex").slice(0, 16);
  if ((await project.series.takenTo(session.fields.id, id)) > 0) return;
  const logged = new Set(Object.keys(session.fields.run().metrics));
  const name: string[] = [];
  const value: number[] = [];
  for (const [key, item] of numbersOf("", document)) {
    if (logged.has(key)) continue;
    name.push(key);
    value.push(item);
  }
  if (name.length === 0) return;
  const now = Date.now();
  const points = { name, value, step: name.map(() => 0), at: name.map(() => now) };
  await session.metrics.append(points, { id, from: 0, to: 1 });
}

function numbersOf(prefix: string, value: JsonObject): [string, number][] {
  return Object.entries(value).flatMap(([key, item]): [string, number][] => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof item === "number") return [[name, item]];
    if (item === "NaN" || item === "Infinity" || item === "-Infinity")
      return [[name, metricFromWire(item as MetricValue)]];
    const nested = item !== null && typeof item === "object" && !Array.isArray(item);
    return nested ? numbersOf(name, item as JsonObject) : [];
  });
}

/** Keys below a prefix in a run's fields, e.g. the names of its tags. */
export function fieldKeys(fields: { readonly [path: string]: Json }, prefix: string): string[] {
  return Object.keys(fields)
    .filter((path) => path.startsWith(`${prefix}/`) && fields[path] !== null)
    .map((path) => pathKeys(path)[1] ?? "");
}
