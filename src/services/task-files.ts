import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json, JsonObject } from "../util/json.ts";

/* Files of a run's task folder that the engine itself writes and reads. */

/** Names in a task folder that are datmo's own; everything else was made by the run and is kept with it. */
const OWN_NAMES = new Set([
  "output.log",
  "process.json",
  "exit.json",
  "exit.json.tmp",
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
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of ["journal", "spool", "reply"])
    await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
}

/** Writes a JSON document so that readers see the old one or the new one, never half of it. */
export async function writeTaskJson(directory: string, name: string, value: Json): Promise<void> {
  const temporary = join(directory, `.${name}.${process.pid}.tmp`);
  await writeFile(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(temporary, join(directory, name));
}

/** A JSON object in a task folder; undefined when it is not there or is no object. */
export async function readTaskJson(directory: string, name: string): Promise<JsonObject | undefined> {
  try {
    const value = JSON.parse(await readFile(join(directory, name), "utf8")) as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Modification time in milliseconds; undefined when the file is not there. */
export async function modifiedAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    (facts) => facts.mtimeMs,
    () => undefined,
  );
}

/** What the run left in its task folder for itself: names and places, for the files component. */
export async function producedFiles(directory: string): Promise<{ name: string; source: string }[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names
    .filter((name) => !OWN_NAMES.has(name) && !name.startsWith("."))
    .sort()
    .map((name) => ({ name, source: join(directory, name) }));
}
