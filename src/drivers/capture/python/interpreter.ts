import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CaptureHints } from "../../../services/ports/capture.ts";
import { findExecutable, pathFolders, programFolder, type Variables } from "../../../util/executables.ts";
import { readHead } from "../regular-file.ts";
import { ABSENT, type Stamp, sameStamp, stampOf } from "../stamps.ts";
import { pythonOfCommand } from "./command-python.ts";
import { pythonIn } from "./python-in.ts";

/** Variables that change what an interpreter answers, or which one a shim starts. */
const RELEVANT =
  /^(?:PYTHON(?:PATH|HOME|NOUSERSITE|USERBASE|SAFEPATH|PLATLIBDIR)|(?:PYENV|ASDF|MISE)_\w+|HOME)$/;

/** Files by which version managers choose the interpreter behind a shim. */
const SELECTORS = [".python-version", ".tool-versions", "mise.toml", ".mise.toml"];

/**
 * The interpreter that a script of the project runs with: the one told, the command's own, that of the
 * active environment, the project's own `.venv` or `venv`, the first on the PATH. Nothing is started.
 */
export function findInterpreter(
  projectDirectory: string,
  variables: Variables,
  hints: CaptureHints,
): string | undefined {
  const told = hints.pythonExecutable;
  return (
    (told === undefined ? undefined : findExecutable(told, variables, projectDirectory)) ??
    (hints.command && pythonOfCommand(hints.command, variables, projectDirectory)) ??
    activeEnvironments(variables).map(pythonIn).find(isFound) ??
    [".venv", "venv"].map((name) => pythonIn(join(projectDirectory, name))).find(isFound) ??
    ["python3", "python"].map((name) => findExecutable(name, variables, projectDirectory)).find(isFound)
  );
}

/** Everything on which the answer of an interpreter depends, as text to compare with. */
export function interpreterKey(path: string, projectDirectory: string, variables: Variables): string {
  const real = realPath(path);
  const environment = Object.entries(variables)
    .filter(([name, value]) => value !== undefined && RELEVANT.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const files: [string, Stamp][] = [real, join(dirname(dirname(path)), "pyvenv.cfg")].map((file) => [
    file,
    stampOf(file),
  ]);
  const selectors = isShim(real) ? selectorStamps(projectDirectory, variables) : [];
  return JSON.stringify([path, environment, files, selectors]);
}

/** Both may be set at once; the one whose programs come first on the PATH is the active one. */
function activeEnvironments(variables: Variables): string[] {
  const folders = pathFolders(variables);
  const place = (prefix: string): number => {
    const index = folders.indexOf(programFolder(prefix));
    return index === -1 ? folders.length : index;
  };
  return [variables["VIRTUAL_ENV"], variables["CONDA_PREFIX"]]
    .filter((prefix): prefix is string => prefix !== undefined && prefix !== "")
    .sort((a, b) => place(a) - place(b));
}

function isFound(path: string | undefined): path is string {
  return path !== undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A script, or a link to a version manager, that chooses the interpreter when it is started. */
function isShim(real: string): boolean {
  if (!/^(?:python|pypy|graalpy)/i.test(basename(real))) return true;
  return readHead(real, 2)?.toString("latin1") === "#!";
}

function selectorStamps(projectDirectory: string, variables: Variables): [string, Stamp][] {
  const home = variables["HOME"] ?? "";
  const pyenv = variables["PYENV_ROOT"] ?? join(home, ".pyenv");
  const files = [
    ...parents(projectDirectory).flatMap((folder) => SELECTORS.map((name) => join(folder, name))),
    join(pyenv, "version"),
    join(pyenv, "versions"),
    join(home, ".tool-versions"),
    join(home, ".config", "mise", "config.toml"),
  ];
  return files
    .map((file): [string, Stamp] => [file, stampOf(file)])
    .filter(([, stamp]) => !sameStamp(stamp, ABSENT));
}

function parents(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...parents(parent)];
}
