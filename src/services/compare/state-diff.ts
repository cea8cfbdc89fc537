import { canonicalJson } from "../../domain/task-record.ts";
import type { KeyChange, PackageChange, PathChange, StateDiff } from "../../protocol/types.ts";
import type { Json, JsonObject } from "../../util/json.ts";
import type { PackageFact } from "../ports/capture.ts";
import type { ReadSnapshot } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";

/** One side of a comparison. */
export interface ComparedState {
  readonly config: JsonObject;
  readonly metrics: JsonObject;
  /** State that holds code and environment. Absent: nothing is known. */
  readonly code?: ReadSnapshot;
  /** Tree of the kept files. Absent: none. */
  readonly filesTree?: string;
}

/** What differs between two states: all five components. */
export async function diffStates(
  project: OpenProject,
  a: ComparedState,
  b: ComparedState,
): Promise<StateDiff> {
  const [code, files] = await Promise.all([
    diffPaths(project, a.code?.codeTree, b.code?.codeTree),
    diffPaths(project, a.filesTree, b.filesTree),
  ]);
  return {
    config: diffKeys(a.config, b.config),
    metrics: diffKeys(a.metrics, b.metrics),
    environment: diffKeys(environmentKeys(a.code?.manifest), environmentKeys(b.code?.manifest)),
    packages: diffPackages(a.code?.manifest, b.code?.manifest),
    code,
    files,
  };
}

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

async function diffPaths(
  project: OpenProject,
  a: string | undefined,
  b: string | undefined,
): Promise<PathChange[]> {
  if (a === b) return [];
  const changes = await project.snapshots.diffTrees(a ?? null, b ?? null);
  return changes.map(({ path, status }) => ({ path, status }));
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
  const keys: Record<string, Json> = {};
  if (environment["kind"] !== undefined) keys["kind"] = environment["kind"];
  const python = version("python");
  if (python !== undefined) keys["python"] = python;
  const r = version("r");
  if (r !== undefined) keys["r"] = r;
  if (environment["definition"] !== undefined) keys["definition"] = environment["definition"];
  return keys;
}
