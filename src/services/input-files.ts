import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { errors } from "../protocol/errors.ts";
import type { Json, JsonObject } from "../util/json.ts";

/** Names under which a project's config and metrics are found at its root, in this order. */
export const CONFIG_FILES: readonly string[] = ["config.json"];
export const METRICS_FILES: readonly string[] = ["metrics.json", "stats.json"];

/** The first of these files at `directory` that is there, as a JSON object; undefined when none is. */
export async function readRootObject(
  directory: string,
  names: readonly string[],
): Promise<JsonObject | undefined> {
  for (const name of names) {
    const text = await readIfThere(join(directory, name));
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
  const text = await readIfThere(resolve(directory, file));
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

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw errors.CONFIG_INVALID({ source: path, reason: (error as Error).message });
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
  return value as JsonObject;
}
