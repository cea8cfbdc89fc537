import { refuseName } from "../files/names.ts";
import {
  FOLDER,
  GONE,
  IGNORED,
  IGNORED_FOLDER,
  isContent,
  KIND,
  LARGE,
  REFUSED,
  SPECIAL,
  UNREADABLE,
  UNSTABLE,
} from "./entry-kind.ts";
import type { Folder } from "./folder.ts";

/** A big file that was not read in this capture. */
export interface LargeEntry {
  readonly folder: Folder;
  readonly index: number;
  /** Relative. */
  readonly path: string;
}

/** What a capture tells of the project, gathered in one pass over what is remembered. */
export interface Description {
  files: number;
  bytes: number;
  readonly unstable: string[];
  readonly skipped: { path: string; reason: string }[];
  readonly large: LargeEntry[];
  /** Topmost paths that rules leave out. */
  readonly ignored: string[];
}

export function describeFolder(top: Folder): Description {
  const found: Description = { files: 0, bytes: 0, unstable: [], skipped: [], large: [], ignored: [] };
  visit(top, "", found);
  return found;
}

function visit(folder: Folder, prefix: string, found: Description): void {
  const { table, start, names, folders } = folder;
  let child = 0;
  for (let i = 0; i < names.length; i++) {
    const index = start + i;
    const flags = table.flags[index] ?? 0;
    if (isContent(flags)) {
      found.files++;
      found.bytes += table.size(index);
      if (flags & (UNSTABLE | LARGE)) special(folder, index, prefix + names[i], flags, found);
    } else if ((flags & KIND) === FOLDER) {
      const below = folders[child++] as Folder;
      if (below.environment) found.ignored.push(prefix + names[i]);
      else visit(below, `${prefix}${names[i]}/`, found);
    } else {
      leftOut(prefix, names[i] as string, flags & KIND, found);
    }
  }
}

function special(folder: Folder, index: number, path: string, flags: number, found: Description): void {
  if (flags & UNSTABLE) found.unstable.push(path);
  if (flags & LARGE) found.large.push({ folder, index, path });
}

function leftOut(prefix: string, name: string, kind: number, found: Description): void {
  const path = prefix + name;
  switch (kind) {
    case IGNORED:
    case IGNORED_FOLDER:
      found.ignored.push(path);
      return;
    case SPECIAL:
      found.skipped.push({ path, reason: "it is a pipe, socket or device" });
      return;
    case REFUSED:
      found.skipped.push({
        path,
        reason: refuseName(name, false) ?? refuseName(name, true) ?? "git cannot hold it",
      });
      return;
    case UNREADABLE:
      found.skipped.push({ path, reason: "it cannot be read" });
      return;
    case GONE:
      return;
  }
}
