import { join, resolve, sep } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { WorkOptions } from "../../../services/ports/snapshots.ts";
import { errorCode, type FileSystem } from "../files/file-system.ts";
import { requireSpace } from "../files/free-space.ts";
import { fsPath } from "../files/names.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { readLeaves } from "../objects/tree-walk.ts";
import { prepareWrites, writeFiles } from "./write-files.ts";

/**
 * Puts a tree into a folder that is empty or not there. When it fails, what was written is taken away again.
 * Throws PATH_INVALID, DISK_FULL and `DamagedObject`.
 */
export async function exportTree(
  store: ObjectStore,
  datmoDirectory: string,
  treeId: string,
  directory: string,
  options: WorkOptions,
): Promise<{ files: number; bytes: number }> {
  const { fs } = store;
  const files = await prepareWrites(store, await readLeaves(store.reader, treeId));
  const { root, made } = emptyFolder(fs, datmoDirectory, directory);
  try {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    requireSpace(fs, root, bytes, "the export");
    makeFolders(
      fs,
      root,
      files.map(({ leaf }) => leaf.path),
    );
    const placed = files.map((file) => ({ ...file, path: `${root}/${file.leaf.path}`, replace: false }));
    await writeFiles(store, placed, { ...options, resumable: false }, () => {});
    return { files: files.length, bytes };
  } catch (error) {
    takeAway(fs, root, made);
    if (errorCode(error) !== "EEXIST") throw error;
    const { path = directory } = error as NodeJS.ErrnoException;
    throw errors.PATH_INVALID({ path, reason: "two names of the snapshot are one on this file system" });
  }
}

const EMPTY_HINT = "Give a folder that is empty or not there yet.";

function emptyFolder(
  fs: FileSystem,
  datmoDirectory: string,
  directory: string,
): { root: string; made: boolean } {
  const path = resolve(directory);
  try {
    const made = fs.mkdirSync(path, { recursive: true }) !== undefined;
    const root = fs.realpathSync(path);
    const datmo = fs.realpathSync(datmoDirectory);
    // Isolated copies of runs are the one kind of working folder that lies in `.datmo`.
    const inside = isBelow(root, datmo) && !isBelow(root, join(datmo, "isolated"));
    const reason = inside
      ? "it lies in .datmo"
      : fs.readdirSync(root).length > 0
        ? "the folder is not empty"
        : undefined;
    if (reason === undefined) return { root, made };
    if (made) fs.rmdirSync(root);
    throw errors.PATH_INVALID({ path: directory, reason }, { hint: EMPTY_HINT });
  } catch (error) {
    if (!["EEXIST", "ENOTDIR", "EACCES", "EPERM", "EROFS", "ELOOP"].includes(errorCode(error))) throw error;
    const reason = `no folder can be made there (${errorCode(error)})`;
    throw errors.PATH_INVALID({ path: directory, reason }, { cause: error });
  }
}

function isBelow(path: string, folder: string): boolean {
  return join(path, sep).startsWith(join(folder, sep));
}

/** Every folder above the paths, made anew: what would be there already cannot be ours. */
function makeFolders(fs: FileSystem, root: string, paths: readonly string[]): void {
  const made = new Set<string>();
  for (const path of paths) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (made.has(folder)) continue;
      made.add(folder);
      fs.mkdirSync(fsPath(`${root}/${folder}`));
    }
  }
}

function takeAway(fs: FileSystem, root: string, made: boolean): void {
  if (made) fs.rmSync(root, { recursive: true, force: true });
  else for (const name of fs.readdirSync(root)) fs.rmSync(join(root, name), { recursive: true, force: true });
}
