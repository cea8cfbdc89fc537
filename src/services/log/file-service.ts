import { constants, copyFile, open, stat, writeFile } from "node:fs/promises";
import { basename, isAbsolute, resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type {
  FileEntry,
  FileGetParams,
  FileGetResult,
  FileListParams,
  FileLogParams,
} from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ActiveRuns } from "../runs/active-runs.ts";
import type { RunIntake } from "../runs/run-intake.ts";
import { runFiles } from "../runs/run-queries.ts";
import { destination } from "../snapshots/path-specs.ts";
import type { LoggingRun } from "./metric-service.ts";

/** Largest content that travels inside an answer. */
const INLINE_BYTES = 8 * 1024 * 1024;

export interface KeepingRun extends LoggingRun {
  readonly session?: LoggingRun["session"] & { readonly intake: RunIntake };
}

/** Keeps a file with an open run of this engine, as it is now. */
export async function logFile(
  project: OpenProject,
  active: ActiveRuns<KeepingRun>,
  params: FileLogParams,
): Promise<FileEntry> {
  const run = active.get(params.runId);
  if (!run?.session) throw errors.RUN_NOT_FOUND({ id: params.runId });
  const source = resolve(project.directory, params.path);
  const there = await stat(source).catch(() => undefined);
  if (!there) throw errors.FILE_NOT_FOUND({ path: params.path });
  return run.session.intake.keepFile(source, destination(params.path, params.name ?? basename(source)));
}

/** Files of a run or of a snapshot. */
export async function listFiles(project: OpenProject, params: FileListParams): Promise<FileEntry[]> {
  if (params.runId !== undefined)
    return runFiles(await findRecord(project, "run", params.runId, { deleted: true }));
  const record = await findRecord(project, "snapshot", ownerOf(params));
  return (record.fields["files"] as unknown as FileEntry[] | undefined) ?? [];
}

/** One kept file: into the answer, or to a place on disk that must be free. */
export async function getFile(project: OpenProject, params: FileGetParams): Promise<FileGetResult> {
  const file = (await listFiles(project, params)).find((entry) => entry.path === params.path);
  if (!file) throw errors.FILE_NOT_FOUND({ path: params.path });
  const blobId = await blobOfFile(project, params, file.path);
  if (params.destination === undefined) {
    const content = await project.snapshots.readFile(blobId, INLINE_BYTES);
    return { file, content: content.toString("base64") };
  }
  if (!isAbsolute(params.destination))
    throw errors.PATH_INVALID({ path: params.destination, reason: "it is relative" });
  await writeTo(project, blobId, params.destination, file.bytes);
  return { file };
}

/** The stored content of a kept file. Throws FILE_NOT_FOUND and RUN_ACTIVE. */
export async function blobOfFile(
  project: OpenProject,
  params: FileListParams,
  path: string,
): Promise<string> {
  const tree = await treeOf(project, params);
  const entry = tree && (await project.snapshots.listTree(tree)).find((item) => item.path === path);
  if (!entry) throw errors.FILE_NOT_FOUND({ path });
  return entry.blobId;
}

/** Tree of the files of a snapshot, of a run's after-snapshot, or of what a run without one kept. */
async function treeOf(project: OpenProject, params: FileListParams): Promise<string | undefined> {
  let { snapshotId } = params;
  if (snapshotId === undefined) {
    const { id, fields } = await findRecord(project, "run", ownerOf(params), { deleted: true });
    const { afterSnapshotId, keptTree, status } = fields;
    if (typeof afterSnapshotId !== "string") {
      if (typeof keptTree === "string") return keptTree;
      throw errors.RUN_ACTIVE({ id, status: String(status) });
    }
    snapshotId = afterSnapshotId;
  }
  const snapshot = await findRecord(project, "snapshot", snapshotId);
  return snapshot.fields["filesTree"] as string | undefined;
}

function ownerOf(params: FileListParams): string {
  const id = params.runId ?? params.snapshotId;
  if (id !== undefined) return id;
  const problems = [{ path: "/runId", message: "is missing" }];
  throw errors.INVALID_PARAMS({ summary: "Name a run or a snapshot.", problems });
}

async function writeTo(project: OpenProject, blobId: string, path: string, bytes: number): Promise<void> {
  try {
    const big = await project.snapshots.storedFile(blobId);
    if (big !== undefined)
      return await copyFile(big, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await writeFile(path, await project.snapshots.readFile(blobId, Math.max(bytes, 1)), { flag: "wx" });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") throw errors.PATH_INVALID({ path, reason: "there is a file already" });
    if (code === "ENOENT") throw errors.PATH_INVALID({ path, reason: "its folder does not exist" });
    throw error;
  }
  const handle = await open(path, "r+");
  await handle.chmod(0o644).finally(() => handle.close());
}
