import {
  definitionOf,
  environmentId,
  kindOfFiles,
  RESERVED_NAMES,
} from "../../domain/environment-definition.ts";
import { HOST_ID } from "../../domain/environment-record.ts";
import { isId } from "../../domain/ids.ts";
import { FROM_FIELD } from "../../domain/local-fields.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { JsonObject } from "../../util/json.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { type Definition, definitionFromImage } from "./definitions.ts";
import { recordEnvironment } from "./record-environment.ts";

/*
 * Records of environments are not shared: a snapshot holds what its own was made from, so an environment that has no
 * record here is made of any snapshot that was taken in it. Its id says whether it is the same.
 */

/** Snapshots that are looked at for one environment. */
const TRIES = 5;
const MOST_BYTES = 256 << 20;
const FOLDER = "definition/";

/**
 * Records an environment again from a snapshot that was taken in it, unless it is recorded or there is none. True when
 * it was. What a snapshot says of it and does not hold is as if it were not there.
 */
export async function bringBack(project: OpenProject, id: string): Promise<boolean> {
  if (id === HOST_ID) return false;
  const known = await project.records.get("environment", id);
  if (known && !known.deleted) return false;
  const snapshots = await project.records.byField("snapshot", "environmentId", id);
  for (const snapshot of snapshots.slice(-TRIES)) {
    if (await fromSnapshot(project, snapshot, id)) return true;
  }
  return false;
}

/** The same for what came from a remote; what was deleted here stays so. Returns how many were recorded. */
export async function bringBackAll(project: OpenProject, ids: Iterable<string>): Promise<number> {
  let count = 0;
  for (const id of new Set(ids)) {
    if (await project.records.get("environment", id)) continue;
    if (await bringBack(project, id)) count += 1;
  }
  return count;
}

async function fromSnapshot(project: OpenProject, snapshot: StoredRecord, id: string): Promise<boolean> {
  const found = await definitionIn(project, snapshot.id).catch((error: unknown) => {
    if (isDatmoError(error)) return undefined;
    throw error;
  });
  if (!found || found.made.id !== id) return false;
  await recordEnvironment(project, found.made, found.name === undefined ? {} : { suggestedName: found.name });
  const from = snapshot.fields[FROM_FIELD];
  if (from !== undefined) {
    await project.records.commit([{ kind: "environment", id, set: { [FROM_FIELD]: from } }]);
  }
  return true;
}

/** What a snapshot says its environment was made from. */
async function definitionIn(
  project: OpenProject,
  snapshotId: string,
): Promise<{ readonly made: Definition; readonly name?: string } | undefined> {
  const { manifest, environmentTree } = await project.snapshots.read(snapshotId);
  const { kind, image, recorded } = (manifest["environment"] ?? {}) as JsonObject;
  const { definition: told, name } = (recorded ?? {}) as JsonObject;
  const suggested = typeof name === "string" && isName(name) ? { name } : {};
  const imageName = (told as JsonObject | undefined)?.["image"] ?? image;
  if (typeof imageName === "string") {
    return { made: definitionFromImage(imageName), ...suggested };
  }
  const files = environmentTree === undefined ? new Map() : await filesIn(project, environmentTree);
  if ((kind !== "docker" && kind !== "venv") || kindOfFiles(files.keys()) === undefined) return undefined;
  const python = (told as JsonObject | undefined)?.["python"];
  const definition = definitionOf(kind, files, typeof python === "string" ? python : undefined);
  return { made: { id: environmentId(definition), definition, files, notes: [] }, ...suggested };
}

async function filesIn(project: OpenProject, tree: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  for (const file of await project.snapshots.listTree(tree)) {
    if (!file.path.startsWith(FOLDER) || file.mode === "link") continue;
    bytes += file.bytes;
    if (bytes > MOST_BYTES) return new Map();
    files.set(file.path.slice(FOLDER.length), await project.snapshots.readFile(file.blobId, MOST_BYTES));
  }
  return files;
}

/** As the protocol has names; anything else may have been made up. */
function isName(name: string): boolean {
  const isFree = !isId(name) && !RESERVED_NAMES.includes(name.toLowerCase());
  return isFree && name.length <= 100 && /^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/.test(name);
}
