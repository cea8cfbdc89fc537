import type { Json } from "../util/json.ts";
import { isJsonObject } from "../util/json-merge.ts";

/**
 * The value that a dotted name means: dots lead into nested values, numbers into lists; a key that holds dots itself
 * is found when there is no nested one. Undefined: there is none.
 */
export function valueAt(tree: Json, path: readonly string[]): Json | undefined {
  if (path.length === 0) return tree;
  for (let parts = 1; parts <= path.length; parts++) {
    const inner = ownValue(tree, path.slice(0, parts).join("."));
    const found = inner === undefined ? undefined : valueAt(inner, path.slice(parts));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What an object or list itself holds under a key, nothing inherited. */
export function ownValue(value: Json, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
