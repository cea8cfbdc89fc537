import { lstat, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OpenProject } from "./open-project.ts";
import type { WorkOptions } from "./ports/snapshots.ts";

/** A folder of its own with the code of a snapshot, for a run that must not touch the user's tree. */
export interface IsolatedCopy {
  readonly root: string;
  /** Inputs linked in that no snapshot holds (`data/`, `.venv`): nobody can tell whether they changed. */
  readonly notCaptured: readonly string[];
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
  return {
    root: join(home, "project"),
    notCaptured,
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** Where the isolated copy of a run lies while it runs. */
export function isolatedHome(project: OpenProject, runId: string): string {
  return join(project.datmo, "isolated", runId);
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
