import { bothDockerfile, pythonDockerfile, rDockerfile } from "../../domain/dockerfile.ts";
import { renvLock } from "../../domain/renv-lock.ts";
import type { EnvironmentFacts } from "../ports/capture.ts";
import type { OpenProject } from "../project/open-project.ts";
import {
  complete,
  DEFAULT_PYTHON,
  type Definition,
  PYTHON_FILE,
  shortVersion,
  type Wanted,
} from "./definitions.ts";

/** The packages that the project's scripts import, with the versions that are installed: of Python, R or both. */
export async function definitionFromImports(project: OpenProject, wanted: Wanted = {}): Promise<Definition> {
  const { python, r } = await project.capture.environment();
  const requirements = python?.requirements ?? "";
  const version = shortVersion(wanted.python ?? python?.version ?? DEFAULT_PYTHON);
  const usesR = r !== undefined && r.packages.length > 0;
  const usesPython = !usesR || /^[^#\s]/m.test(requirements);
  const files = new Map<string, Buffer>();
  if (usesPython) files.set("requirements.txt", Buffer.from(requirements));
  const notes = usesR ? addLock(files, r) : [];
  // Its files alone say it, wherever they lie.
  if (wanted.kind === "venv" && usesPython) files.set(PYTHON_FILE, Buffer.from(`${version}\n`));
  if (wanted.kind === "venv") return complete("venv", files, notes, usesPython ? version : undefined);
  const dockerfile = !usesR
    ? pythonDockerfile(version)
    : usesPython
      ? bothDockerfile(r.version)
      : rDockerfile(r.version);
  files.set("Dockerfile", Buffer.from(dockerfile));
  if (usesR && usesPython) notes.push(`Python in the image is the one of its system, and ${version} here.`);
  return complete("docker", files, notes);
}

function addLock(files: Map<string, Buffer>, r: NonNullable<EnvironmentFacts["r"]>): string[] {
  const { text, left } = renvLock(r.version, r.packages);
  files.set("renv.lock", Buffer.from(text));
  return left.map((name) => `The R package ${name} is from no repository; it is left out of renv.lock.`);
}
