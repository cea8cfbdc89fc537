import type { Dirent, Stats } from "node:fs";
import { errorCode, type FileSystem, isMissing, readIfThere } from "../files/file-system.ts";
import { decodeName, fsPath, isRaw, refuseName, TEMPORARY_PREFIX } from "../files/names.ts";
import {
  FILE,
  FOLDER,
  GONE,
  IGNORED,
  IGNORED_FOLDER,
  isContent,
  KIND,
  kindOf,
  LINK,
  RACY,
  REFUSED,
  RULES,
  SPECIAL,
  UNREADABLE,
} from "./entry-kind.ts";
import { EntryTable, type Folder, newFolder } from "./folder.ts";
import { isRacy } from "./hash-file.ts";
import { ENVIRONMENT_MARKERS, RULE_FILES } from "./ignore-rules.ts";
import type { Scan, Visit } from "./scan.ts";

const NO_THROW = { throwIfNoEntry: false } as const;

/** A name as the system lists it; the kind is FILE, LINK, FOLDER or SPECIAL. */
interface Listed {
  readonly name: string;
  readonly kind: number;
}

/** What was known of a name. */
interface Known {
  readonly index: number;
  readonly folder: Folder | undefined;
}

/** Texts of the rule files in a folder. A link is not followed, as git does not. */
export function loadRules(fs: FileSystem, path: string, folder: Folder): string[] {
  const texts: string[] = [];
  for (const name of RULE_FILES) {
    const at = folder.names.indexOf(name);
    if (at < 0 || !((folder.table.flags[folder.start + at] ?? 0) & RULES)) continue;
    const text = readIfThere(fs, path + name);
    if (text) texts.push(text.toString("utf8"));
  }
  return texts;
}

/** Lists a folder again and decides about every name that is new; what is known of the others is kept. */
export function relist(scan: Scan, visit: Visit): void {
  const { folder } = visit;
  const listed = listNames(scan, visit);
  const before: Folder = { ...folder };
  folder.stale = listed === undefined;
  folder.dirty = true;
  folder.environment = false;
  fill(folder, listed ?? []);
  if (visit.relative !== "" && isEnvironment(folder.names) && !visit.rules.keptByRule) {
    folder.environment = true;
    fill(folder, []);
    return;
  }
  const known = knownNames(before);
  noteRules(scan, visit, listed ?? [], before, known);
  for (const [i, { name, kind }] of (listed ?? []).entries()) {
    decide(scan, visit, i, name, kind, before, known.get(name));
  }
}

function fill(folder: Folder, listed: readonly Listed[]): void {
  folder.names = listed.map(({ name }) => name);
  folder.raw = folder.names.some(isRaw);
  folder.table = new EntryTable(listed.length);
  folder.start = 0;
  folder.folders = [];
}

/** Undefined when the folder vanished or may not be read. */
function listNames(scan: Scan, visit: Visit): Listed[] | undefined {
  const { fs } = scan.options;
  const path = fsPath(visit.path);
  try {
    const entries = fs.readdirSync(path, { withFileTypes: true });
    if (!entries.some((entry) => entry.name.includes("\uFFFD"))) return entries.map(toListed).filter(isTaken);
    const raw = fs.readdirSync(path, { withFileTypes: true, encoding: "buffer" });
    return raw
      .map((entry) => ({ ...toListed(entry), name: decodeName(entry.name as unknown as Buffer) }))
      .filter(isTaken);
  } catch (error) {
    if (isMissing(error) && visit.relative !== "") return undefined;
    const code = errorCode(error);
    if (!["EACCES", "EPERM", "EIO", "ESTALE"].includes(code) || visit.relative === "") throw error;
    scan.unreadable.push({ path: visit.relative.slice(0, -1), reason: `it cannot be read (${code})` });
    return undefined;
  }
}

function toListed(
  entry: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink"> & { name: unknown },
): Listed {
  const kind = entry.isFile() ? FILE : entry.isDirectory() ? FOLDER : entry.isSymbolicLink() ? LINK : SPECIAL;
  return { name: entry.name as string, kind };
}

/** Never looked at, at any depth: git's own, ours, and what a restore is about to rename. */
function isTaken({ name }: Listed): boolean {
  return name !== ".git" && name !== ".datmo" && !name.startsWith(TEMPORARY_PREFIX);
}

function isEnvironment(names: readonly string[]): boolean {
  return ENVIRONMENT_MARKERS.some((marker) => names.includes(marker));
}

function knownNames(folder: Folder): Map<string, Known> {
  const known = new Map<string, Known>();
  let child = 0;
  folder.names.forEach((name, i) => {
    const index = folder.start + i;
    const isFolder = folder.table.kind(index) === FOLDER;
    known.set(name, { index, folder: isFolder ? folder.folders[child++] : undefined });
  });
  return known;
}

/** Marks the rule files; when one came, went or changed, every name here and below is decided anew. */
function noteRules(
  scan: Scan,
  visit: Visit,
  listed: readonly Listed[],
  before: Folder,
  known: ReadonlyMap<string, Known>,
): void {
  for (const name of RULE_FILES) {
    const at = listed.findIndex((entry) => entry.name === name && entry.kind === FILE);
    const old = known.get(name);
    const was = old !== undefined && ((before.table.flags[old.index] ?? 0) & RULES) !== 0;
    if (at < 0) {
      if (was) visit.force = true;
      continue;
    }
    const facts = scan.options.fs.lstatSync(visit.path + name, NO_THROW);
    visit.folder.table.flags[at] = RULES | GONE;
    const racy = ((before.table.flags[old?.index ?? 0] ?? 0) & RACY) !== 0;
    if (!was || racy || !facts || !before.table.sameFacts(old.index, facts)) visit.force = true;
  }
}

function decide(
  scan: Scan,
  visit: Visit,
  i: number,
  name: string,
  kind: number,
  before: Folder,
  known: Known | undefined,
): void {
  const { table } = visit.folder;
  const isRules = (table.flags[i] ?? 0) & RULES;
  const was = known ? (before.table.flags[known.index] ?? 0) & KIND : GONE;
  const settled = !visit.force && sameClass(was, kind) ? was : classify(scan, visit, name, kind);
  if (settled > FOLDER) {
    table.flags[i] = settled | isRules;
    if (isRules) noteFacts(scan, visit, i, name);
    return;
  }
  const facts = lstat(scan, visit, name);
  if (!facts || !sameClass(kindOf(facts), kind)) {
    table.flags[i] = GONE;
    visit.folder.stale = true;
    return;
  }
  const remembered = known !== undefined && sameClass(was, kind) && was <= FOLDER;
  if (remembered) table.copy(i, before.table, known.index);
  else table.flags[i] = kind;
  table.flags[i] = ((table.flags[i] ?? 0) & ~RULES) | isRules;
  if (kind === FOLDER) {
    const child = (remembered ? known.folder : undefined) ?? newFolder();
    visit.folder.folders.push(child);
    scan.descend(visit, child, name, i, facts);
  } else if (!remembered || !table.sameFacts(i, facts) || (table.flags[i] ?? 0) & RACY) {
    scan.content(visit, name, i, facts);
  }
}

/** True when what was known about a name still says what is to become of it. */
function sameClass(was: number, listed: number): boolean {
  switch (was) {
    case IGNORED:
      return listed !== FOLDER;
    case IGNORED_FOLDER:
      return listed === FOLDER;
    case REFUSED:
    case UNREADABLE:
    case GONE:
      return false;
    default:
      return was === listed || (isContent(was) && was !== LINK && listed === FILE);
  }
}

/** Kind of a name nothing is known of. */
function classify(scan: Scan, visit: Visit, name: string, kind: number): number {
  const path = visit.relative + name;
  const isFolder = kind === FOLDER;
  if (scan.options.exclude.has(path) || visit.rules.ignores(isFolder ? `${path}/` : path, name)) {
    return isFolder ? IGNORED_FOLDER : IGNORED;
  }
  if (refuseName(name, kind === LINK) !== undefined) return REFUSED;
  return kind;
}

/** An ignored file of rules is not content, but a change in it matters. */
function noteFacts(scan: Scan, visit: Visit, i: number, name: string): void {
  const facts = lstat(scan, visit, name);
  const { table } = visit.folder;
  if (!facts) return;
  table.setFacts(i, facts.mtimeMs, facts.ctimeMs, facts.size, facts.ino);
  if (isRacy(scan.options, facts)) table.flags[i] = (table.flags[i] ?? 0) | RACY;
}

function lstat(scan: Scan, visit: Visit, name: string): Stats | undefined {
  const path = visit.path + name;
  return scan.options.fs.lstatSync(visit.raw || visit.folder.raw ? fsPath(path) : path, NO_THROW);
}
