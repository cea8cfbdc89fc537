import {
  definitionOf,
  type EnvironmentDefinition,
  environmentId,
} from "../../domain/environment-definition.ts";
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
  verify(record, files);
  return files;
}

/** A file of a build context is read into memory. */
const MOST_BYTES = 256 << 20;

/** A record may have come from elsewhere: what is built is what its id says. */
function verify(record: StoredRecord, files: ReadonlyMap<string, Buffer>): void {
  const { kind, python } = recordedDefinition(record);
  if (kind !== "host" && environmentId(definitionOf(kind, files, python)) === record.id) return;
  throw errors.ENVIRONMENT_INVALID({
    source: nameOf(record),
    reason: "its files are not those that its id names",
  });
}
