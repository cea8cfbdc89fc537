import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OpenProject } from "../project/open-project.ts";

/** Folder in a run's task folder; hidden, so that nothing of it gets into a snapshot. */
export const FOLDER = ".workspace";

/** A file of a workspace: path in its folder, text, and whether it is a program. */
export interface WorkspaceFile {
  readonly path: string;
  readonly text: string;
  readonly program?: true;
}

/** Writes files that only their owner can read. `user`: `uid:gid` who runs in the container. */
export async function writeWorkspaceFiles(
  taskDirectory: string,
  files: readonly WorkspaceFile[],
  user: string | undefined,
): Promise<void> {
  const root = join(taskDirectory, FOLDER);
  const made = new Set<string>([root]);
  await mkdir(root, { recursive: true, mode: 0o700 });
  for (const { path, text, program } of files) {
    const full = join(root, path);
    for (let folder = dirname(full); folder !== root; folder = dirname(folder)) made.add(folder);
    await mkdir(dirname(full), { recursive: true, mode: 0o700 });
    await writeFile(full, text, { mode: program ? 0o700 : 0o600 });
    made.add(full);
  }
  await giveTo(made, user);
}

/** Nothing of how to get in is left when nobody can. */
export async function forgetWorkspace(project: OpenProject, runId: string): Promise<void> {
  await project.workspaces.remove(runId).catch(() => undefined);
  const folder = join(project.taskDirectory(runId), FOLDER);
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

/** Only root can give away, and only root needs to: everybody else is the owner of the project. */
async function giveTo(paths: Iterable<string>, user: string | undefined): Promise<void> {
  const [uid = 0, gid = 0] = (user ?? "0:0").split(":").map(Number);
  if (process.getuid?.() !== 0 || uid === 0) return;
  for (const path of paths) await chown(path, uid, gid);
}
