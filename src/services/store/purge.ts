import { join } from "node:path";
import { randomId } from "../../domain/ids.ts";
import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { StorePurgeParams, StorePurgeResult } from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { lstatOf } from "../../util/safe-files.ts";
import { findRecord } from "../lookup.ts";
import type { PurgeTarget } from "../ports/collecting.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { insideProject } from "../snapshots/input-files.ts";
import { forgetState, tombstone } from "./gone-records.ts";
import { pathPattern } from "./path-pattern.ts";
import { finishPurges, mark, takeOut } from "./purge-records.ts";
import { removeReference, requireReferences } from "./references.ts";
import { keptTrees, takeCensus } from "./run-census.ts";

interface Resolved {
  readonly target: PurgeTarget;
  readonly patterns: readonly string[];
  readonly snapshots: readonly StoredRecord[];
}

/** Removes files from everything that was recorded, or whole snapshots, for good. A record of it stays. */
export async function purgeStore(
  project: OpenProject,
  params: StorePurgeParams,
  options: WorkOptions,
): Promise<StorePurgeResult> {
  await finishPurges(project);
  await requireReferences(project);
  options.progress?.({ message: "Looking for what is to go" });
  const found = await resolve(project, params.targets, options);
  const { blobs, paths } = found.target;
  await requireIdle(project, new Set(blobs));
  const removed = new Set(found.snapshots.map(({ id }) => id));
  const holders = (await project.collector.holders(blobs, options)).filter((id) => !removed.has(id));
  const told = {
    paths: [...paths],
    contents: blobs.length,
    snapshots: holders,
    removedSnapshots: [...removed],
    stillThere: found.patterns.length === 0 ? [] : await inProject(project, paths),
    taskFiles: await inTaskFolders(project, paths),
  };
  if (params.dryRun) return { dryRun: true, ...told };
  const id = randomId();
  await carryOut(project, id, found, options);
  return { dryRun: false, id, ...told };
}

async function carryOut(
  project: OpenProject,
  id: string,
  found: Resolved,
  options: WorkOptions,
): Promise<void> {
  const at = new Date().toISOString();
  const { blobs } = found.target;
  await mark(project);
  await project.records.commit([
    { kind: "purge", id, set: { at, blobs: [...blobs] as Json, paths: [...found.patterns] as Json } },
    ...found.snapshots.map((record) => ({
      kind: "snapshot" as const,
      id: record.id,
      set: tombstone(record, at),
    })),
  ]);
  for (const record of found.snapshots) {
    await forgetState(project, record);
    await removeReference(project, record.id);
  }
  await takeOut(project, blobs, options);
  options.progress?.({ message: "Removing what nothing needs any more" });
  await project.collector.collect(
    { dryRun: false, without: [], keptTrees: () => keptTrees(project) },
    options,
  );
}

/** Each target is a path, a pattern of paths, or a snapshot. */
async function resolve(
  project: OpenProject,
  targets: readonly string[],
  options: WorkOptions,
): Promise<Resolved> {
  const blobs = new Set<string>();
  const paths = new Set<string>();
  const patterns: string[] = [];
  const snapshots: StoredRecord[] = [];
  const kept = await keptTrees(project);
  for (const asked of targets) {
    const snapshot = await snapshotOf(project, asked);
    const pattern = patternOf(project, asked);
    const query = { snapshots: [], keptTrees: kept };
    const found =
      pattern === undefined
        ? { blobs: [], paths: [] }
        : await project.collector.find({ ...query, matches: pathPattern(pattern) }, options);
    if (snapshot && found.paths.length > 0) {
      const problems = [{ path: "/targets", message: `${asked} is a path and a snapshot` }];
      const summary = `"${asked}" is a path and a snapshot: give the snapshot's id, or ./${asked} for the path.`;
      throw errors.INVALID_PARAMS({ summary, problems });
    }
    if (snapshot) snapshots.push(snapshot);
    else if (found.blobs.length === 0 || pattern === undefined)
      throw errors.NOTHING_TO_PURGE({ target: asked });
    else patterns.push(pattern);
    for (const id of found.blobs) blobs.add(id);
    for (const path of found.paths) paths.add(path);
  }
  if (snapshots.length > 0) {
    const query = { snapshots: snapshots.map(({ id }) => id), keptTrees: kept };
    const own = await project.collector.find(query, options);
    for (const id of own.blobs) blobs.add(id);
    for (const path of own.paths) paths.add(path);
  }
  return { target: { blobs: [...blobs].sort(), paths: [...paths].sort() }, patterns, snapshots };
}

async function snapshotOf(project: OpenProject, asked: string): Promise<StoredRecord | undefined> {
  if (asked.includes("/")) return undefined;
  try {
    return await findRecord(project, "snapshot", asked);
  } catch (error) {
    if (isDatmoError(error) && error.kind === "SNAPSHOT_NOT_FOUND") return undefined;
    throw error;
  }
}

function patternOf(project: OpenProject, asked: string): string | undefined {
  const inside = insideProject(project.directory, asked);
  return inside === "" ? undefined : inside;
}

/** A run that goes on would keep the contents again, or miss them. */
async function requireIdle(project: OpenProject, blobs: ReadonlySet<string>): Promise<void> {
  const { keptTrees: trees } = await takeCensus(project);
  for (const id of await project.openRuns.ids()) {
    const tree = trees.get(id);
    const files = tree ? await project.snapshots.listTree(tree) : [];
    if (!files.some(({ blobId }) => blobs.has(blobId))) continue;
    const record = await project.records.get("run", id);
    throw errors.RUN_ACTIVE({ id, status: String(record?.fields["status"] ?? "running") });
  }
}

async function inProject(project: OpenProject, paths: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (const path of paths) if (await isFile(join(project.directory, path))) there.push(path);
  return there;
}

async function inTaskFolders(
  project: OpenProject,
  paths: readonly string[],
): Promise<{ runId: string; path: string }[]> {
  const found: { runId: string; path: string }[] = [];
  for (const runId of (await takeCensus(project)).recorded) {
    const folder = project.taskDirectory(runId);
    if (!(await lstatOf(folder))) continue;
    for (const path of paths) if (await isFile(join(folder, path))) found.push({ runId, path });
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  const facts = await lstatOf(path).catch(() => undefined);
  return facts !== undefined && !facts.isDirectory();
}
