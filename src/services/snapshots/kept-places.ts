import { join } from "node:path";
import type { PathChange } from "../../protocol/types.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { FileContent, FileEntry, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";

/** A kept file that lay in the project. */
export interface PlacedFile extends FileEntry {
  readonly source: string;
}

/** Those that have a place in the project, one for each place. */
export function placedFiles(files: readonly FileEntry[]): PlacedFile[] {
  const places = new Map<string, PlacedFile>();
  for (const file of files) {
    const { source } = file;
    if (source !== undefined && !places.has(source)) places.set(source, { ...file, source });
  }
  return [...places.values()];
}

/** Kept files that snapshots' records name. */
export function filesOf(record: StoredRecord): FileEntry[] {
  const files = record.fields["files"] as unknown;
  return Array.isArray(files) ? (files as FileEntry[]) : [];
}

/** What lies at places of the project, looked at once for each. */
export class Places {
  readonly #project: OpenProject;
  readonly #options: WorkOptions;
  readonly #read = new Map<string, FileContent>();
  /** Looked at with this size in mind only: another one says nothing about the content. */
  readonly #sized = new Map<string, FileContent>();

  constructor(project: OpenProject, options: WorkOptions) {
    this.#project = project;
    this.#options = options;
  }

  /** What is at a place, read in any case. */
  async at(place: string): Promise<FileContent> {
    const known = this.#read.get(place);
    if (known) return known;
    const content = await this.#look(place);
    this.#read.set(place, content);
    return content;
  }

  /** How the place differs from what was kept; undefined when it does not. Of another size it is not read. */
  async change(file: PlacedFile): Promise<PathChange | undefined> {
    const key = `${file.bytes} ${file.source}`;
    const content =
      this.#read.get(file.source) ?? this.#sized.get(key) ?? (await this.#look(file.source, file.bytes));
    this.#sized.set(key, content);
    return changeOf(file, content);
  }

  async #look(place: string, bytes?: number): Promise<FileContent> {
    const path = join(this.#project.directory, place);
    const query = { path, ...(bytes === undefined ? {} : { bytes }) };
    const [content] = await this.#project.snapshots.contentsOf([query], this.#options);
    return content ?? { state: "absent" };
  }
}

/** Kept files whose places hold something else now, and what of it no snapshot holds. */
export async function keptChanges(
  places: Places,
  records: readonly StoredRecord[],
  files: readonly PlacedFile[],
): Promise<PathChange[]> {
  const changes: PathChange[] = [];
  let held: Set<string> | undefined;
  for (const file of files) {
    const change = await places.change(file);
    if (!change) continue;
    if (change.status !== "removed") {
      held ??= heldContents(records);
      const content = await places.at(file.source);
      // Going back and forth between snapshots leaves contents that are safe in one of them.
      if ("sha256" in content && content.sha256 !== undefined && held.has(content.sha256)) continue;
    }
    changes.push(change);
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Kept files whose places matter now: of the newest snapshot that kept any of the project, and of those that hold
 * the code as it is. What checkouts saved on their way counts only for its own code.
 */
export function watchedFiles(newestFirst: readonly StoredRecord[], codeTree: string): PlacedFile[] {
  const files: FileEntry[] = [];
  for (const record of newestFirst) {
    const { visible, runId, codeTree: tree } = record.fields;
    const deliberate = visible === true || typeof runId === "string";
    if (tree === codeTree || (files.length === 0 && deliberate)) files.push(...filesOf(record));
  }
  return placedFiles(files);
}

/** Those whose places a code tree leaves free: what lies in the others is part of the code. */
export async function outsideCode(
  project: OpenProject,
  codeTree: string,
  files: readonly PlacedFile[],
): Promise<PlacedFile[]> {
  if (files.length === 0) return [];
  const places = files.map(({ path, source }) => ({ path, place: source }));
  const { free } = await project.snapshots.freePlaces(codeTree, places);
  const open = new Set(free.map(({ place }) => place));
  return files.filter(({ source }) => open.has(source));
}

/** True when every kept file of the snapshot is at its place as it was kept. */
export async function isInPlace(places: Places, record: StoredRecord): Promise<boolean> {
  for (const file of placedFiles(filesOf(record))) if (await places.change(file)) return false;
  return true;
}

function changeOf(file: PlacedFile, content: FileContent): PathChange | undefined {
  const path = file.source;
  switch (content.state) {
    case "file":
    case "link":
      return content.sha256 === file.sha256 ? undefined : { path, status: "modified" };
    case "absent":
      return { path, status: "removed" };
    case "unreadable":
      return { path, status: "modified" };
    default:
      return { path, status: "typeChanged" };
  }
}

function heldContents(records: readonly StoredRecord[]): Set<string> {
  return new Set(records.flatMap((record) => filesOf(record).map(({ sha256 }) => sha256)));
}
