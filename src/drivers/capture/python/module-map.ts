import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRegularFile } from "../regular-file.ts";
import { breather } from "../slices.ts";
import { type Distribution, normalizedName } from "./distributions.ts";

/**
 * Which distributions hold a module: indexes by dotted name. A deeper name is only there where the upper one
 * does not decide: several distributions share it, or it is a namespace (`google.cloud.storage`). `name.`
 * holds those to which names below belong that are no modules of their own, where these are not all.
 */
export type ModuleMap = { readonly [module: string]: readonly number[] };

const DEEPEST = 4;
const LARGEST_RECORD = 32 << 20;

/** Reads the file lists of all distributions; meant to be kept, for it costs some ten milliseconds. */
export async function buildModuleMap(distributions: readonly Distribution[]): Promise<ModuleMap> {
  const breathe = breather();
  const members = new Map<number, string[]>();
  for (const [index, distribution] of distributions.entries()) {
    members.set(index, moduleFiles(distribution));
    await breathe();
  }
  const map: Record<string, number[]> = {};
  addLevel(map, members, "", true);
  return map;
}

/** The distributions that may hold a dotted module; none when no top-level module is known by that name. */
export function ownersOf(map: ModuleMap, module: string): readonly number[] {
  const parts = module.split(".");
  let name = "";
  let owners: readonly number[] = [];
  for (const part of parts) {
    const deeper = lookUp(map, name === "" ? part : `${name}.${part}`);
    // A name that is no module is something inside the upper one, unless that is a mere namespace.
    if (deeper === undefined) return lookUp(map, `${name}.`) ?? owners;
    owners = deeper;
    name = name === "" ? part : `${name}.${part}`;
  }
  return owners;
}

function lookUp(map: ModuleMap, name: string): readonly number[] | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** The files below some name, by the distribution that they belong to. */
type Members = ReadonlyMap<number, readonly string[]>;

/** A module, or folder, below some name. */
interface Child {
  readonly members: Map<number, string[]>;
  /** Those in which it is a module: a file, or a folder with `__init__.py`. */
  readonly regular: Set<number>;
}

/** Adds the names below `prefix` (`google/cloud/`); true when any of them tells the members apart. */
function addLevel(
  map: Record<string, number[]>,
  members: Members,
  prefix: string,
  isNamespace: boolean,
): boolean {
  const depth = prefix.split("/").length;
  let telling = false;
  for (const [name, child] of childrenOf(members, prefix.length)) {
    const owners = child.members.size;
    const isOpen = (owners > 1 || child.regular.size === 0) && depth < DEEPEST;
    const told = isOpen && addLevel(map, child.members, `${prefix}${name}/`, child.regular.size === 0);
    if (!isNamespace && !told && owners === members.size) continue;
    const module = `${prefix}${name}`.replaceAll("/", ".");
    map[module] = [...child.members.keys()];
    if (isOpen && child.regular.size < owners) map[`${module}.`] = [...child.regular];
    telling = true;
  }
  return telling;
}

/** Sorts files by the part of their path at `from`. */
function childrenOf(members: Members, from: number): Map<string, Child> {
  const children = new Map<string, Child>();
  for (const [member, files] of members) {
    for (const file of files) {
      const name = moduleName(file, from);
      if (name === undefined) continue;
      const child = children.get(name) ?? {
        members: new Map<number, string[]>(),
        regular: new Set<number>(),
      };
      children.set(name, child);
      const own = child.members.get(member);
      if (own === undefined) child.members.set(member, [file]);
      else own.push(file);
      const end = from + name.length;
      if (file[end] === "." || file.startsWith("/__init__.", end)) child.regular.add(member);
    }
  }
  return children;
}

/** The part of a path at `from`, when it can be the name of a module. */
function moduleName(file: string, from: number): string | undefined {
  const slash = file.indexOf("/", from);
  const isFile = slash === -1;
  // An extension module carries the platform in its name: `_yaml.cpython-311-x86_64-linux-gnu.so`.
  const end = isFile ? file.indexOf(".", from) : slash;
  const name = file.slice(from, end);
  if (isFile && name === "__init__") return undefined;
  return /^[^\W\d]\w*$|[^\x00-\x7f]/.test(name) && !name.startsWith("__editable__") ? name : undefined;
}

/** The Python files of a distribution, relative to the folder its modules lie in. */
function moduleFiles(distribution: Distribution): string[] {
  const { metadata } = distribution;
  const recorded = [
    ...linesOf(join(metadata, "RECORD")).map(recordPath),
    ...linesOf(join(metadata, "installed-files.txt")).map((line) => line.replace(/^\.\.\//, "")),
  ].filter((path) => /\.(?:py|so|pyd)$/.test(path) && moduleName(path, 0) !== undefined);
  if (recorded.length > 0) return recorded;
  const declared = linesOf(join(metadata, "top_level.txt"));
  if (declared.length > 0) return declared.map((name) => `${name.replaceAll(".", "/")}/__init__.py`);
  const inPlace = modulesInPlace(distribution);
  return inPlace.length > 0 ? inPlace : guessedModules(distribution);
}

function linesOf(path: string): string[] {
  const text = readRegularFile(path, LARGEST_RECORD)?.toString("utf8") ?? "";
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/** The first column of a CSV line. */
function recordPath(line: string): string {
  if (line.startsWith('"')) return line.slice(1, line.indexOf('"', 1));
  const comma = line.indexOf(",");
  return comma === -1 ? line : line.slice(0, comma);
}

/** The packages in the source folder of what is installed in place. */
function modulesInPlace(distribution: Distribution): string[] {
  if (distribution.editable !== true || distribution.source === undefined) return [];
  const { source } = distribution;
  try {
    const folder = source.startsWith("file:") ? fileURLToPath(source) : source;
    return [join(folder, "src"), folder]
      .filter((place) => existsSync(place))
      .flatMap((place) => readdirSync(place).filter((name) => existsSync(join(place, name, "__init__.py"))))
      .map((name) => `${name}/__init__.py`);
  } catch {
    return [];
  }
}

/** Without any list: a module named like the distribution, if it lies beside the metadata. */
function guessedModules(distribution: Distribution): string[] {
  const name = normalizedName(distribution.name).replaceAll("-", "_");
  const beside = join(dirname(distribution.metadata), name);
  return existsSync(beside) || existsSync(`${beside}.py`) ? [`${name}/__init__.py`] : [];
}
