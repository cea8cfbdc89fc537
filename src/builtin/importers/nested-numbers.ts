import type { Json } from "../../util/json.ts";

const DEEPEST = 20;

/** Every number in nested objects, keys joined by dots; truths are 1 and 0. Lists and media are no metrics. */
export function numbersOf(value: Json, name = "", depth = 0): [string, number][] {
  if (typeof value === "number") return [[name, value]];
  if (typeof value === "boolean") return [[name, value ? 1 : 0]];
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return [[name, Number(value)]];
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth > DEEPEST) return [];
  if ("_type" in value) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    numbersOf(inner, name === "" ? key : `${name}.${key}`, depth + 1),
  );
}
