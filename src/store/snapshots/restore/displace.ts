import { dirname, join } from "node:path";
import { errorCode, type FileSystem } from "../files/file-system.ts";
import { encodeName, fsPath } from "../files/names.ts";

/** Moves what no snapshot holds out of the way: to `.datmo/displaced/<id>/`, under the paths it had. */
export function displace(
  fs: FileSystem,
  directory: string,
  datmoDirectory: string,
  id: string,
  paths: readonly string[],
): void {
  if (paths.length === 0) return;
  const root = freshFolder(fs, join(datmoDirectory, "displaced"), id);
  for (const path of paths) {
    const target = `${root}/${path}`;
    fs.mkdirSync(fsPath(dirname(target)), { recursive: true, mode: 0o700 });
    move(fs, `${directory}/${path}`, target);
  }
}

/** Nothing that was displaced before is ever replaced. */
function freshFolder(fs: FileSystem, parent: string, id: string): string {
  fs.mkdirSync(parent, { recursive: true, mode: 0o700 });
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? id : `${id}.${number}`);
    try {
      fs.mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

function move(fs: FileSystem, from: string, to: string): void {
  try {
    fs.renameSync(fsPath(from), fsPath(to));
  } catch (error) {
    if (errorCode(error) !== "EXDEV" || encodeName(from).toString() !== from) throw error;
    // Another file system than `.datmo`.
    fs.cpSync(from, to, {
      recursive: true,
      verbatimSymlinks: true,
      errorOnExist: true,
      preserveTimestamps: true,
    });
    fs.rmSync(from, { recursive: true });
  }
}
