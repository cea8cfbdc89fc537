import { canonicalJson } from "../../domain/task-record.ts";
import type { KeyChange, PackageChange } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { PackageFact } from "../ports/capture.ts";

/** Keys that differ, nested keys joined by dots. */
export function diffKeys(a: JsonObject, b: JsonObject): KeyChange[] {
  const left = new Map(leaves("", a));
  const right = new Map(leaves("", b));
  const changes: KeyChange[] = [];
  for (const key of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [x, y] = [left.get(key), right.get(key)];
    if (x !== undefined && y !== undefined && canonicalJson(x) === canonicalJson(y)) continue;
    changes.push({ key, ...(x === undefined ? {} : { a: x }), ...(y === undefined ? {} : { b: y }) });
  }
  return changes;
}

/** Packages that differ between the environments of two manifests. */
export function diffPackages(a: JsonObject | undefined, b: JsonObject | undefined): PackageChange[] {
  const left = packagesOf(a);
  const right = packagesOf(b);
  const changes: PackageChange[] = [];
  for (const name of [...new Set([...left.keys(), ...right.keys()])].sort()) {
    const [x, y] = [left.get(name), right.get(name)];
    if (x !== y)
      changes.push({ name, ...(x === undefined ? {} : { a: x }), ...(y === undefined ? {} : { b: y }) });
  }
  return changes;
}

/** Facts of the environments of two manifests that differ, but for their packages. */
export function diffEnvironmentFacts(a: JsonObject | undefined, b: JsonObject | undefined): KeyChange[] {
  return diffKeys(environmentKeys(a), environmentKeys(b));
}

/** Packages of a manifest by name, the language in front. */
export function packagesOf(manifest: JsonObject | undefined): Map<string, string> {
  const environment = (manifest?.["environment"] ?? {}) as JsonObject;
  const packages = new Map<string, string>();
  for (const language of ["python", "r", "conda"]) {
    const facts = environment[language] as { packages?: readonly PackageFact[] } | undefined;
    for (const { name, version } of facts?.packages ?? []) packages.set(`${language}:${name}`, version);
  }
  return packages;
}

function leaves(prefix: string, value: JsonObject): [string, Json][] {
  return Object.entries(value).flatMap(([key, item]): [string, Json][] => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    const nested =
      item !== null && typeof item === "object" && !Array.isArray(item) && Object.keys(item).length > 0;
    return nested ? leaves(path, item as JsonObject) : [[path, item]];
  });
}

function environmentKeys(manifest: JsonObject | undefined): JsonObject {
  const environment = (manifest?.["environment"] ?? {}) as JsonObject;
  const version = (language: string): Json | undefined =>
    (environment[language] as JsonObject | undefined)?.["version"];
  const keys: [string, Json | undefined][] = [
    ["kind", environment["kind"]],
    ["python", version("python")],
    ["r", version("r")],
    ["definition", environment["definition"]],
    ["definitionFolder", environment["definitionFolder"]],
  ];
  return Object.fromEntries(keys.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}
