import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RESERVED_NAMES } from "../../domain/environment-definition.ts";
import { isId } from "../../domain/ids.ts";
import { errors } from "../../protocol/errors.ts";
import type { Json } from "../../util/json.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { Definition } from "./definitions.ts";

/** What is said of an environment besides what it is. */
export interface EnvironmentWords {
  readonly name?: string;
  /** Used when it has no name yet, with a number when it is taken. */
  readonly suggestedName?: string;
  readonly description?: string;
  readonly framework?: string;
  readonly type?: string;
  readonly language?: string;
}

/**
 * Keeps an environment and its files, so that nothing depends on the folder later. The same definition is the same
 * environment; a new name or description is applied to it.
 */
export async function recordEnvironment(
  project: OpenProject,
  made: Definition,
  words: EnvironmentWords = {},
  options: WorkOptions = {},
): Promise<{ readonly record: StoredRecord; readonly created: boolean }> {
  if (words.name !== undefined) await checkName(project, words.name, made.id);
  const known = await project.records.get("environment", made.id);
  const created = known === undefined || known.deleted;
  const set: Record<string, Json> = created ? await newFields(project, made, words, options) : {};
  if (words.name !== undefined) set["name"] = words.name;
  if (words.description !== undefined) set["description"] = words.description;
  if (Object.keys(set).length > 0) {
    await project.records.commit([{ kind: "environment", id: made.id, set }]);
  }
  const record = await project.records.get("environment", made.id);
  if (!record) throw errors.ENVIRONMENT_NOT_FOUND({ id: made.id });
  return { record, created };
}

/** Throws ENVIRONMENT_NAME_TAKEN when another environment has the name, or when it means something else. */
export async function checkName(project: OpenProject, name: string, id: string): Promise<void> {
  const refuse = (reason: string): Error => errors.ENVIRONMENT_NAME_TAKEN({ name, reason });
  if (RESERVED_NAMES.includes(name.toLowerCase())) throw refuse("the word has a meaning of its own");
  if (isId(name)) throw refuse("it looks like an id");
  const other = await otherWithName(project, name, id);
  if (other) throw refuse(`environment ${other.id.slice(0, 8)} has it`);
}

async function newFields(
  project: OpenProject,
  made: Definition,
  words: EnvironmentWords,
  options: WorkOptions,
): Promise<Record<string, Json>> {
  const { definition } = made;
  const kept = made.files.size > 0 ? await keepFiles(project, made.files, options) : undefined;
  const { framework, type, language } = words;
  return {
    createdAt: new Date().toISOString(),
    deleted: null,
    kind: definition.kind,
    name: words.name ?? (await freeName(project, words.suggestedName ?? ownName(made), made.id)),
    description: words.description ?? "",
    definition: definition as unknown as Json,
    image: definition.image ?? null,
    python: definition.python ?? null,
    framework: framework ?? null,
    type: type ?? null,
    language: language ?? null,
    files: (kept?.files ?? []) as unknown as Json,
    filesTree: kept?.treeId ?? null,
  };
}

/** The git store reads files; the definition's are not on the disk in the form that is kept. */
async function keepFiles(project: OpenProject, files: ReadonlyMap<string, Buffer>, options: WorkOptions) {
  const directory = await mkdtemp(join(tmpdir(), "datmo-environment-"));
  try {
    const entries: { name: string; source: string }[] = [];
    for (const [name, content] of files) {
      const source = join(directory, "files", name);
      await mkdir(dirname(source), { recursive: true });
      await writeFile(source, content);
      entries.push({ name, source });
    }
    return await project.snapshots.captureFiles(entries, options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function ownName({ id, definition }: Definition): string {
  const image = definition.image?.replace(/@sha256:.*$/, "");
  return image !== undefined && image.length <= 100 ? image : `${definition.kind}-${id.slice(0, 6)}`;
}

async function freeName(project: OpenProject, wanted: string, id: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!(await otherWithName(project, name, id))) return name;
  }
}

async function otherWithName(
  project: OpenProject,
  name: string,
  id: string,
): Promise<StoredRecord | undefined> {
  return (await project.records.byField("environment", "name", name)).find((record) => record.id !== id);
}
