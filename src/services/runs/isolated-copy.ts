import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeFolder } from "../../util/remove-folder.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";

/** A folder of its own with the code of a snapshot, for a run that must not touch the user's tree. */
export interface IsolatedCopy {
  readonly root: string;
  /** Inputs linked in that no snapshot holds (`data/`, `.venv`): nobody can tell whether they changed. */
  readonly notCaptured: readonly string[];
  /** From its begin on, nothing is left under the name. What cannot be removed now is removed later. */
  remove(): Promise<void>;
}

export async function createIsolatedCopy(
  project: OpenProject,
  runId: string,
  tree: string,
  options: WorkOptions = {},
): Promise<IsolatedCopy> {
  const copy = isolatedCopyOf(project, runId, []);
  try {
    await mkdir(isolatedHome(project, runId), { recursive: true, mode: 0o700 });
    await project.snapshots.exportTree(tree, copy.root, options);
    return { ...copy, notCaptured: await linkIgnored(project, copy.root) };
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

/** The copy that was made for this run by whoever prepared it. */
export function isolatedCopyOf(
  project: OpenProject,
  runId: string,
  notCaptured: readonly string[],
): IsolatedCopy {
  const home = isolatedHome(project, runId);
  return { root: join(home, "project"), notCaptured, remove: () => removeHome(home) };
}

/** Where the isolated copy of a run lies while it runs. */
export function isolatedHome(project: OpenProject, runId: string): string {
  return join(project.datmo, "isolated", runId);
}

/** Removes what copies left behind: of runs that are not open any more, and what could not be removed before. */
export async function sweepIsolated(project: OpenProject): Promise<void> {
  const folder = join(project.datmo, "isolated");
  // Names first: whose copy is there and who is not open after that has ended.
  const names = await readdir(folder).catch(() => [] as string[]);
  if (names.length === 0) return;
  const open = new Set(await project.openRuns.ids());
  for (const name of names) {
    if (!open.has(name)) await removeFolder(join(folder, name)).catch(() => undefined);
  }
}

/** Renamed first: under its name a copy is whole, so that whoever still reads it can tell. */
async function removeHome(home: string): Promise<void> {
  const aside = join(dirname(home), `.removed-${randomBytes(6).toString("hex")}`);
  try {
    await rename(home, aside);
  } catch {
    // It is not there, or may not be renamed: a sweep tries again.
    return;
  }
  await removeFolder(aside).catch(() => undefined);
}

/** Caches of tools are made again by themselves; linking them would let two runs write into one. */
const MADE_AGAIN = /(^|\/)(__pycache__|\.[a-z]+_cache|\.ipynb_checkpoints|\.DS_Store)$|\.py[co]$/;

async function linkIgnored(project: OpenProject, root: string): Promise<string[]> {
  const linked: string[] = [];
  for (const path of await project.snapshots.ignoredPaths()) {
    if (MADE_AGAIN.test(path)) continue;
    const target = join(root, path);
    const source = join(project.directory, path);
    const [there, original] = await Promise.all([
      lstat(target).catch(() => undefined),
      lstat(source).catch(() => undefined),
    ]);
    if (there || !original) continue;
    await mkdir(dirname(target), { recursive: true });
    await symlink(source, target);
    linked.push(path);
  }
  return linked;
}
