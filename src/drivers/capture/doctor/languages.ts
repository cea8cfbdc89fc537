import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ToolFact } from "../../../services/ports/capture.ts";
import { executableAt, findExecutable } from "../../../util/executables.ts";
import { runBounded } from "../bounded-process.ts";
import type { CaptureContext } from "../context.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { askPython, type PythonAnswer } from "../python/probe.ts";
import { findR } from "../r/r-installation.ts";
import { howToGet, type Packages } from "./how-to-get.ts";

const PYTHON: Packages = {
  apt: "python3",
  dnf: "python3",
  brew: "python",
  page: "https://www.python.org/downloads",
};

const R: Packages = { apt: "r-base", dnf: "R", brew: "r", page: "https://cloud.r-project.org" };

/** Distributions that bring notebooks, the one whose version says most first. */
const NOTEBOOKS = ["jupyterlab", "notebook", "jupyter_server", "jupyter_core"];

/** The Python that scripts in the current folder would run with. */
export async function findPython(context: CaptureContext): Promise<ToolFact> {
  const name = "Python";
  const path = findInterpreter(context.projectDirectory, context.variables, {});
  if (path === undefined) return { name, found: false, howToGet: howToGet(context, PYTHON) };
  const answer = await ask(context, path);
  if (answer !== undefined) return { name, found: true, version: answer.version, path: answer.executable };
  const problem = `it did not say its version within ${context.timeoutMs / 1_000} s`;
  return { name, found: false, path, problem, howToGet: howToGet(context, PYTHON) };
}

export async function findRTool(context: CaptureContext): Promise<ToolFact> {
  const found = findR(context.projectDirectory, context.variables);
  if (found === undefined) return { name: "R", found: false, howToGet: howToGet(context, R) };
  return { name: "R", found: true, version: found.version, path: found.home };
}

/** Jupyter of the same Python; otherwise the one on the PATH, if it works. */
export async function findJupyter(context: CaptureContext): Promise<ToolFact> {
  const name = "Jupyter";
  const python = findInterpreter(context.projectDirectory, context.variables, {});
  const answer = python === undefined ? undefined : await ask(context, python);
  const version = answer?.sites.map(notebookVersion).find((found) => found !== undefined);
  const beside = answer && executableAt(join(dirname(answer.executable), "jupyter"));
  const path = beside ?? findExecutable("jupyter", context.variables, context.projectDirectory);
  if (version !== undefined) return { name, found: true, version, ...(path && { path }) };
  const missing = { name, found: false, howToGet: "python3 -m pip install jupyterlab" };
  if (path === undefined) return missing;
  const outcome = await runBounded({
    program: path,
    arguments: ["--version"],
    environment: context.variables,
    timeoutMs: context.timeoutMs,
  });
  if (outcome?.exitCode === 0) return { name, found: true, path };
  return { ...missing, path, problem: "`jupyter --version` gave no answer" };
}

function ask(context: CaptureContext, path: string): Promise<PythonAnswer | undefined> {
  return askPython(path, context.variables, context.projectDirectory, context.timeoutMs);
}

function notebookVersion(site: string): string | undefined {
  const names = listFolder(site);
  for (const distribution of NOTEBOOKS) {
    const found = names.find((name) => name.startsWith(`${distribution}-`) && name.endsWith(".dist-info"));
    if (found) return `${distribution} ${found.slice(distribution.length + 1, -".dist-info".length)}`;
  }
  return undefined;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
