import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { normalised } from "../../domain/environment-definition.ts";
import { environmentFromRecord } from "../../domain/environment-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  EnvironmentCreateParams,
  EnvironmentCreateResult,
  EnvironmentSetupParams,
  EnvironmentSetupResult,
} from "../../protocol/types.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { changeSettings } from "../project/project-settings.ts";
import { folderDefinition, folderFiles, folderName } from "./active-environment.ts";
import { chooseEntry } from "./catalog/catalogues.ts";
import { readDefinitionPaths, readRootDockerfile } from "./definition-files.ts";
import { definitionFromImports } from "./definition-from-imports.ts";
import { type Definition, definitionFromFiles, definitionFromImage, type Wanted } from "./definitions.ts";
import { checkName, type EnvironmentWords, recordEnvironment } from "./record-environment.ts";

/** Files that an error names. */
const NAMED_FILES = 5;

/** Writes an environment of the catalogue into the folder, where it is the active one, and records it. */
export async function setupEnvironment(
  project: OpenProject,
  params: EnvironmentSetupParams,
  options: WorkOptions,
): Promise<EnvironmentSetupResult> {
  const { made, words } = await chosenDefinition(
    project,
    params,
    options.signal ?? new AbortController().signal,
  );
  if (params.name !== undefined) await checkName(project, params.name, made.id);
  if (!params.force) await refuseToReplace(project, made);
  const written = await writeFolder(project, made);
  const named = { ...words, ...(params.name === undefined ? {} : { name: params.name }) };
  const { record, created } = await recordEnvironment(project, made, named, options);
  // The folder counts again.
  await changeSettings(project, { activeEnvironment: undefined });
  const notes = made.notes.length > 0 ? { notes: [...made.notes] } : {};
  return { environment: environmentFromRecord(record), created, written, ...notes };
}

/** Records what was given, else what is there. */
export async function createEnvironment(
  project: OpenProject,
  params: EnvironmentCreateParams,
  options: WorkOptions,
): Promise<EnvironmentCreateResult> {
  const { name, description } = params;
  const { made, source } = await definitionFor(project, params);
  const words = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
  const { record, created } = await recordEnvironment(project, made, words, options);
  return { environment: environmentFromRecord(record), created, source, notes: [...made.notes] };
}

async function definitionFor(
  project: OpenProject,
  params: EnvironmentCreateParams,
): Promise<{ readonly made: Definition; readonly source: string }> {
  const { paths, image, kind, python } = params;
  const wanted: Wanted = { ...(kind ? { kind } : {}), ...(python === undefined ? {} : { python }) };
  if (paths !== undefined && image !== undefined) {
    throw errors.ENVIRONMENT_CONFLICT({ first: image, second: paths.join(", ") });
  }
  if (image !== undefined) {
    const reason = "an image is of kind docker";
    if (kind === "venv") throw errors.ENVIRONMENT_INVALID({ source: image, reason });
    return { made: definitionFromImage(image), source: "image" };
  }
  if (paths !== undefined) {
    const found = await readDefinitionPaths(project.directory, paths);
    return { made: await definitionFromFiles(project, found, paths.join(", "), wanted), source: "paths" };
  }
  const folder = await folderFiles(project);
  if (folder.files.size > 0) {
    const place = `${await folderName(project)}/`;
    return { made: await definitionFromFiles(project, folder, place, wanted), source: "folder" };
  }
  const root = kind === "venv" ? undefined : await readRootDockerfile(project.directory);
  if (root) return { made: await definitionFromFiles(project, root, "the Dockerfile"), source: "dockerfile" };
  return { made: await definitionFromImports(project, wanted), source: "requirements" };
}

async function chosenDefinition(
  project: OpenProject,
  params: EnvironmentSetupParams,
  signal: AbortSignal,
): Promise<{ readonly made: Definition; readonly words: EnvironmentWords }> {
  if (params.framework === "requirements") {
    const python = params.language === undefined ? undefined : pythonOf(params.language);
    const wanted = {
      ...(params.kind ? { kind: params.kind } : {}),
      ...(python === undefined ? {} : { python }),
    };
    const made = await definitionFromImports(project, wanted);
    return { made, words: { framework: "requirements", type: "cpu", suggestedName: "requirements" } };
  }
  if (params.kind === "venv") {
    const reason = "what is in the catalogue are images; a venv is made with --framework requirements";
    throw errors.ENVIRONMENT_INVALID({ source: "--kind venv", reason });
  }
  const entry = await chooseEntry(project, params, signal);
  const files = new Map([...entry.files].map(([name, text]) => [name, Buffer.from(text)]));
  const { framework, choice } = entry;
  const { type, language } = choice;
  const made = await definitionFromFiles(project, { files, notes: [] }, framework);
  const suggestedName = `${framework}:${type}-${language}`;
  // `Python; with gpu, CUDA`: the second half is for gpu only.
  const [what = "", withGpu] = entry.description.split("; with gpu, ");
  const description = type === "gpu" && withGpu ? `${what}, with ${withGpu}` : what;
  return { made, words: { framework, type, language, suggestedName, description } };
}

/** `py312` as `3.12`. */
function pythonOf(language: string): string {
  const [, minor] = /^py3\.?(\d+)$/i.exec(language) ?? [];
  if (minor !== undefined) return `3.${minor}`;
  throw errors.CATALOGUE_UNKNOWN({ what: "language", value: language, known: "py311, py312, py313" });
}

/** Edits that no environment holds would be lost. */
async function refuseToReplace(project: OpenProject, made: Definition): Promise<void> {
  const { files } = await folderFiles(project);
  const changed = [...files].filter(([name, content]) => !made.files.get(name)?.equals(content));
  if (changed.length === 0) return;
  const known = await folderDefinition(project)
    .then((folder) => folder && project.records.get("environment", folder.id))
    .catch(() => undefined);
  if (known && !known.deleted) return;
  const names = changed.map(([name]) => name);
  const more = names.length > NAMED_FILES ? `, and ${names.length - NAMED_FILES} more` : "";
  const list = names.slice(0, NAMED_FILES).join(", ") + more;
  throw errors.ENVIRONMENT_FOLDER_CHANGED({ directory: `${await folderName(project)}/`, list });
}

/** Writes what is different. Files that are no part of it are removed: they would make another environment. */
async function writeFolder(project: OpenProject, made: Definition): Promise<string[]> {
  const folder = await folderName(project);
  const before = await folderFiles(project);
  for (const name of before.files.keys()) {
    if (!made.files.has(name)) await rm(join(project.directory, folder, name), { force: true });
  }
  const written: string[] = [];
  for (const [name, content] of made.files) {
    const path = join(project.directory, folder, name);
    written.push(`${folder}/${name}`);
    const same = before.files.get(name);
    if (same && normalised(same).equals(content)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return written;
}
