/* Placeholders and expectations of the scenarios (../README.md). */
import type { Json } from "../../../src/util/json.ts";

export type Saved = ReadonlyMap<string, unknown>;

/** The value with its placeholders filled in. */
export function resolve(value: unknown, saved: Saved): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, saved));
  if (!isObject(value)) return value;
  const [entry, ...more] = Object.entries(value);
  if (entry !== undefined && more.length === 0) {
    const [key, given] = entry as [string, never];
    if (key === "$saved") return saved.get(given);
    if (key === "$divide") return given[0] / given[1];
    if (key === "$repeat") return (given[0] as string).repeat(given[1]);
    if (key === "$number") return Number(given);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, saved)]));
}

/** What does not match, one text each; none when all does. */
export function differences(expected: unknown, got: unknown, path = ""): string[] {
  if (isObject(expected)) {
    const [key, ...more] = Object.keys(expected);
    if (key?.startsWith("$") && more.length === 0) return special(key, expected[key], got, path);
    if (!isObject(got)) return [unlike(path, expected, got)];
    return Object.entries(expected).flatMap(([name, item]) =>
      differences(item, got[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return [unlike(path, expected, got)];
    return expected.flatMap((item, index) => differences(item, got[index], `${path}[${index}]`));
  }
  return expected === got ? [] : [unlike(path, expected, got)];
}

/** The value at a path such as `items.0.id`. */
export function pick(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner, key) => (inner as Record<string, unknown>)[key], value);
}

function special(key: string, wanted: unknown, got: unknown, path: string): string[] {
  const fits = SPECIAL[key]?.(got, wanted as never);
  if (fits === undefined) throw new Error(`no such expectation: ${key}`);
  return fits ? [] : [unlike(path, { [key]: wanted }, got)];
}

const SPECIAL: Readonly<Record<string, (got: unknown, wanted: never) => boolean>> = {
  $absent: (got) => got === undefined,
  $type: (got, wanted) => typeOf(got) === wanted,
  $matches: (got, wanted) => typeof got === "string" && new RegExp(wanted).test(got),
  $length: (got, wanted) => lengthOf(got) === wanted,
  $has: (got, wanted) => Array.isArray(got) && got.some((item) => differences(wanted, item).length === 0),
};

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : undefined;
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unlike(path: string, expected: unknown, got: unknown): string {
  const shown = (value: unknown): string =>
    value === undefined ? "nothing" : JSON.stringify(value).slice(0, 200);
  return `${path || "it"}: expected ${shown(expected)}, got ${shown(got)}`;
}
