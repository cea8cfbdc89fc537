import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { pythonDockerfile } from "../../domain/dockerfile.ts";
import { EXPORT_NOTE } from "../../domain/environment-definition.ts";
import { buildsOf, environmentFromRecord } from "../../domain/environment-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { EnvironmentExportParams, EnvironmentExportResult } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { recordedDefinition, recordedFiles } from "./definition-of-record.ts";

/**
 * A folder for `docker build`, with a note of what its builds gave. The note is no part of the definition: the
 * folder is the same environment wherever it is created again.
 */
export async function exportEnvironment(
  project: OpenProject,
  params: EnvironmentExportParams,
  options: WorkOptions,
): Promise<EnvironmentExportResult> {
  const { directory } = params;
  refusePlace(project, directory);
  const reason = "the machine as it is cannot be written into a folder";
  if (params.id === "host") throw errors.ENVIRONMENT_INVALID({ source: "host", reason });
  const record = await findRecord(project, "environment", params.id);
  const added = await addedFiles(project, record);
  const entries = await readdir(directory).catch(() => [] as string[]);
  if (entries.length > 0) {
    throw errors.PATH_INVALID({ path: directory, reason: "it is a folder that is not empty" });
  }
  const tree = record.fields["filesTree"];
  const kept =
    typeof tree === "string"
      ? await project.snapshots.exportTree(tree, directory, options)
      : { files: 0, bytes: 0 };
  let { files, bytes } = kept;
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, text] of added) {
      await writeFile(join(directory, name), text);
      files++;
      bytes += Buffer.byteLength(text);
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return { files, bytes };
}

/** What `docker build` needs besides, and the note. */
async function addedFiles(project: OpenProject, record: StoredRecord): Promise<Map<string, string>> {
  const { image, kind } = recordedDefinition(record);
  const note = { environment: environmentFromRecord(record), builds: buildsOf(record) };
  const added = new Map([[EXPORT_NOTE, `${JSON.stringify(note, undefined, 2)}\n`]]);
  if (image !== undefined) added.set("Dockerfile", `FROM ${image}\n`);
  if (kind === "venv") {
    const files = await recordedFiles(project, record);
    if (!files.has("Dockerfile"))
      for (const [name, text] of venvDockerfile(record, files)) added.set(name, text);
  }
  return added;
}

/** A container with what the venv holds. */
function venvDockerfile(
  record: StoredRecord,
  files: ReadonlyMap<string, Buffer>,
): [name: string, text: string][] {
  const python = recordedDefinition(record).python ?? buildsOf(record)[0]?.python ?? "3.13";
  const short = python.split(".").slice(0, 2).join(".");
  if (files.has("requirements.txt")) return [["Dockerfile", pythonDockerfile(short)]];
  const recorded = files.get("python-packages.txt");
  if (!recorded) return [];
  return [
    ["Dockerfile", pythonDockerfile(short)],
    ["requirements.txt", recorded.toString("utf8")],
  ];
}

function refusePlace(project: OpenProject, directory: string): void {
  const inside = relative(project.datmo, directory);
  if (!isAbsolute(directory)) throw errors.PATH_INVALID({ path: directory, reason: "it is relative" });
  const above = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (!above) throw errors.PATH_INVALID({ path: directory, reason: "it lies in .datmo" });
}
