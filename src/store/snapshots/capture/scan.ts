import type { Stats } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { errors } from "../../../protocol/errors.ts";
import type { FileSystem } from "../files/file-system.ts";
import { fsPath } from "../files/names.ts";
import { FOLDER, GONE, KIND, kindOf, LARGE, LINK, RACY, RULES, UNREADABLE } from "./entry-kind.ts";
import { type Folder, newFolder, type ProjectFiles } from "./folder.ts";
import { isRacy } from "./hash-file.ts";
import type { RuleLevel } from "./ignore-rules.ts";
import { loadRules, relist } from "./relist.ts";

/** The event loop gets its turn at least this often. */
const SLICE_MS = 25;
const NO_THROW = { throwIfNoEntry: false } as const;

export interface ScanOptions {
  readonly fs: FileSystem;
  /** Absolute path of the project. */
  readonly directory: string;
  readonly topRules: (load: () => string[]) => RuleLevel;
  /** Paths (relative) that are left out whatever the rules say. */
  readonly exclude: ReadonlySet<string>;
  /** Time by the clock of the file system before the scan, and how coarse its times are. Milliseconds. */
  readonly now: number;
  readonly window: number;
  /** Folders of this file system change their times when a name in them comes or goes. */
  readonly trustFolders: boolean;
  /** Files whose content is known already, by relative path. */
  readonly hints?: ReadonlyMap<string, Hint>;
  readonly signal?: AbortSignal;
}

export interface Hint {
  /** Kind and LARGE. */
  readonly flags: number;
  readonly id: Uint8Array;
  readonly facts: readonly number[];
}

/** A file that must be read to know its content. */
export interface Read {
  readonly folder: Folder;
  /** Index in the folder's table. */
  readonly index: number;
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly link: boolean;
  /** Was a big file of the same size before. */
  readonly rehash: boolean;
}

/** One folder to look at. */
export interface Visit {
  readonly folder: Folder;
  /** Absolute and relative path, both ending in `/`; relative is empty for the project itself. */
  readonly path: string;
  readonly relative: string;
  readonly rules: RuleLevel;
  /** Its list of names cannot have changed. */
  readonly trusted: boolean;
  /** Rules above it changed: decide about every name again. */
  force: boolean;
  /** Its path holds bytes that are not UTF-8. */
  readonly raw: boolean;
}

/**
 * Compares the project with what the last capture saw: one `lstat` per file, and a list of names only of folders
 * that changed. Updates `ProjectFiles` in place; what it cannot know without reading is in `reads`.
 */
export class Scan {
  readonly reads: Read[] = [];
  /** Folders that may not be listed. */
  readonly unreadable: { path: string; reason: string }[] = [];
  /** Something differs from what was remembered, if only a time. */
  changed = false;
  readonly options: ScanOptions;
  readonly #stack: Visit[] = [];
  #device = 0;

  constructor(options: ScanOptions) {
    this.options = options;
  }

  async run(known: ProjectFiles | undefined): Promise<ProjectFiles> {
    const files: ProjectFiles = known ?? { root: newFolder(), rootFacts: [], rootRacy: true };
    this.#stack.push(this.#begin(files));
    let deadline = performance.now() + SLICE_MS;
    for (let visit = this.#stack.pop(); visit; visit = this.#stack.pop()) {
      this.#visit(visit);
      if (performance.now() < deadline) continue;
      await setImmediate();
      if (this.options.signal?.aborted) throw errors.CANCELLED({});
      deadline = performance.now() + SLICE_MS;
    }
    return files;
  }

  /** Notes that a folder below is to be looked at; `index` is its entry in the table of the folder above. */
  descend(above: Visit, folder: Folder, name: string, index: number, facts: Stats): void {
    const { table } = above.folder;
    const flags = table.flags[index] ?? 0;
    const same = table.sameFacts(index, facts) && !(flags & RACY);
    if (!same) {
      table.setFacts(index, facts.mtimeMs, facts.ctimeMs, facts.size, facts.ino);
      table.flags[index] = FOLDER | (isRacy(this.options, facts) ? RACY : 0);
      this.changed = true;
    }
    const path = `${above.path}${name}/`;
    const relative = `${above.relative}${name}/`;
    const raw = above.raw || above.folder.raw;
    const load = (): string[] => loadRules(this.options.fs, path, folder);
    const trusted = same && this.options.trustFolders && facts.dev === this.#device;
    const rules = above.rules.enter(relative, load);
    this.#stack.push({ folder, path, relative, rules, trusted, force: above.force, raw });
  }

  /** Notes that an entry must be read, unless its content is known. Its facts are set when that is done. */
  content(visit: Visit, name: string, index: number, facts: Stats): void {
    const { folder } = visit;
    const { table } = folder;
    this.changed = true;
    if (this.#takeHint(visit, name, index, facts)) return;
    const kind = kindOf(facts);
    const flags = table.flags[index] ?? 0;
    const rehash = (flags & LARGE) !== 0 && table.size(index) === facts.size;
    table.flags[index] = kind | (flags & RULES) | RACY;
    this.reads.push({
      folder,
      index,
      path: visit.path + name,
      bytes: facts.size,
      link: kind === LINK,
      rehash,
    });
  }

  #begin(files: ProjectFiles): Visit {
    const { directory, fs } = this.options;
    const facts = fs.statSync(directory);
    this.#device = facts.dev;
    const now = [facts.mtimeMs, facts.ctimeMs, facts.ino, facts.dev];
    const same = !files.rootRacy && now.every((fact, i) => fact === files.rootFacts[i]);
    if (!same) {
      files.rootFacts = now;
      files.rootRacy = isRacy(this.options, facts);
      this.changed = true;
    }
    const path = directory.endsWith("/") ? directory : `${directory}/`;
    const load = (): string[] => loadRules(fs, path, files.root);
    const rules = this.options.topRules(load);
    const trusted = same && this.options.trustFolders;
    return { folder: files.root, path, relative: "", rules, trusted, force: false, raw: false };
  }

  #visit(visit: Visit): void {
    if (visit.trusted && !visit.force && !visit.folder.stale) {
      const reads = this.reads.length;
      const visits = this.#stack.length;
      if (this.#quick(visit)) return;
      this.reads.length = reads;
      this.#stack.length = visits;
    }
    this.changed = true;
    relist(this, visit);
  }

  /** Looks at the remembered entries only. False when the folder must be listed again after all. */
  #quick(visit: Visit): boolean {
    const { fs } = this.options;
    const { folder, path } = visit;
    const { names, table, start, folders } = folder;
    const raw = folder.raw || visit.raw;
    let child = 0;
    for (let i = 0; i < names.length; i++) {
      const index = start + i;
      const flags = table.flags[index] ?? 0;
      const kind = flags & KIND;
      if (kind > FOLDER && !(flags & RULES)) {
        if (kind === UNREADABLE || kind === GONE) return false;
        continue;
      }
      const name = names[i] as string;
      const facts = fs.lstatSync(raw ? fsPath(path + name) : path + name, NO_THROW);
      if (!facts) return false;
      if (kind === FOLDER) {
        if (!facts.isDirectory()) return false;
        this.descend(visit, folders[child++] as Folder, name, index, facts);
      } else if (!table.sameFacts(index, facts) || flags & RACY) {
        if (flags & RULES) {
          visit.force = true;
          return false;
        }
        if (facts.isFile() ? kind === LINK : !facts.isSymbolicLink() || kind !== LINK) return false;
        this.content(visit, name, index, facts);
      }
    }
    return true;
  }

  #takeHint(visit: Visit, name: string, index: number, facts: Stats): boolean {
    const hint = this.options.hints?.get(visit.relative + name);
    if (!hint || (hint.flags & KIND) !== kindOf(facts)) return false;
    const [mtimeMs, ctimeMs, size, ino] = hint.facts;
    const same =
      mtimeMs === facts.mtimeMs && ctimeMs === facts.ctimeMs && size === facts.size && ino === facts.ino;
    if (!same) return false;
    const { table } = visit.folder;
    const racy = isRacy(this.options, facts) ? RACY : 0;
    table.flags[index] = hint.flags | ((table.flags[index] ?? 0) & RULES) | racy;
    table.setFacts(index, mtimeMs, ctimeMs, size, ino);
    table.setId(index, hint.id);
    visit.folder.dirty = true;
    return true;
  }
}
