import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { errors } from "../protocol/errors.ts";
import type { Json, JsonObject } from "../util/json.ts";

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
