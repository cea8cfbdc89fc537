import { mkdir } from "node:fs/promises";
import { errors } from "../../protocol/errors.ts";
import type { PackageFact } from "../../services/ports/capture.ts";
import { findExecutable } from "../../util/executables.ts";
import type { Surroundings } from "./interpreters.ts";
import { lastLine } from "./pip-tool.ts";
import { runTool, type ToolOutcome } from "./run-tool.ts";

/** R with renv, and what the lock asks of it. */
export interface RInstallation {
  readonly executable: string;
  readonly version: string;
  readonly platform: string;
  readonly renv: string;
  readonly notes: readonly string[];
}

const PROBE =
  'cat(R.version$major, ".", R.version$minor, "\\n", R.version$platform, "\\n",' +
  ' if (requireNamespace("renv", quietly = TRUE)) as.character(packageVersion("renv")) else "", "\\n", sep = "")';

/** Throws R_NOT_AVAILABLE, LOCK_FILE_INVALID. */
export async function findR(lock: Buffer, around: Surroundings): Promise<RInstallation> {
  const wanted = lockedVersion(lock);
  const executable = findExecutable("Rscript", around.variables, around.directory);
  if (executable === undefined) throw errors.R_NOT_AVAILABLE({ reason: "there is no Rscript on the PATH" });
  const { exitCode, stdout, text } = await rscript(executable, PROBE, around);
  if (exitCode !== 0) throw errors.R_NOT_AVAILABLE({ reason: `R does not start: ${lastLine(text)}` });
  const [version = "", platform = "", renv = ""] = stdout.split("\n");
  if (renv === "") throw errors.R_NOT_AVAILABLE({ reason: `R ${version} has no package renv` });
  const short = (one: string): string => one.split(".").slice(0, 2).join(".");
  const notes =
    wanted !== undefined && short(wanted) !== short(version)
      ? [`renv.lock was made with R ${wanted}, and this is R ${version}.`]
      : [];
  return { executable, version, platform, renv, notes };
}

/** Restores a renv.lock into a library of its own. Throws PACKAGES_UNAVAILABLE, VENV_FAILED. */
export async function restoreR(
  installation: RInstallation,
  lockFile: string,
  library: string,
  around: Surroundings & { readonly output?: (text: string) => void },
): Promise<readonly PackageFact[]> {
  await mkdir(library, { recursive: true });
  const [lock, place] = [JSON.stringify(lockFile), JSON.stringify(library)];
  // Packages are copied: a link into renv's cache would change with it.
  const script = `options(renv.config.cache.symlinks = FALSE, renv.consent = TRUE)
renv::restore(lockfile = ${lock}, library = ${place}, prompt = FALSE, clean = FALSE)`;
  const restored = await rscript(installation.executable, script, around);
  if (restored.exitCode !== 0) throw failure(restored.text);
  const list = await rscript(
    installation.executable,
    `p <- installed.packages(${place}); cat(paste(p[, "Package"], p[, "Version"], collapse = "\\n"))`,
    around,
  );
  return list.stdout
    .split("\n")
    .map((line) => line.trim().split(" "))
    .flatMap(([name, version]) => (name && version ? [{ name, version }] : []));
}

function lockedVersion(lock: Buffer): string | undefined {
  try {
    const value = JSON.parse(lock.toString("utf8")) as { readonly R?: { readonly Version?: unknown } };
    const version = value.R?.Version;
    return typeof version === "string" ? version : undefined;
  } catch (error) {
    throw errors.LOCK_FILE_INVALID({ file: "renv.lock", reason: (error as Error).message });
  }
}

/** renv names what it could not get: `failed to retrieve package 'x@1.0'`, `failed to find source for 'x 1.0'`. */
function failure(text: string): Error {
  const names = new Set<string>();
  for (const [, name = ""] of text.matchAll(
    /failed to (?:retrieve|find source for|install|download)(?: package)? ['"‘]([\w.]+[@ ]?[\w.-]*)['"’]/gi,
  )) {
    names.add(name.replace(" ", "@"));
  }
  if (names.size === 0) return errors.VENV_FAILED({ reason: lastLine(text), log: text.slice(-4000) });
  const packages = [...names].map((requirement) => ({
    requirement,
    problem: "gone",
    reason: "renv could not get it",
  }));
  const list = packages.map(({ requirement, reason }) => `${requirement} (${reason})`);
  return errors.PACKAGES_UNAVAILABLE({
    count: packages.length,
    list: list.slice(0, 10).join(", "),
    packages,
  });
}

/** Without the project's profile, which would put renv's autoloader in between. */
function rscript(
  executable: string,
  script: string,
  around: Surroundings & { readonly output?: (text: string) => void },
): Promise<ToolOutcome> {
  return runTool({
    program: executable,
    arguments: ["--no-save", "--no-restore", "--no-init-file", "-e", script],
    environment: around.variables,
    directory: around.directory,
    ...(around.signal ? { signal: around.signal } : {}),
    ...(around.output ? { output: around.output } : {}),
  });
}
