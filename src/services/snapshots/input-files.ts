import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { pointerProblem } from "../../domain/pointers.ts";
import { errors } from "../../protocol/errors.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import { jsonProblem } from "../../util/json-limits.ts";

/** Names under which a project's config and metrics are found at its root, in this order. */
export const CONFIG_FILES: readonly string[] = ["config.json"];
export const METRICS_FILES: readonly string[] = ["metrics.json", "stats.json"];

/** Bytes of a config or metrics file. */
export const LIMIT_BYTES = 32 * 1024 * 1024;

/** The first of these files at `directory` that is there, as a JSON object; undefined when none is. */
export async function readRootObject(
  directory: string,
  names: readonly string[],
): Promise<JsonObject | undefined> {
  for (const name of names) {
    const text = await ifThere(name, () => readOrdinary(join(directory, name)));
    if (text !== undefined) return parseObject(text, name);
  }
  return undefined;
}

/** Config and metrics at the root of the project, as a snapshot takes them when nothing else is given. */
export async function rootInputs(directory: string): Promise<{ config: JsonObject; metrics: JsonObject }> {
  const [config, metrics] = await Promise.all([
    readRootObject(directory, CONFIG_FILES),
    readRootObject(directory, METRICS_FILES),
  ]);
  return { config: config ?? {}, metrics: metrics ?? {} };
}

/** A JSON object in a file that the user named. Throws CONFIG_INVALID. */
export async function readNamedObject(directory: string, file: string): Promise<JsonObject> {
  const text = await ifThere(file, () => readFile(resolve(directory, file), "utf8"));
  if (text === undefined) throw errors.CONFIG_INVALID({ source: file, reason: "there is no such file" });
  return parseObject(text, file);
}

/** A path below `directory` in its `/`-separated relative form. Throws PATH_INVALID when it leads out. */
export function insideProject(directory: string, path: string): string {
  const inside = relative(directory, resolve(directory, path));
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw errors.PATH_INVALID({ path, reason: "it lies outside the project" });
  }
  return inside.split(sep).join("/");
}

/** The same object. Throws CONFIG_INVALID when it cannot be kept. */
export function checkedObject(value: JsonObject, source: string): JsonObject {
  const reason = jsonProblem(value) ?? pointerProblem(value);
  if (reason !== undefined) throw errors.CONFIG_INVALID({ source, reason });
  return value;
}

async function ifThere(source: string, read: () => Promise<string>): Promise<string | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw errors.CONFIG_INVALID({ source, reason: (error as Error).message });
  }
}

/** What merely lies there under such a name may be anything: nothing is waited for, nothing huge is read. */
async function readOrdinary(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error("it is no regular file");
    if (facts.size > LIMIT_BYTES) throw new Error(`it is larger than ${LIMIT_BYTES / 1024 / 1024} MB`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

function parseObject(text: string, source: string): JsonObject {
  let value: Json;
  try {
    // Windows editors put a byte order mark in front.
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) as Json;
  } catch (error) {
    throw errors.CONFIG_INVALID({ source, reason: (error as Error).message });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw errors.CONFIG_INVALID({ source, reason: "it must hold a JSON object" });
  }
  return checkedObject(value as JsonObject, source);
}
