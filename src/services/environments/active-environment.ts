import { join } from "node:path";
import { HOST_ID } from "../../domain/environment-record.ts";
import { errors } from "../../protocol/errors.ts";
import { isThere } from "../../util/safe-files.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { readSettings } from "../project/project-settings.ts";
import { type DefinitionFiles, readDefinitionFolder } from "./definition-files.ts";
import { type Definition, definitionFromFiles } from "./definitions.ts";

/** Folders that may hold the active environment's definition, relative to the project; the first is written. */
export const ENVIRONMENT_FOLDERS = ["datmo_environment", ".datmo/environment"] as const;

/** What runs use when nothing else is said. */
export interface ActiveEnvironment {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly rule: "chosen" | "folder" | "default";
  /** Why, as the end of a sentence. */
  readonly reason: string;
  readonly record?: StoredRecord;
  /** What lies in the folder, when that is what counts. */
  readonly definition?: Definition;
  /** There are definition files in the folder that do not count. */
  readonly passedOver?: Definition;
}

/** By the project's setting, else the files in `datmo_environment/`, else the host. Throws ENVIRONMENT_INVALID. */
export async function activeEnvironment(project: OpenProject): Promise<ActiveEnvironment> {
  const { activeEnvironment: chosen } = await readSettings(project);
  const byChoice = chosen === undefined ? undefined : await chosenEnvironment(project, chosen);
  if (byChoice) {
    const folder = await folderDefinition(project).catch(() => undefined);
    return { ...byChoice, ...(folder && folder.id !== byChoice.id ? { passedOver: folder } : {}) };
  }
  const folder = await folderDefinition(project);
  if (!folder) return { ...HOST, rule: "default", reason: "no environment was chosen" };
  const record = await project.records.get("environment", folder.id);
  const known = record && !record.deleted ? record : undefined;
  return {
    id: folder.id,
    kind: folder.definition.kind,
    name: known ? nameOf(known) : folder.id.slice(0, 8),
    rule: "folder",
    reason: `its files are in ${await folderName(project)}/`,
    ...(known ? { record: known } : {}),
    definition: folder,
  };
}

/** The environment that the files in the folder make; undefined when there are none. */
export async function folderDefinition(project: OpenProject): Promise<Definition | undefined> {
  const found = await folderFiles(project);
  if (found.files.size === 0) return undefined;
  return definitionFromFiles(project, found, `${await folderName(project)}/`);
}

/** What lies in the folder as it is. */
export async function folderFiles(project: OpenProject): Promise<DefinitionFiles> {
  return readDefinitionFolder(join(project.directory, await folderName(project)));
}

/** The folder that counts: `datmo_environment` unless only the other one is there. */
export async function folderName(project: OpenProject): Promise<string> {
  const [first, second] = ENVIRONMENT_FOLDERS;
  const at = (name: string): Promise<boolean> => isThere(join(project.directory, name));
  return !(await at(first)) && (await at(second)) ? second : first;
}

export function nameOf(record: StoredRecord): string {
  const { name } = record.fields;
  return typeof name === "string" ? name : record.id.slice(0, 8);
}

/** The kind of a recorded environment. */
export function kindOf(record: StoredRecord): "venv" | "docker" {
  if (record.fields["kind"] === "venv") return "venv";
  if (record.fields["kind"] === "docker") return "docker";
  const reason = `its kind ${JSON.stringify(record.fields["kind"])} is not known to this version`;
  throw errors.ENVIRONMENT_INVALID({ source: nameOf(record), reason });
}

const HOST = { id: HOST_ID, kind: "host", name: "host" } as const;

async function chosenEnvironment(project: OpenProject, id: string): Promise<ActiveEnvironment | undefined> {
  const reason = "it was chosen with `datmo environment use`";
  if (id === HOST_ID) return { ...HOST, rule: "chosen", reason };
  const record = await project.records.get("environment", id);
  // A deleted environment is chosen no more.
  if (!record || record.deleted) return undefined;
  return { id, kind: String(record.fields["kind"]), name: nameOf(record), rule: "chosen", reason, record };
}
