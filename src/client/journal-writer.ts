import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { appendLine } from "../util/append-line.ts";
import type { Json, JsonObject } from "../util/json.ts";
import { identityOf } from "../util/process-identity.ts";
import { holdFolder, isBareName, UnusableFile } from "../util/safe-files.ts";

/** Says something about a run from inside it, without an engine: appends to its journal. */
export interface JournalWriter {
  /** Name of the journal file, `.jsonl` left out. */
  readonly writer: string;
  /**
   * Appends one entry (`schemas/run-journal.schema.json`; `v` and `at` are put in when absent). When it
   * resolves, the entry survives the end of this process. Throws `RangeError` for an entry over 1 MiB that
   * cannot be divided (points can), `UnusableFile` and what the system says.
   */
  append(entry: JsonObject & { readonly type: string }): Promise<void>;
}

export interface JournalWriterOptions {
  /** `DATMO_TASK_DIR`. */
  readonly taskDirectory: string;
  /** Default: named after the calling process, so that a shell loop of a thousand calls fills one file. */
  readonly writer?: string;
  /** For `at`; default now. */
  readonly now?: () => Date;
}

const LINE_BYTES = 1024 * 1024;

export async function openJournalWriter(options: JournalWriterOptions): Promise<JournalWriter> {
  const writer = options.writer ?? (await callersName());
  if (!isBareName(writer)) throw new UnusableFile(`${writer} is no name of a journal`);
  const now = options.now ?? (() => new Date());
  return {
    writer,
    async append(entry) {
      const line = { v: 1, at: now().toISOString(), ...entry };
      const lines = divided(line);
      await mkdir(join(options.taskDirectory, "journal"), { recursive: true, mode: 0o700 });
      const folder = await holdFolder(join(options.taskDirectory, "journal"));
      if (!folder) throw new UnusableFile("the run's journal folder was removed");
      try {
        for (const text of lines) await appendLine(folder.at(`${writer}.jsonl`), text);
      } finally {
        await folder.close();
      }
    },
  };
}

/** Host, pid and start of the parent: no two shells share a file, not over machines nor containers. */
async function callersName(): Promise<string> {
  const parent = await identityOf(process.ppid);
  const started = (parent?.startTime ?? "").replace(/[^A-Za-z0-9]+/g, "");
  const host = hostname().replace(/[^A-Za-z0-9]+/g, "-");
  return `cli-${host.slice(0, 60)}-${process.ppid}-${started}`;
}

function divided(line: JsonObject): string[] {
  const text = JSON.stringify(line);
  if (Buffer.byteLength(text) <= LINE_BYTES) return [text];
  const points = line["points"] as Readonly<Record<string, readonly Json[]>> | undefined;
  const length = points?.["name"]?.length ?? 0;
  if (line["type"] !== "points" || !points || length < 2) {
    throw new RangeError(`an entry of a run's journal may take ${LINE_BYTES} bytes at most`);
  }
  const half = Math.ceil(length / 2);
  return [
    ...divided({ ...line, points: slice(points, 0, half) }),
    ...divided({ ...line, points: slice(points, half, length) }),
  ];
}

function slice(columns: Readonly<Record<string, readonly Json[]>>, from: number, to: number): JsonObject {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(from, to)]));
}
