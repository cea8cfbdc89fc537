import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { fieldPath } from "../../domain/field-paths.ts";
import { metricFromWire } from "../../domain/metric-values.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { RunCreateParams } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { PointColumns } from "../ports/series.ts";
import type { FileEntry } from "../ports/snapshots.ts";
import type { JournalRecord, TaskFolderTail } from "../ports/task-folders.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { FilesState } from "../snapshots/files-state.ts";
import { createKeptFiles, type NamedSource } from "./kept-files.ts";
import { recordedFields } from "./recorded-fields.ts";
import type { RunFields } from "./run-fields.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** How a script said that it ended. */
export interface SaidEnd {
  readonly status: "succeeded" | "failed" | "stopped";
  readonly exitCode?: number;
  readonly error?: { readonly kind: string; readonly message: string };
  readonly at: string;
}

/**
 * Takes in what the processes of one run leave in its task folder. Nothing in there is trusted.
 * Changes are committed without waiting for the disk: the journal that they came from is kept until the
 * run's end is durable.
 */
export interface RunIntake {
  /** Reads what is new; true when there was anything. Calls are serialised; each sees all that was written before. */
  pull(): Promise<boolean>;
  /** Takes in a stretch of a spool that the client told about. */
  spool(file: string, from: number, to: number): Promise<{ points: number; durableTo: number }>;
  /** Keeps a file with the run, as it is now. */
  keepFile(source: string, name: string): Promise<FileEntry>;
  readonly end: () => SaidEnd | undefined;
  /** Tree and entries of the files kept so far and of what the run left besides; undefined when there is none. */
  files(left: readonly NamedSource[]): Promise<FilesState | undefined>;
  /** The same while a request of the run's journal is answered, and only then: reading the journal goes on after it. */
  filesWithin(left: readonly NamedSource[]): Promise<FilesState | undefined>;
}

export interface IntakeOptions {
  readonly project: OpenProject;
  readonly run: RunFields;
  readonly metrics: RunMetrics;
  readonly folder: TaskFolderTail;
  /** Root of the files that the run works on: the project, or its isolated copy. */
  readonly root: string;
  /** Folder that relative paths in the journal are meant from. */
  readonly workingDirectory: string;
  /** The run's processes are gone, and another engine may have taken in some of what they left. */
  readonly late?: boolean;
  /** Answers a request in the journal; what it throws is the answer's error. */
  answer(method: string, params: JsonObject): Promise<JsonObject>;
  warn(message: string): void;
}

export function createRunIntake(options: IntakeOptions): RunIntake {
  const { project, run, metrics, folder } = options;
  const lines = new Map<string, number>();
  /** Lines that were read, and how many of them are taken in. */
  let backlog: readonly JournalRecord[] = [];
  let taken = 0;
  const spoolOffsets = new Map<string, number>();
  let said: SaidEnd | undefined;
  const kept = createKeptFiles(options);
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  }

  /** The client wrote it down in case no engine could be started; `run.create` has usually told all of it. */
  async function begin(params: RunCreateParams, at: string): Promise<void> {
    const first = Object.entries(recordedFields(params, params.startedAt ?? at, false));
    const missing = first.filter(([path]) => run.get(path) === undefined);
    if (missing.length > 0) await run.write(Object.fromEntries(missing), "process");
  }

  async function takePoints(record: JournalRecord, index: number): Promise<void> {
    const id = createHash("sha256").update(`journal ${record.writer}`).digest("hex").slice(0, 16);
    if (index < (await project.series.takenTo(run.id, id))) return;
    await metrics.append(columnsOf(record.line["points"] as JsonObject), { id, from: index, to: index + 1 });
  }

  async function answerRequest(record: JournalRecord): Promise<void> {
    // Nobody waits for the answer any more, and it may have been given.
    if (options.late) return;
    const { id, method, params } = record.line as { id: string; method: string; params: JsonObject };
    // What was logged before the request is part of what it asks for.
    await takeSpools();
    let answer: JsonObject;
    try {
      answer = { id, result: await options.answer(method, params) };
    } catch (error) {
      const known = isDatmoError(error);
      const details: JsonObject = known ? error.details : {};
      const kind = known ? error.kind : "INTERNAL_ERROR";
      answer = {
        id,
        error: { code: known ? error.code : -32603, kind, message: (error as Error).message, details },
      };
    }
    await folder.reply(record.writer, answer);
  }

  async function takeLine(record: JournalRecord, index: number): Promise<void> {
    const { line } = record;
    switch (line["type"]) {
      case "begin":
        return begin(line["run"] as RunCreateParams, line["at"] as string);
      case "config":
        return run.mergeConfig(line["config"] as JsonObject, "process");
      case "points":
        return takePoints(record, index);
      case "file":
        return kept.take(record, index);
      case "tag":
        return run.write(tagFields(line), "process");
      case "summary":
        return run.write(summaryFields(line["summary"] as JsonObject), "process");
      case "update":
        return run.write(pick(line, ["name", "note", "group"]), "process");
      case "request":
        return answerRequest(record);
      case "end":
        said = endOf(line);
    }
  }

  async function takeJournal(): Promise<boolean> {
    let any = false;
    for (;;) {
      if (taken === backlog.length) {
        // One reading is bounded in size; a long journal needs several.
        backlog = await folder.readJournal();
        taken = 0;
        if (backlog.length === 0) return any;
      }
      any = true;
      await takeRecord(backlog[taken] as JournalRecord);
      taken++;
    }
  }

  async function takeSpools(): Promise<boolean> {
    let any = false;
    let trouble: unknown;
    for (const spool of await folder.spools()) {
      try {
        const { points } = await takeSpool(spool.path, spoolOffsets.get(spool.path) ?? 0);
        any ||= points > 0;
      } catch (error) {
        if (isDiskTrouble(error)) trouble ??= error;
        else options.warn(`spool ${basename(spool.path)}: ${(error as Error).message}`);
      }
    }
    if (trouble !== undefined) throw trouble;
    return any;
  }

  /** Throws when the disk does not take it: then the line stays, and is taken in when there is room again. */
  async function takeRecord(record: JournalRecord): Promise<void> {
    const index = lines.get(record.writer) ?? 0;
    try {
      await takeLine(record, index);
    } catch (error) {
      if (isDiskTrouble(error)) throw error;
      // One bad line must not keep the rest of the run from being recorded.
      options.warn(`journal ${record.writer}, line ${index + 1}: ${(error as Error).message}`);
    }
    lines.set(record.writer, index + 1);
  }

  async function takeSpool(
    path: string,
    from: number,
    to?: number,
  ): Promise<{ points: number; durableTo: number }> {
    const answer = await metrics.appendSpool({ path, from, ...(to === undefined ? {} : { to }) });
    spoolOffsets.set(path, Math.max(spoolOffsets.get(path) ?? 0, answer.durableTo));
    return answer;
  }

  return {
    pull: () =>
      inTurn(async () => {
        const said = await takeJournal();
        const logged = await takeSpools();
        await metrics.publish();
        return said || logged;
      }),
    spool: (file, from, to) =>
      inTurn(async () => {
        const found = (await folder.spools()).find((spool) => basename(spool.path) === file);
        const path = found?.path ?? resolve(project.taskDirectory(run.id), "spool", file);
        const answer = await takeSpool(path, Math.min(from, spoolOffsets.get(path) ?? from), to);
        await metrics.publish();
        return answer;
      }),
    keepFile: (source, name) => inTurn(() => kept.keep(source, name)),
    end: () => said,
    files: (left) => inTurn(() => kept.all(left)),
    filesWithin: (left) => kept.all(left),
  };
}

/** A full or failing disk: nothing is wrong with what was to be taken in. */
function isDiskTrouble(thrown: unknown): boolean {
  if (isDatmoError(thrown)) return thrown.kind === "DISK_FULL" || thrown.kind === "STORAGE_IO";
  return ["ENOSPC", "EDQUOT", "EIO"].includes((thrown as NodeJS.ErrnoException).code ?? "");
}

function columnsOf(points: JsonObject): PointColumns {
  const value = (points["value"] as (number | string)[]).map((item) => metricFromWire(item));
  const at = (points["at"] as number[]).map((seconds) => seconds * 1000);
  return { name: points["name"] as string[], step: points["step"] as number[], value, at };
}

function tagFields(line: JsonObject): Record<string, Json> {
  const set: Record<string, Json> = {};
  for (const tag of (line["add"] as string[] | undefined) ?? []) set[fieldPath("tags", tag)] = true;
  for (const tag of (line["remove"] as string[] | undefined) ?? []) set[fieldPath("tags", tag)] = null;
  return set;
}

function summaryFields(summary: JsonObject): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(summary).map(([key, value]) => [fieldPath("summary", key), value]),
  );
}

function pick(line: JsonObject, keys: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    keys.filter((key) => line[key] !== undefined).map((key) => [key, line[key] as Json]),
  );
}

function endOf(line: JsonObject): SaidEnd {
  const { status, exitCode, error, at } = line as unknown as SaidEnd;
  return {
    status,
    at,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(error === undefined ? {} : { error }),
  };
}
