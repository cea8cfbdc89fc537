import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImportedFile } from "../../services/ports/importers.ts";

/*
 * Sources are made of many small files, which the synchronous calls read several times as fast as a thread pool does;
 * whoever reads lets others have their turn after each run.
 */

/** Names in a folder, sorted; empty when it cannot be listed. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export interface ListedFile {
  /** Relative, with `/`. */
  readonly name: string;
  readonly path: string;
}

/** Regular files below a folder, sorted by name. Links and special files are told to `onOther`. */
export function filesBelow(folder: string, onOther: (name: string) => void = () => undefined): ListedFile[] {
  const found: ListedFile[] = [];
  const visit = (at: string, prefix: string): void => {
    let entries: import("node:fs").Dirent[];
    try {
      entries = readdirSync(at, { withFileTypes: true });
    } catch {
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const [name, path] = [prefix + entry.name, join(at, entry.name)];
      if (entry.isDirectory()) visit(path, `${name}/`);
      else if (entry.isFile()) found.push({ name, path });
      else onOther(name);
    }
  };
  visit(folder, "");
  return found;
}

/** The files below a folder as files to keep. */
export function keptFilesBelow(folder: string, problem: (text: string) => void): ImportedFile[] {
  return filesBelow(folder, (name) => problem(`${name}: is no regular file, so it was not kept`));
}

/** A small text file; undefined when it is not there, is no regular file or is bigger than `limit` bytes. */
export function smallText(path: string, limit = 4 * 1024 * 1024): string | undefined {
  try {
    const facts = lstatSync(path);
    return facts.isFile() && facts.size <= limit ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

export function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
