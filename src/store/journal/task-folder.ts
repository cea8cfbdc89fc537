import type { FileHandle } from "node:fs/promises";
import { mkdir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { TaskFolderTail } from "../../services/ports/task-folders.ts";
import { appendLine } from "../../util/append-line.ts";
import type { JsonObject } from "../../util/json.ts";
import {
  type HeldFolder,
  holdFolder,
  isBareName,
  openRegularFile,
  UnusableFile,
} from "../../util/safe-files.ts";
import type { Validate } from "./journal-line.ts";
import { followJournals } from "./journal-tail.ts";
import { createReport, type Report } from "./report.ts";
import { listSpools, type SpoolFile } from "./spool-files.ts";

export interface TaskFolderOptions {
  /** `.datmo/tasks/<run id>`; need not exist yet. */
  readonly taskDirectory: string;
  readonly runId: string;
  /** Where spool files lie besides the task folder; must be this user's, mode 0700. */
  readonly spoolDirectory?: string;
  /** Told in a sentence what cannot be used, each thing once. */
  readonly onProblem?: (message: string) => void;
  /** Checks a journal line; default: the generated validator, loaded when there is a first line. */
  readonly validate?: Validate;
  readonly limits?: Partial<TaskFolderLimits>;
}

export interface TaskFolderLimits {
  /** Bytes of one journal line. */
  readonly lineBytes: number;
  /** Files of one kind that are looked at. */
  readonly files: number;
  /** Bytes of journal that one call reads; what is left comes with the next call. */
  readonly bytesPerCall: number;
  /** Invalid lines after which a file is given up. */
  readonly invalidLines: number;
}

const LIMITS: TaskFolderLimits = {
  lineBytes: 1024 * 1024,
  files: 10_000,
  bytesPerCall: 32 * 1024 * 1024,
  invalidLines: 1000,
};
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Follows a run's task folder, of which nothing is trusted: no link is followed, only regular files are read,
 * sizes and counts are bounded. Nothing stays open between calls.
 *
 * One call of `readJournal` reads about `bytesPerCall`; who wants everything calls until it answers nothing.
 */
export function openTaskFolder(options: TaskFolderOptions): TaskFolderTail {
  const { taskDirectory, runId, validate } = options;
  const limits = { ...LIMITS, ...options.limits };
  const report = createReport(runId, options.onProblem ?? (() => {}));
  const journals = followJournals({ ...limits, validate, report });
  return {
    async readJournal() {
      return (await inSubfolder(taskDirectory, "journal", report, journals)) ?? [];
    },
    spools: () => allSpools(options, limits.files, report),
    async discard() {
      // A spool that could not be used stays: something may be saved from it by hand.
      for (const { path } of await allSpools(options, limits.files, report)) {
        // Another engine that reconciles may be at it as well.
        await unlink(path).catch(ignoreMissing);
      }
      await rmdir(join(taskDirectory, "spool")).catch(() => undefined);
      for (const name of ["journal", "reply"]) {
        await rm(join(taskDirectory, name), { recursive: true, force: true });
      }
    },
    reply: (writer, answer) => reply(options, writer, answer),
    async outputSize() {
      return (await withOutput(taskDirectory, report, async (_handle, size) => size)) ?? 0;
    },
    async readOutput(offset, limit) {
      const read = async (handle: FileHandle, size: number): Promise<Buffer> => {
        const buffer = Buffer.alloc(Math.max(0, Math.min(limit, size - offset, MAX_OUTPUT_BYTES)));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
        return buffer.subarray(0, bytesRead);
      };
      return (await withOutput(taskDirectory, report, read)) ?? Buffer.alloc(0);
    },
  };
}

async function allSpools(options: TaskFolderOptions, files: number, report: Report): Promise<SpoolFile[]> {
  const { taskDirectory, spoolDirectory, runId } = options;
  const own = { directory: join(taskDirectory, "spool"), runId, files, report, foreign: false };
  const here = await inSubfolder(taskDirectory, "spool", report, (folder) => listSpools(folder, own));
  if (spoolDirectory === undefined) return here ?? [];
  const foreign = { ...own, directory: spoolDirectory, foreign: true };
  const there = await inFolder(spoolDirectory, (folder) => listSpools(folder, foreign)).catch(
    report.unusable(spoolDirectory, undefined),
  );
  return [...(here ?? []), ...(there ?? [])];
}

async function withOutput<T>(
  taskDirectory: string,
  report: Report,
  use: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T | undefined> {
  const work = inFolder(taskDirectory, async (folder) => {
    const file = await openRegularFile(folder.at("output.log"));
    return file && use(file.handle, file.stats.size).finally(() => file.handle.close());
  });
  return work.catch(report.unusable("output.log", undefined));
}

async function reply(options: TaskFolderOptions, writer: string, answer: JsonObject): Promise<void> {
  const name = `${writer}.jsonl`;
  try {
    if (!isBareName(name)) throw new UnusableFile("its name is not usable");
    const done = await inFolder(options.taskDirectory, async (task) => {
      await mkdir(task.at("reply"), { mode: 0o700 }).catch(ignoreExisting);
      return inFolder(task.at("reply"), async (folder) => {
        await appendLine(folder.at(name), JSON.stringify(answer));
        return true;
      });
    });
    if (!done) throw new UnusableFile("the folder is missing");
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    throw errors.TASK_FILE_INVALID({ file: `reply/${name}`, runId: options.runId, reason: error.message });
  }
}

/** Undefined when the folder is not there. */
async function inFolder<T>(path: string, use: (folder: HeldFolder) => Promise<T>): Promise<T | undefined> {
  const folder = await holdFolder(path);
  return folder && use(folder).finally(() => folder.close());
}

/** Undefined when the folder is not there, or may not be used. */
async function inSubfolder<T>(
  path: string,
  name: string,
  report: Report,
  use: (folder: HeldFolder) => Promise<T>,
): Promise<T | undefined> {
  const work = inFolder(path, async (outer) => {
    const folder = await outer.folder(name);
    return folder && use(folder).finally(() => folder.close());
  });
  return work.catch(report.unusable(name, undefined));
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
