import { parse } from "smol-toml";
import { errors } from "../../protocol/errors.ts";

/** The pinned set of a uv.lock, as lines of a requirements.txt. */
export interface LockedSet {
  readonly lines: readonly string[];
  /** Lowest minor version of Python 3 that the lock was made for. Absent: any. */
  readonly minimum?: number;
  readonly notes: readonly string[];
}

interface Dependency {
  readonly name: string;
  readonly version?: string;
  readonly source?: Source;
  readonly marker?: string;
  readonly extra?: readonly string[];
}

interface Source {
  readonly registry?: string;
  readonly git?: string;
  readonly url?: string;
  readonly path?: string;
  readonly directory?: string;
  readonly editable?: string;
  readonly virtual?: string;
}

interface Package extends Dependency {
  readonly dependencies?: readonly Dependency[];
  readonly "optional-dependencies"?: { readonly [extra: string]: readonly Dependency[] };
  readonly "dev-dependencies"?: { readonly [group: string]: readonly Dependency[] };
  readonly sdist?: { readonly hash?: string };
  readonly wheels?: readonly { readonly hash?: string }[];
}

/** Conditions under which a package is wanted: any of these lists, all clauses of one. */
type Conditions = string[][];

const FILE = "uv.lock";
const PYPI = "https://pypi.org/simple";

/**
 * What `uv sync` would install: the project's dependencies and its group `dev`, with their own. Conditions are
 * carried along as markers. Throws LOCK_FILE_INVALID.
 */
export function readUvLock(text: string): LockedSet {
  const { packages, minimum } = parsed(text);
  const roots = packages.filter(
    ({ source }) => source?.virtual !== undefined || source?.editable !== undefined,
  );
  if (roots.length === 0) throw invalid("no package in it is the project");
  const wanted = walk(packages, roots);
  const notes: string[] = [];
  const kept = [...wanted].filter(([one]) => !roots.includes(one));
  const hashed = kept.every(([one]) => hashesOf(one).length > 0);
  const indexes = new Set<string>();
  const lines = kept.flatMap(([one, conditions]) => {
    const { registry } = one.source ?? {};
    if (registry !== undefined && registry !== PYPI) indexes.add(indexOption(registry));
    const requirement = requirementOf(one);
    if (requirement === undefined) {
      notes.push(`${one.name} is a folder of that machine; it is left out.`);
      return [];
    }
    const marker = markerOf(conditions);
    return [
      requirement +
        (marker === "" ? "" : ` ; ${marker}`) +
        (hashed
          ? hashesOf(one)
              .map((hash) => ` --hash=${hash}`)
              .join("")
          : ""),
    ];
  });
  return { lines: [...indexes, ...lines.sort()], ...(minimum === undefined ? {} : { minimum }), notes };
}

function parsed(text: string): { readonly packages: readonly Package[]; readonly minimum?: number } {
  let lock: { readonly package?: unknown; readonly "requires-python"?: unknown };
  try {
    lock = parse(text);
  } catch (error) {
    throw invalid((error as Error).message.split("\n")[0] ?? "it is no TOML");
  }
  if (!Array.isArray(lock.package)) throw invalid("it lists no packages");
  const [, minor] = /^>=\s*3\.(\d+)/.exec(String(lock["requires-python"] ?? "")) ?? [];
  return {
    packages: lock.package as Package[],
    ...(minor === undefined ? {} : { minimum: Number(minor) }),
  };
}

function walk(packages: readonly Package[], roots: readonly Package[]): Map<Package, Conditions> {
  const byName = groupByName(packages);
  const wanted = new Map<Package, Conditions>();
  const seenExtras = new Map<string, Conditions>();
  const queue: { readonly one: Package; readonly clauses: string[]; readonly extras: readonly string[] }[] =
    roots.map((one) => ({ one, clauses: [], extras: [] }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { one, clauses, extras } = next;
    const edges: Dependency[] = [];
    if (admit(wanted, one, clauses)) edges.push(...(one.dependencies ?? []));
    if (roots.includes(one)) edges.push(...(one["dev-dependencies"]?.["dev"] ?? []));
    for (const extra of extras) {
      if (admit(seenExtras, `${one.name}@${one.version}[${extra}]`, clauses)) {
        edges.push(...(one["optional-dependencies"]?.[extra] ?? []));
      }
    }
    for (const edge of edges) {
      const all = edge.marker === undefined ? clauses : [...new Set([...clauses, edge.marker])];
      for (const target of targetsOf(byName, edge)) {
        queue.push({ one: target, clauses: all, extras: edge.extra ?? [] });
      }
    }
  }
  return wanted;
}

function groupByName(packages: readonly Package[]): Map<string, Package[]> {
  const byName = new Map<string, Package[]>();
  for (const one of packages) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return byName;
}

/** False when it is wanted under these conditions anyway. */
function admit<K>(seen: Map<K, Conditions>, key: K, clauses: readonly string[]): boolean {
  const known = seen.get(key) ?? [];
  if (known.some((other) => other.every((clause) => clauses.includes(clause)))) return false;
  const weaker = (other: readonly string[]): boolean => !clauses.every((clause) => other.includes(clause));
  seen.set(key, [...known.filter(weaker), [...clauses]]);
  return true;
}

/** With several versions of one name in the lock, the edge says which one it means. */
function targetsOf(byName: ReadonlyMap<string, readonly Package[]>, edge: Dependency): readonly Package[] {
  const named = byName.get(edge.name) ?? [];
  const fitting = named.filter(
    (one) =>
      (edge.version === undefined || one.version === edge.version) &&
      (edge.source === undefined || sameSource(one.source, edge.source)),
  );
  if (fitting.length === 0) throw invalid(`${edge.name} is needed and not in it`);
  return fitting;
}

function sameSource(a: Source | undefined, b: Source): boolean {
  return Object.entries(b).every(([key, value]) => a?.[key as keyof Source] === value);
}

function requirementOf({ name, version, source = {} }: Package): string | undefined {
  if (source.git !== undefined) {
    const [address = "", commit = ""] = source.git.split("#");
    return `${name} @ git+${address.replace(/\?.*$/, "")}@${commit}`;
  }
  if (source.url !== undefined) return `${name} @ ${source.url}`;
  if (source.registry === undefined || version === undefined) return undefined;
  return `${name}==${version}`;
}

function indexOption(registry: string): string {
  return /^https?:/.test(registry) ? `--extra-index-url ${registry}` : `--find-links ${registry}`;
}

function hashesOf({ sdist, wheels = [] }: Package): string[] {
  const hashes = [sdist, ...wheels].map((file) => file?.hash).filter((hash) => hash !== undefined);
  return [...new Set(hashes)].sort();
}

function markerOf(conditions: Conditions): string {
  if (conditions.some((clauses) => clauses.length === 0)) return "";
  const all = conditions.map((clauses) => clauses.map((clause) => `(${clause})`).join(" and "));
  return all.length === 1 ? (all[0] ?? "") : all.map((text) => `(${text})`).join(" or ");
}

function invalid(reason: string): Error {
  return errors.LOCK_FILE_INVALID({ file: FILE, reason });
}
