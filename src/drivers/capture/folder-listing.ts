import { type Dirent, opendirSync } from "node:fs";
import { type IgnoreRules, isEnvironment, isSkippedFolder, RULE_FILES } from "./ignore-rules.ts";
import { isSource } from "./source-imports.ts";

/** What matters in one folder: names of sub-folders, of source files and of files with ignore rules. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly rules: readonly string[];
}

/** Names read of one folder; what has more of them holds data. */
const MOST_ENTRIES = 50_000;

const EMPTY: Listing = { folders: [], files: [], rules: [] };

/** Sorted; links to folders are not followed; unreadable folders and installed environments are empty. */
export function listFolder(path: string): Listing {
  const entries = readEntries(path);
  if (isEnvironment(entries.map((entry) => entry.name))) return EMPTY;
  const isRenv = entries.some((entry) => entry.name === "activate.R");
  const names = (accept: (entry: Dirent) => boolean): string[] =>
    entries
      .filter(accept)
      .map((entry) => entry.name)
      .sort();
  return {
    folders: names(
      (entry) => entry.isDirectory() && !isSkippedFolder(entry.name) && !(isRenv && RENV_OWN.has(entry.name)),
    ),
    files: names((entry) => isSource(entry.name) && (entry.isFile() || entry.isSymbolicLink())),
    rules: names((entry) => RULE_FILES.includes(entry.name)),
  };
}

/** The listing without what the rules leave out. */
export function sift(listing: Listing, folder: string, rules: IgnoreRules): Listing {
  const kept = (name: string, isFolder: boolean): boolean =>
    !rules.ignores(folder === "" ? name : `${folder}/${name}`, isFolder);
  return {
    folders: listing.folders.filter((name) => kept(name, true)),
    files: listing.files.filter((name) => kept(name, false)),
    rules: listing.rules,
  };
}

/** Folders of installed packages beside renv's `activate.R`. */
const RENV_OWN = new Set(["library", "staging", "sandbox", "cellar"]);

function readEntries(path: string): Dirent[] {
  const entries: Dirent[] = [];
  try {
    const folder = opendirSync(path, { bufferSize: 512 });
    try {
      let entry = folder.readSync();
      while (entry !== null && entries.length < MOST_ENTRIES) {
        entries.push(entry);
        entry = folder.readSync();
      }
    } finally {
      folder.closeSync();
    }
  } catch {
    // Unreadable from here on: what was seen is all there is.
  }
  return entries;
}
