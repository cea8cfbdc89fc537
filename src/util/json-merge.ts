import type { Json, JsonObject } from "./json.ts";

/**
 * `patch` laid over `base`: objects are merged key by key at every depth, anything else (arrays and null
 * too) replaces what was there. Neither argument is changed.
 */
export function deepMerge(base: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, Json> = {};
  for (const [key, value] of Object.entries(base)) setKey(merged, key, value);
  for (const [key, value] of Object.entries(patch)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    setKey(merged, key, isJsonObject(below) && isJsonObject(value) ? deepMerge(below, value) : value);
  }
  return merged;
}

/** True for a JSON object; false for arrays, null and scalars. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sets a key as JSON means it: plain assignment to `__proto__` would set the prototype. */
export function setKey(target: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  } else target[key] = value;
}
