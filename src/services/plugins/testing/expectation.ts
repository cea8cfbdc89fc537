import type { Json, JsonObject } from "../../../util/json.ts";

/**
 * Where a value is not what was expected, in words; undefined when it is. Keys of objects that are not expected do
 * not matter; lists have to be of the same length.
 */
export function mismatch(expected: Json, actual: Json | undefined, at = ""): string | undefined {
  const place = at === "" ? "it" : at;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `${place} is ${shown(actual)}, not a list`;
    if (actual.length !== expected.length)
      return `${place} has ${actual.length} items, not ${expected.length}: ${shown(actual)}`;
    return firstOf(expected.map((item, index) => mismatch(item, actual[index], `${at}/${index}`)));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return `${place} is ${shown(actual)}, not an object`;
    return firstOf(
      Object.entries(expected).map(([key, value]) =>
        mismatch(value, Object.hasOwn(actual, key) ? actual[key] : undefined, `${at}/${key}`),
      ),
    );
  }
  return expected === actual ? undefined : `${place} is ${shown(actual)}, not ${shown(expected)}`;
}

/** Texts such as `{first.run.id}` become that part of what earlier steps gave. Throws what is no such part. */
export function filledIn(value: Json, known: ReadonlyMap<string, Json>): Json {
  if (typeof value === "string") return filledText(value, known);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, known));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, known)]));
}

const PART = /\{([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*)\}/g;

function filledText(text: string, known: ReadonlyMap<string, Json>): Json {
  const whole = new RegExp(`^${PART.source}$`).exec(text);
  // Braces that name no step are left as they are: commands have `{name}` for values of the config.
  if (whole && known.has(stepOf(whole[1] as string))) return partOf(whole[1] as string, known);
  return text.replace(PART, (all, path: string) => {
    if (!known.has(stepOf(path))) return all;
    const part = partOf(path, known);
    return typeof part === "string" ? part : JSON.stringify(part);
  });
}

function stepOf(path: string): string {
  return path.split(".")[0] as string;
}

function partOf(path: string, known: ReadonlyMap<string, Json>): Json {
  const [step = "", ...keys] = path.split(".");
  let value = known.get(step) as Json;
  for (const key of keys) {
    const inner =
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as JsonObject)[key]
        : undefined;
    if (inner === undefined) throw new Error(`there is no {${path}} in the step "${step}": ${shown(value)}`);
    value = inner;
  }
  return value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstOf(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "not there";
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
