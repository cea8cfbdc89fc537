import { delimiter, join } from "node:path";
import type { Venv } from "../ports/venvs.ts";

const PROGRAMS = process.platform === "win32" ? "Scripts" : "bin";

/** The interpreter of a venv: not the one that it was made with. */
export function interpreterIn(directory: string): string {
  return join(directory, PROGRAMS, process.platform === "win32" ? "python.exe" : "python");
}

/** The variables with which programs run in the venv, laid over those of `variables`. */
export function activateVenv(
  venv: Venv,
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const changed: Record<string, string | undefined> = {};
  if (venv.directory !== undefined) {
    const programs = join(venv.directory, PROGRAMS);
    changed["PATH"] = [programs, variables["PATH"]].filter(Boolean).join(delimiter);
    changed["VIRTUAL_ENV"] = venv.directory;
    // Both would let the interpreter find other packages than those that are recorded.
    changed["PYTHONHOME"] = undefined;
    changed["PYTHONPATH"] = undefined;
    changed["PYTHONNOUSERSITE"] = "1";
    // It is shared by other runs: nobody writes into it.
    changed["PYTHONDONTWRITEBYTECODE"] = "1";
    changed["PIP_REQUIRE_VIRTUALENV"] = undefined;
  }
  if (venv.r !== undefined) {
    changed["R_LIBS_USER"] = venv.r.library;
    changed["R_LIBS"] = undefined;
    changed["RENV_CONFIG_AUTOLOADER_ENABLED"] = "FALSE";
  }
  return changed;
}
