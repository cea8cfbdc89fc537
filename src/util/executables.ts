import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

export type Variables = Readonly<Record<string, string | undefined>>;

const WINDOWS = process.platform === "win32";

/** The file that a shell in `directory` would run for `name`, a path or a bare name; undefined when none. */
export function findExecutable(name: string, variables: Variables, directory: string): string | undefined {
  if (name === "" || name.includes("\0")) return undefined;
  if (name.includes("/") || isAbsolute(name)) return executableAt(resolve(directory, name));
  for (const folder of pathFolders(variables)) {
    const found = executableAt(resolve(directory, folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The folders of the PATH, in order. */
export function pathFolders(variables: Variables): string[] {
  const path = variables["PATH"] ?? (WINDOWS ? variables["Path"] : undefined) ?? "";
  return path.split(delimiter).filter((folder) => folder !== "");
}

/** Where a Python environment keeps its programs. */
export function programFolder(prefix: string): string {
  return join(prefix, WINDOWS ? "Scripts" : "bin");
}

/** `path` itself when it is a file that may be executed (on Windows also with a program's ending). */
export function executableAt(path: string): string | undefined {
  const endings = WINDOWS ? ["", ".exe", ".cmd", ".bat"] : [""];
  return endings.map((ending) => path + ending).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
