import { rm } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { snapshotFromRecord } from "../../domain/snapshot-record.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type {
  EnvironmentSummary,
  Skipped,
  SnapshotExportParams,
  SnapshotExportResult,
  SnapshotGetParams,
  SnapshotGetResult,
} from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { packagesOf } from "../compare/value-changes.ts";
import { findRecord } from "../lookup.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { checkPointers } from "./pointers.ts";

/** What a manifest tells of what could not be taken as it was. */
interface Notes {
  readonly unstable?: string[];
  readonly skipped?: Skipped[];
}

/** One snapshot with its environment, read from the hidden git store. */
export async function inspectSnapshot(
  project: OpenProject,
  { id: asked, verify }: SnapshotGetParams,
  options: WorkOptions,
): Promise<SnapshotGetResult> {
  const record = await findRecord(project, "snapshot", asked);
  const read = await project.snapshots.read(record.id);
  const files = await ofSnapshot(record.id, () => project.snapshots.listTree(read.codeTree));
  const snapshot = snapshotFromRecord(record);
  const code = (read.manifest["code"] ?? {}) as Notes;
  const kept = (read.manifest["kept"] ?? {}) as Notes;
  return {
    snapshot,
    unstable: [...(code.unstable ?? []), ...(kept.unstable ?? [])],
    skipped: [...(code.skipped ?? []), ...(kept.skipped ?? [])],
    pointers: await checkPointers(project, snapshot.config as JsonObject, {
      ...options,
      ...(verify ? { verify } : {}),
    }),
    environment: environmentSummary(read.manifest),
    codeFiles: files.length,
    codeBytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/** Puts code (and files, into `datmo_files/`) of a snapshot into a folder outside `.datmo`. */
export async function exportSnapshot(
  project: OpenProject,
  params: SnapshotExportParams,
  options: WorkOptions,
): Promise<SnapshotExportResult> {
  const inside = relative(project.datmo, params.directory);
  if (!isAbsolute(params.directory))
    throw errors.PATH_INVALID({ path: params.directory, reason: "it is relative" });
  if (inside === "" || (!inside.startsWith(`..${sep}`) && inside !== ".." && !isAbsolute(inside))) {
    throw errors.PATH_INVALID({ path: params.directory, reason: "it lies in .datmo" });
  }
  const record = await findRecord(project, "snapshot", params.id);
  return ofSnapshot(record.id, () => writeOut(project, record.id, params, options));
}

async function writeOut(
  project: OpenProject,
  id: string,
  params: SnapshotExportParams,
  options: WorkOptions,
): Promise<SnapshotExportResult> {
  const read = await project.snapshots.read(id);
  if (params.only === "files") {
    if (read.filesTree === undefined) return { files: 0, bytes: 0 };
    return project.snapshots.exportTree(read.filesTree, params.directory, options);
  }
  const code = await project.snapshots.exportTree(read.codeTree, params.directory, options);
  if (read.filesTree === undefined || params.only === "code") return code;
  const directory = join(params.directory, "datmo_files");
  try {
    const files = await project.snapshots.exportTree(read.filesTree, directory, options);
    return { files: code.files + files.files, bytes: code.bytes + files.bytes };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** What is damaged is told of the snapshot that was asked for, not of the tree or the file that was read. */
async function ofSnapshot<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDatmoError(error) || error.kind !== "SNAPSHOT_CORRUPT") throw error;
    throw errors.SNAPSHOT_CORRUPT({ id, reason: String(error.details["reason"]) }, { cause: error });
  }
}

function environmentSummary(manifest: JsonObject): EnvironmentSummary {
  const environment = (manifest["environment"] ?? {}) as Record<string, unknown>;
  const python = environment["python"] as { version: string; requirements: string } | undefined;
  const r = environment["r"] as { version: string } | undefined;
  return {
    kind: (environment["kind"] as string | undefined) ?? "host",
    ...(python ? { python: python.version, requirements: python.requirements } : {}),
    ...(r ? { r: r.version } : {}),
    packages: [...packagesOf(manifest)].map(([name, version]) => ({ name, version })),
    definition: (environment["definition"] as string[] | undefined) ?? [],
  };
}
