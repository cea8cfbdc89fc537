import type { Stats } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { errors } from "../../../protocol/errors.ts";
import type { FileSource } from "../../../services/ports/snapshots.ts";
import { errorCode, type FileSystem, isMissing } from "../files/file-system.ts";
import { decodeName, fsPath, refuseName } from "../files/names.ts";
import { screenPath } from "../objects/component-tree.ts";
import type { FileToRead } from "./read-files.ts";

/** A file or link to take, and its path inside the component. */
export interface SourceFile extends FileToRead {
  readonly name: string;
  readonly facts: Stats;
  /** It was named itself, so leaving it out would be an error. */
  readonly named: boolean;
  /** Where it lies in the project; absent: elsewhere. */
  readonly place?: string;
}

export interface Sources {
  readonly files: SourceFile[];
  readonly skipped: { path: string; reason: string }[];
}

/**
 * Finds everything below the sources. A source that is a link is followed, unless it lies in `.datmo`, where a
 * run may have planted it, or is asked for as a link; links inside folders are never followed. What lies below
 * `root` is told with its place there.
 * Throws PATH_NOT_FOUND, PATH_INVALID, PATH_DUPLICATE.
 */
export function listSources(
  fs: FileSystem,
  datmoDirectory: string,
  root: string,
  entries: readonly FileSource[],
): Sources {
  refuseDuplicates(entries.map(({ name }) => name));
  const sources: Sources = { files: [], skipped: [] };
  const placeOf = placesIn(fs, root);
  for (const { name, source, asLink } of entries) {
    screenPath(name);
    const path = asLink ? linkItself(fs, source) : realSource(fs, datmoDirectory, source);
    const facts = existing(fs, path, source);
    const from = sources.files.length;
    if (facts.isDirectory()) listFolder(fs, path, name, sources);
    else if (facts.isFile() || facts.isSymbolicLink()) sources.files.push(toSource(path, name, facts, true));
    else throw errors.PATH_INVALID({ path: source, reason: "it is a pipe, socket or device" });
    for (let i = from; i < sources.files.length; i++) {
      const file = sources.files[i] as SourceFile;
      const place = placeOf(file.path);
      if (place !== undefined) sources.files[i] = { ...file, place };
    }
  }
  return sources;
}

/** Tells where a real path lies in a folder; undefined outside it and where no snapshot writes. */
function placesIn(fs: FileSystem, root: string): (path: string) => string | undefined {
  let real: string;
  try {
    real = join(fs.realpathSync(root), sep);
  } catch {
    return () => undefined;
  }
  return (path) => {
    const place = path.startsWith(real) ? path.slice(real.length) : "";
    return place !== "" && place.split("/").every((part) => refuseName(part, false) === undefined)
      ? place
      : undefined;
  };
}

function linkItself(fs: FileSystem, source: string): string {
  try {
    return join(fs.realpathSync(dirname(source)), basename(source));
  } catch (error) {
    throw unusable(error, source);
  }
}

function refuseDuplicates(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of [...names].sort()) {
    const parts = name.split("/");
    const clash = parts.map((_, i) => parts.slice(0, i + 1).join("/")).find((prefix) => seen.has(prefix));
    if (clash !== undefined) throw errors.PATH_DUPLICATE({ name: clash });
    seen.add(name);
  }
}

function realSource(fs: FileSystem, datmoDirectory: string, source: string): string {
  try {
    const folder = join(datmoDirectory, sep);
    if (!source.startsWith(folder)) return fs.realpathSync(source);
    const above = fs.realpathSync(dirname(source));
    const inside = join(above, sep).startsWith(join(fs.realpathSync(datmoDirectory), sep));
    if (!inside)
      throw errors.PATH_INVALID({ path: source, reason: "a link leads out of the folder it should be in" });
    return join(above, basename(source));
  } catch (error) {
    throw unusable(error, source);
  }
}

function existing(fs: FileSystem, path: string, source: string): Stats {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    throw unusable(error, source);
  }
}

function unusable(error: unknown, path: string): unknown {
  if (isMissing(error)) return errors.PATH_NOT_FOUND({ path });
  const code = errorCode(error);
  if (["EACCES", "EPERM", "ELOOP"].includes(code)) {
    return errors.PATH_INVALID({ path, reason: `it cannot be read (${code})` });
  }
  return error;
}

function listFolder(fs: FileSystem, path: string, name: string, sources: Sources): void {
  for (const entry of namesOf(fs, path)) {
    if (entry === ".git" || entry === ".datmo") continue;
    const full = `${path}/${entry}`;
    const inside = `${name}/${entry}`;
    const facts = fs.lstatSync(fsPath(full), { throwIfNoEntry: false });
    if (!facts) continue;
    const refused = refuseName(entry, facts.isSymbolicLink());
    if (refused) sources.skipped.push({ path: inside, reason: refused });
    else if (facts.isDirectory()) listFolder(fs, full, inside, sources);
    else if (facts.isFile() || facts.isSymbolicLink())
      sources.files.push(toSource(full, inside, facts, false));
    else sources.skipped.push({ path: inside, reason: "it is a pipe, socket or device" });
  }
}

function namesOf(fs: FileSystem, path: string): string[] {
  try {
    const names = fs.readdirSync(fsPath(path), { encoding: "buffer" }) as unknown as Buffer[];
    return names.map(decodeName).sort();
  } catch (error) {
    throw unusable(error, path);
  }
}

function toSource(path: string, name: string, facts: Stats, named: boolean): SourceFile {
  return { path, name, facts, named, bytes: facts.size, link: facts.isSymbolicLink(), rehash: false };
}
