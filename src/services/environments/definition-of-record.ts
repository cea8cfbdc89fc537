import type { EnvironmentDefinition } from "../../domain/environment-definition.ts";
import { errors } from "../../protocol/errors.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { nameOf } from "./active-environment.ts";

/** The definition that a record holds. */
export function recordedDefinition(record: StoredRecord): EnvironmentDefinition {
  const definition = record.fields["definition"] as unknown as EnvironmentDefinition | undefined;
  if (definition !== undefined) return definition;
  throw errors.ENVIRONMENT_INVALID({ source: nameOf(record), reason: "its definition is not recorded here" });
}

/** Its files as they are kept in the git store. */
export async function recordedFiles(
  project: OpenProject,
  record: StoredRecord,
): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const tree = record.fields["filesTree"];
  if (typeof tree !== "string") return files;
  for (const { path, blobId } of await project.snapshots.listTree(tree)) {
    files.set(path, await project.snapshots.readFile(blobId, MOST_BYTES));
  }
  return files;
}

/** A file of a build context is read into memory. */
const MOST_BYTES = 256 << 20;
