import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Stamp, sameStamp, settled, stampOf } from "../stamps.ts";
import { type Distribution, normalizedName, readDistributions } from "./distributions.ts";
import type { PythonAnswer } from "./probe.ts";

/** What was read of one folder of `sys.path`, and the stamps by which it is known to be the same still. */
export type FolderPackages = {
  readonly watched: readonly Watched[];
  readonly distributions: readonly Distribution[];
};

export type PackageFolders = { readonly [folder: string]: FolderPackages };

/** A file or folder and its stamp when it was looked at. */
export type Watched = readonly [path: string, stamp: Stamp];

/** True when nothing that was watched has changed. */
export function isUnchanged(watched: readonly Watched[]): boolean {
  return watched.every(([path, stamp]) => sameStamp(stamp, stampOf(path)));
}

/**
 * The packages of each folder that the interpreter imports from; folders that are known and unchanged are
 * not read again, and come back as the same objects.
 */
export function readPackageFolders(answer: PythonAnswer, known: PackageFolders, now: number): PackageFolders {
  const sites = new Set(answer.sites);
  const folders: Record<string, FolderPackages> = {};
  for (const folder of answer.path) {
    if (folder === answer.stdlib || basename(folder) === "lib-dynload") continue;
    const before = Object.hasOwn(known, folder) ? known[folder] : undefined;
    const isSame = before !== undefined && isUnchanged(before.watched);
    folders[folder] = isSame ? before : readFolder(folder, sites.has(folder), now);
  }
  return folders;
}

/** All distributions that can be imported, sorted by name: of two with one name Python sees the first. */
export function visibleDistributions(answer: PythonAnswer, folders: PackageFolders): Distribution[] {
  const byName = new Map<string, Distribution>();
  for (const distribution of answer.path.flatMap((folder) => folders[folder]?.distributions ?? [])) {
    const name = normalizedName(distribution.name);
    if (!byName.has(name)) byName.set(name, distribution);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, distribution]) => distribution);
}

/** What decides `sys.path` beside the interpreter itself: the package folders and the `.pth` files in them. */
export function watchedSites(answer: PythonAnswer, now: number): Watched[] {
  return answer.sites
    .flatMap((folder) => [folder, ...pathFiles(folder)])
    .map((path) => [path, settled(stampOf(path), now)]);
}

function readFolder(folder: string, isSite: boolean, now: number): FolderPackages {
  const stamp = settled(stampOf(folder), now);
  const distributions = readDistributions(folder, isSite);
  // Installers make a new folder for each version; what lies beside source code is rewritten in place.
  const rewritten = isSite
    ? []
    : distributions.map((distribution) => join(distribution.metadata, "PKG-INFO"));
  const watched = rewritten.map((path): Watched => [path, settled(stampOf(path), now)]);
  return { watched: [[folder, stamp], ...watched], distributions };
}

function pathFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".pth"))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
