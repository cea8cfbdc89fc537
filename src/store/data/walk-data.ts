import {
  type Dirent,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { errors } from "../../protocol/errors.ts";

/** Files beyond this are not listed: the list itself would be the data. */
export const MOST_FILES = 1_000_000;
/** The event loop gets its turn at least this often. */
const SLICE_MS = 25;

/** A file below a folder, as it is listed. */
export interface WalkedFile {
  /** `/`-separated, relative to the folder. */
  readonly path: string;
  /** Absolute. */
  readonly source: string;
  readonly facts: Stats;
}

export interface Walked {
  readonly files: readonly WalkedFile[];
  /** Links that lead nowhere: path and where they point. */
  readonly dangling: readonly (readonly [path: string, target: string])[];
  /** What nobody can tell the content of, as the end of a sentence. Absent: everything is listed. */
  readonly problem?: string;
}

/**
 * Lists a folder with everything below it. Links are followed; one that leads back up is left at that. `except`: an
 * absolute path of a folder that counts as empty, wherever it is met; it need not be there.
 */
export async function walkData(root: string, except: string, signal?: AbortSignal): Promise<Walked> {
  const files: WalkedFile[] = [];
  const dangling: [string, string][] = [];
  let problem: string | undefined;
  let deadline = performance.now() + SLICE_MS;
  const note = (path: string, error: unknown): void => {
    problem ??= `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`;
  };

  async function folder(path: string, source: string, above: ReadonlySet<string>): Promise<void> {
    if (performance.now() > deadline) {
      await setImmediate();
      deadline = performance.now() + SLICE_MS;
    }
    if (signal?.aborted) throw errors.CANCELLED({});
    let entries: Dirent[];
    let inside: ReadonlySet<string>;
    try {
      const real = realpathSync(source);
      if (above.has(real)) return;
      inside = new Set([...above, real]);
      entries = readdirSync(source, { withFileTypes: true });
    } catch (error) {
      note(path || ".", error);
      return;
    }
    for (const entry of entries.sort(byName)) {
      const name = path === "" ? entry.name : `${path}/${entry.name}`;
      if (files.length >= MOST_FILES) problem ??= `it has more than ${MOST_FILES} files`;
      if (problem !== undefined) return;
      await one(name, join(source, entry.name), entry, inside);
    }
  }

  async function one(
    path: string,
    source: string,
    entry: Dirent,
    inside: ReadonlySet<string>,
  ): Promise<void> {
    if (entry.isDirectory()) return folder(path, source, inside);
    try {
      const facts = statSync(source);
      if (facts.isDirectory()) await folder(path, source, inside);
      else if (facts.isFile()) files.push({ path, source, facts });
      else note(path, { code: "no file" });
    } catch (error) {
      if (isDangling(source)) dangling.push([path, readlinkSync(source)]);
      else note(path, error);
    }
  }

  await folder("", root, new Set([realPathOf(except)]));
  return { files, dangling, ...(problem === undefined ? {} : { problem }) };
}

/** With links followed; of what is not there the path itself. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isDangling(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
