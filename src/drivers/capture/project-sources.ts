import { listFolder, sift } from "./folder-listing.ts";
import { type IgnoreRules, NO_RULES, readRules } from "./ignore-rules.ts";
import { breather } from "./slices.ts";
import { readImports } from "./source-imports.ts";
import { ABSENT, NEVER, type Stamp, sameStamp, settled, stampOf } from "./stamps.ts";

/** What one source file uses: Python modules (dotted), R packages, installs; each list separated by spaces. */
export type SourceFile = readonly [name: string, stamp: Stamp, python: string, r: string, installs: string];

export type SourceFolder = {
  readonly stamp: Stamp;
  readonly rules: readonly (readonly [name: string, stamp: Stamp])[];
  readonly folders: readonly string[];
  readonly files: readonly SourceFile[];
};

/** Folders by path relative to the project, "" for its root. */
export type SourceFolders = { readonly [path: string]: SourceFolder };

export interface ProjectSources {
  readonly folders: ReadonlyMap<string, SourceFolder>;
  /** False when the time or one of the limits was used up before everything was seen. */
  readonly complete: boolean;
  /** False when nothing is different from what the cache said. */
  readonly changed: boolean;
  /** The last time at which any of the files or folders changed, milliseconds since the epoch. */
  readonly youngestMs: number;
}

export interface ScanOptions {
  readonly now: () => number;
  readonly timeoutMs: number;
}

const MOST_FOLDERS = 20_000;
const MOST_FILES = 20_000;

/**
 * The sources of a project and what they use. Only folders and files that changed since `before` was found
 * are read; the rest costs one look at its times.
 */
export async function scanSources(
  projectDirectory: string,
  before: SourceFolders,
  options: ScanOptions,
): Promise<ProjectSources> {
  const scan = new Scan(projectDirectory, before, options);
  await scan.visit("", { rules: async () => NO_RULES, renewed: false });
  const { found: folders, complete, youngestMs } = scan;
  return { folders, complete, youngestMs, changed: scan.changed || folders.size !== scan.known };
}

/** What to remember of a scan; of what was not reached in time, what was known, so that the next gets further. */
export function rememberedFolders(sources: ProjectSources, before: SourceFolders): SourceFolders {
  const found = Object.fromEntries(sources.folders);
  return sources.complete ? found : { ...before, ...found };
}

interface Above {
  /** The rules of the folders above, read only when some folder has to be listed. */
  readonly rules: () => Promise<IgnoreRules>;
  /** They have changed: what is remembered of the folders below does not hold. */
  readonly renewed: boolean;
}

class Scan {
  readonly found = new Map<string, SourceFolder>();
  readonly known: number;
  complete = true;
  changed = false;
  youngestMs = 0;
  private files = 0;
  private readonly breathe = breather();
  private readonly deadline: number;
  private readonly root: string;
  private readonly before: SourceFolders;
  private readonly now: () => number;

  constructor(root: string, before: SourceFolders, options: ScanOptions) {
    this.root = root;
    this.before = before;
    this.known = Object.keys(before).length;
    this.now = options.now;
    this.deadline = performance.now() + options.timeoutMs;
  }

  async visit(path: string, above: Above): Promise<void> {
    await this.breathe();
    if (this.isOver()) return;
    const stamp = this.look(this.full(path));
    if (sameStamp(stamp, ABSENT)) return;
    const known = Object.hasOwn(this.before, path) ? this.before[path] : undefined;
    const sameRules =
      known?.rules.every(([name, old]) => sameStamp(old, this.look(this.full(path, name)))) ?? false;
    const isSame = known !== undefined && sameRules && !above.renewed && sameStamp(known.stamp, stamp);
    const folder = isSame ? this.reread(path, known) : await this.list(path, stamp, above, known);
    this.found.set(path, folder);
    const below: Above = {
      rules: once(async () => readRules(await above.rules(), this.root, path, ruleNames(folder))),
      renewed: above.renewed || !sameRules || folder.rules.length !== known?.rules.length,
    };
    for (const name of folder.folders) await this.visit(path === "" ? name : `${path}/${name}`, below);
  }

  /** The folder with its files looked at again; the same object when none has changed. */
  private reread(path: string, known: SourceFolder): SourceFolder {
    const files = known.files.map((file) => this.file(path, file[0], file));
    return files.every((file, index) => file === known.files[index]) ? known : { ...known, files };
  }

  private async list(
    path: string,
    stamp: Stamp,
    above: Above,
    known: SourceFolder | undefined,
  ): Promise<SourceFolder> {
    this.changed = true;
    const now = this.now();
    const raw = listFolder(this.full(path));
    const rules = await readRules(await above.rules(), this.root, path, raw.rules);
    const { folders, files } = sift(raw, path, rules);
    const remembered = new Map(known?.files.map((file) => [file[0], file]));
    const read: SourceFile[] = [];
    for (const name of files) {
      read.push(this.file(path, name, remembered.get(name)));
      await this.breathe();
    }
    return {
      stamp: settled(stamp, now),
      rules: raw.rules.map((name) => [name, settled(this.look(this.full(path, name)), now)]),
      folders,
      files: read,
    };
  }

  private file(path: string, name: string, known: SourceFile | undefined): SourceFile {
    this.files++;
    const full = this.full(path, name);
    const stamp = this.look(full);
    if (known !== undefined && sameStamp(known[1], stamp)) return known;
    this.changed = true;
    if (this.isOver()) return [name, NEVER, "", "", ""];
    const now = this.now();
    const { python, r, installs } = readImports(full);
    return [name, settled(stamp, now), python.join(" "), r.join(" "), installs.join(" ")];
  }

  private look(path: string): Stamp {
    const stamp = stampOf(path);
    this.youngestMs = Math.max(this.youngestMs, stamp[1], stamp[2]);
    return stamp;
  }

  private full(path: string, name = ""): string {
    const folder = path === "" ? this.root : `${this.root}/${path}`;
    return name === "" ? folder : `${folder}/${name}`;
  }

  private isOver(): boolean {
    const over =
      performance.now() > this.deadline || this.found.size >= MOST_FOLDERS || this.files > MOST_FILES;
    if (over) this.complete = false;
    return over;
  }
}

function ruleNames(folder: SourceFolder): string[] {
  return folder.rules.map(([name]) => name);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
