import { resolve } from "node:path";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { ExporterRunParams, ExporterRunResult } from "../../protocol/types.ts";
import { isWithin, realOf } from "../../util/real-path.ts";
import { findRecord } from "../lookup.ts";
import type { ExportedRun, Exporting, Pieces } from "../ports/exporters.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { projectOf } from "../project/project-record.ts";
import { everyRun, selectorOf } from "../runs/run-queries.ts";
import { chooseExporter } from "./choose-exporter.ts";
import { type ExportFolder, openExportFolder } from "./export-folder.ts";
import { exportedRun } from "./exported-run.ts";

const MOST_PROBLEMS = 100;

/** Writes runs as the files of another tool. `start`: what a relative folder is meant from. */
export async function exportRuns(
  project: OpenProject,
  start: string,
  params: ExporterRunParams,
  options: WorkOptions,
): Promise<ExporterRunResult> {
  const { format, force = false } = params;
  const exporter = await chooseExporter(project, format);
  const ids = await wantedRuns(project, params);
  const directory = resolve(start, params.directory);
  await refuseOwnFolder(project, directory);
  const folder = await openExportFolder(directory, { format, force });
  const problems: string[] = [];
  try {
    const { id, name } = await projectOf(project);
    const signal = options.signal ?? new AbortController().signal;
    const exporting = exporter.open({ directory, project: { id, name }, signal });
    await walk({ project, params, options, folder, exporting, ids, problems });
  } finally {
    await folder.close();
  }
  const { files, unchanged, bytes } = folder.written;
  return {
    format,
    directory,
    runs: ids.length,
    files,
    unchanged,
    bytes,
    problems: problems.slice(0, MOST_PROBLEMS),
  };
}

interface Walk {
  readonly project: OpenProject;
  readonly params: ExporterRunParams;
  readonly options: WorkOptions;
  readonly folder: ExportFolder;
  readonly exporting: Exporting;
  readonly ids: readonly string[];
  readonly problems: string[];
}

async function walk({ project, params, options, folder, exporting, ids, problems }: Walk): Promise<void> {
  const whole = folder.group();
  await writeAll(exporting.begin());
  for (const [at, id] of ids.entries()) {
    options.signal?.throwIfAborted();
    options.progress?.({ message: "Exporting runs", done: at, total: ids.length });
    const record = await project.records.get("run", id);
    // Deleted meanwhile.
    if (!record || record.deleted) continue;
    const run = await exportedRun(project, record, params.system === true);
    const group = folder.group();
    await writeAll(exporting.run(run), run);
    await group.complete();
  }
  await writeAll(exporting.end());
  await whole.complete();

  async function writeAll(pieces: Pieces, run?: ExportedRun): Promise<void> {
    for await (const { path, mode, content } of pieces) {
      options.signal?.throwIfAborted();
      if (typeof content === "string") await folder.write(path, mode, Buffer.from(content));
      else if (content instanceof Uint8Array) await folder.write(path, mode, content);
      else await writeKept(path, mode, content.kept, run);
    }
  }

  /** A file of one run that is not there any more does not cost all the rest. */
  async function writeKept(
    path: string,
    mode: "create" | "append",
    kept: string,
    run: ExportedRun | undefined,
  ): Promise<void> {
    let next = mode;
    try {
      if (!run) throw errors.FILE_NOT_FOUND({ path: kept });
      for await (const chunk of run.content(kept)) {
        options.signal?.throwIfAborted();
        await folder.write(path, next, chunk);
        next = "append";
      }
      if (next === "create") await folder.write(path, next, new Uint8Array());
    } catch (error) {
      if (!isDatmoError(error) || !UNREADABLE.has(error.kind)) throw error;
      problems.push(`${kept} of ${run?.facts.name}: ${error.message}`);
    }
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "FILE_NOT_FOUND",
  "RUN_ACTIVE",
  "SNAPSHOT_NOT_FOUND",
  "SNAPSHOT_CORRUPT",
  "SNAPSHOT_BAD",
]);

/** Ids of the runs, oldest first, so that what is written does not move when runs are added. */
async function wantedRuns(project: OpenProject, params: ExporterRunParams): Promise<string[]> {
  const wanted = selectorOf(params);
  const named = params.runs && new Set((await Promise.all(params.runs.map(find))).map(({ id }) => id));
  const ids: string[] = [];
  for await (const run of everyRun(project)) {
    if ((!named || named.has(run.id)) && (!wanted || wanted(run))) ids.push(run.id);
  }
  return ids.reverse();

  function find(asked: string): Promise<StoredRecord> {
    return findRecord(project, "run", asked);
  }
}

/** What datmo itself keeps is no place for others' files. */
async function refuseOwnFolder(project: OpenProject, directory: string): Promise<void> {
  if (!isWithin(await realOf(project.datmo), await realOf(directory))) return;
  throw errors.PATH_INVALID({ path: directory, reason: "it is datmo's own folder" });
}
