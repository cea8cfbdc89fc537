import type { Json, JsonObject } from "./json.ts";

/** Deeper JSON is nothing that a person wrote, and would exhaust the stack of everything that walks it. */
const MAX_DEPTH = 100;

/**
 * Why a parsed value cannot be kept: it is too deep, or one of its numbers is out of range (`1e400`), unless
 * `anyNumber`. Undefined: it can.
 */
export function jsonProblem(value: Json, options: { readonly anyNumber?: boolean } = {}): string | undefined {
  // Level by level, without recursion.
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
    const next: Json[] = [];
    for (const item of level) {
      if (typeof item === "object" && item !== null) addItems(next, item);
      else if (typeof item === "number" && !Number.isFinite(item) && options.anyNumber !== true)
        return "it holds a number that is out of range";
    }
    level = next;
  }
  return undefined;
}

/** Texts and the like cannot be wrong; a million of them need not be looked at twice. */
function addItems(list: Json[], holder: JsonObject | readonly Json[]): void {
  for (const item of Object.values(holder)) {
    if (typeof item === "object" || typeof item === "number") list.push(item);
  }
}
