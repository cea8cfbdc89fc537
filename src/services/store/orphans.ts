import { join } from "node:path";
import { isId } from "../../domain/ids.ts";
import { removeFolder } from "../../util/remove-folder.ts";
import { lstatOf } from "../../util/safe-files.ts";
import type { OpenProject } from "../project/open-project.ts";
import { throwIfCancelled } from "./cancelled.ts";
import { folderBytes, namesIn } from "./folder-sizes.ts";
import type { RunCensus } from "./run-census.ts";

/** A run's folder is there a moment before its record. */
const AGE_MS = 3_600_000;

export interface Orphan {
  readonly path: string;
  readonly bytes: number;
}

/** Folders of runs that have no record, or no longer, copies of runs that have ended, lists of data of no run. */
export async function findOrphans(project: OpenProject, census: RunCensus): Promise<Orphan[]> {
  const paths: string[] = [];
  const copies = await namesIn(join(project.datmo, "isolated"));
  const folders = new Map<string, string[]>();
  for (const kind of ["tasks", "series"]) folders.set(kind, await namesIn(join(project.datmo, kind)));
  // Names first: whose folder is there and who is not open after that has ended.
  const open = new Set(await project.openRuns.ids());
  for (const { runId } of await project.openRuns.retired()) open.add(runId);
  for (const name of copies) if (!open.has(name)) paths.push(join(project.datmo, "isolated", name));
  for (const [kind, names] of folders) {
    for (const name of names) {
      const path = join(project.datmo, kind, name);
      if (!isId(name) || open.has(name) || census.recorded.has(name)) continue;
      if (census.collected.has(name) || (await isOld(path))) paths.push(path);
    }
  }
  const found: Orphan[] = [];
  for (const path of paths) found.push({ path, bytes: await folderBytes(path) });
  for (const { path, sha256, bytes } of await project.data.lists()) {
    if (!census.data.has(sha256) && (await isOld(path))) found.push({ path, bytes });
  }
  return found;
}

export async function removeOrphans(orphans: readonly Orphan[], signal?: AbortSignal): Promise<void> {
  for (const { path } of orphans) {
    throwIfCancelled(signal);
    await removeFolder(path);
  }
}

async function isOld(path: string): Promise<boolean> {
  const facts = await lstatOf(path);
  return facts !== undefined && facts.mtimeMs < Date.now() - AGE_MS;
}
