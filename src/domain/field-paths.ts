import type { Json, JsonObject } from "../util/json.ts";
import { setKey } from "../util/json-merge.ts";

/*
 * Records keep nested objects as flat fields, one per leaf, so that two writers who set different keys of
 * one config never overwrite each other. A path is a JSON pointer without its leading slash; arrays and
 * empty objects are leaves.
 */

/** Joins keys to a path, escaping `~` and `/`. */
export function fieldPath(...keys: readonly string[]): string {
  return keys.map(escapeKey).join("/");
}

/** Splits a path into its keys. */
export function pathKeys(path: string): string[] {
  const keys = path.split("/");
  return path.includes("~") ? keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")) : keys;
}

/** The fields of a nested object below `prefix`. */
export function flattenFields(prefix: string, value: JsonObject): Record<string, Json> {
  const fields: Record<string, Json> = {};
  collect(prefix, value, fields);
  return fields;
}

/** The nested object below `prefix`; the inverse of `flattenFields`. Fields removed by null are left out. */
export function nestFields(prefix: string, fields: { readonly [path: string]: Json }): Record<string, Json> {
  const root: Record<string, Json> = {};
  const start = `${prefix}/`;
  const paths: string[] = [];
  for (const path in fields) if (path.startsWith(start) && fields[path] !== null) paths.push(path);
  // Shorter paths first: a leaf that was replaced by an object (or the reverse) gives way to the deeper one.
  for (const path of paths.sort()) place(root, pathKeys(path.slice(start.length)), fields[path] as Json);
  return root;
}

function escapeKey(key: string): string {
  return key.includes("~") || key.includes("/") ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}

function collect(prefix: string, value: JsonObject, fields: Record<string, Json>): void {
  for (const [key, item] of Object.entries(value)) {
    const path = `${prefix}/${escapeKey(key)}`;
    if (isNested(item)) collect(path, item, fields);
    // A null in a config is a value of its own; a bare null would remove the field.
    else fields[path] = item === null ? { $null: true } : item;
  }
}

function isNested(item: Json | undefined): item is JsonObject {
  return typeof item === "object" && item !== null && !Array.isArray(item) && Object.keys(item).length > 0;
}

function place(root: Record<string, Json>, keys: string[], value: Json): void {
  let at = root;
  const last = keys.length - 1;
  for (let i = 0; i < last; i++) {
    const key = keys[i] ?? "";
    // Not what the prototype holds: a key may be called `__proto__`.
    const next = Object.hasOwn(at, key) ? at[key] : undefined;
    const child: Record<string, Json> =
      typeof next === "object" && next !== null && !Array.isArray(next) ? (next as Record<string, Json>) : {};
    setKey(at, key, child);
    at = child;
  }
  setKey(at, keys[last] ?? "", isNullMark(value) ? null : value);
}

function isNullMark(value: Json): boolean {
  return typeof value === "object" && value !== null && (value as JsonObject)["$null"] === true;
}
