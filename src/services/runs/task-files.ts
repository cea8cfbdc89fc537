import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Json, JsonObject } from "../../util/json.ts";
import { jsonProblem } from "../../util/json-limits.ts";
import { readSmallFile } from "../../util/safe-files.ts";
import { LIMIT_BYTES } from "../snapshots/input-files.ts";

/* Files of a run's task folder that the engine itself writes and reads. */

/** Names in a task folder that are datmo's own; everything else was made by the run and is kept with it. */
const OWN_NAMES = new Set([
  "output.log",
  "process.json",
  "exit.json",
  "exit.json.tmp",
  "output.pos",
  "gpus.txt",
  "stop.json",
  "plan.json",
  "supervisor.log",
  "config.json",
  "metrics.json",
  "stats.json",
  "journal",
  "spool",
  "reply",
]);

/** Creates the folder of a run, for the user alone. */
export async function createTaskDirectory(directory: string): Promise<void> {
  // Never recursive: a project that was moved meanwhile must not come to life again where it was.
  for (const path of [dirname(directory), directory]) await makeFolder(path);
  for (const name of ["journal", "spool", "reply"]) await makeFolder(join(directory, name));
}

/** Writes a JSON document so that readers see the old one or the new one, never half of it. */
export async function writeTaskJson(directory: string, name: string, value: Json): Promise<void> {
  const temporary = join(directory, `.${name}.${process.pid}.tmp`);
  try {
    await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A JSON object in a task folder, where the run may have put anything; undefined when it is not there or is none. */
export async function readTaskJson(directory: string, name: string): Promise<JsonObject | undefined> {
  try {
    const content = await readSmallFile(join(directory, name), LIMIT_BYTES);
    const value = JSON.parse(content?.toString("utf8") ?? "null") as Json;
    const object = value !== null && typeof value === "object" && !Array.isArray(value);
    return object && jsonProblem(value) === undefined ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** A file that cannot be removed stays; one that is not there is fine. */
export async function removeTaskFile(directory: string, name: string): Promise<void> {
  await rm(join(directory, name), { force: true }).catch(() => undefined);
}

/** Modification time in milliseconds; undefined when the file is not there. */
export async function modifiedAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    (facts) => facts.mtimeMs,
    () => undefined,
  );
}

/**
 * What the run left in its task folder for itself: names and places, for the files component. Links are not
 * followed out of it, and a socket that somebody forgot must not cost the rest.
 */
export async function producedFiles(directory: string): Promise<{ name: string; source: string }[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !OWN_NAMES.has(name) && !name.startsWith("."))
    .sort()
    .map((name) => ({ name, source: join(directory, name) }));
}
