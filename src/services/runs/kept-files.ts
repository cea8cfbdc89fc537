import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fieldPath } from "../../domain/field-paths.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type { Json } from "../../util/json.ts";
import type { FileEntry } from "../ports/snapshots.ts";
import type { JournalRecord } from "../ports/task-folders.ts";
import type { OpenProject } from "../project/open-project.ts";
import { type FilesState, filesOver } from "../snapshots/files-state.ts";
import { placeOfNamed } from "./place/paths-inside.ts";
import type { RunFields } from "./run-fields.ts";

/** Field of a run: the tree of the files kept so far, for an engine that takes over. */
const KEPT_TREE = "keptTree";
/** Fields of a run: how many lines of each journal need not be looked at again for files. */
const KEPT_LINES = "keptLines";
/** The clocks of file systems are coarse, and a client says so a moment after the file is written. */
const CLOCK_MS = 1_000;

export interface NamedSource {
  readonly name: string;
  readonly source: string;
}

/** The files that a run keeps. */
export interface KeptFiles {
  /** Keeps a file or folder as it is now. */
  keep(source: string, name: string): Promise<FileEntry>;
  /** Keeps what a line of a journal names, unless another engine did. `index` is the line's number from 0. */
  take(record: JournalRecord, index: number): Promise<void>;
  /** All of them, with what the run left besides put over them; undefined when there is none. */
  all(left: readonly NamedSource[]): Promise<FilesState | undefined>;
}

export interface KeptFilesOptions {
  readonly project: OpenProject;
  readonly run: RunFields;
  /** Root of the files that the run works on: the project, or its isolated copy. */
  readonly root: string;
  /** Folder that relative paths in the journal are meant from. */
  readonly workingDirectory: string;
  /** The lines are read long after they were written: what a file holds now need not be what was meant. */
  readonly late?: boolean;
  warn(message: string): void;
}

export function createKeptFiles(options: KeptFilesOptions): KeptFiles {
  const { project, run } = options;
  let kept: FilesState | undefined;

  async function state(): Promise<FilesState | undefined> {
    const base = run.get(KEPT_TREE);
    // Nothing put over a tree: a description of all that is in it.
    if (!kept && typeof base === "string") {
      const all = await project.snapshots.captureFiles([], { base });
      await project.snapshots.named(all.treeId);
      kept = { ...all, files: all.files.map((file) => withSource(run, file)) };
    }
    return kept;
  }

  async function keep(source: string, name: string, more: Record<string, Json> = {}): Promise<FileEntry> {
    kept = await over(await state(), [{ name, source }]);
    const entry = kept.files.find((file) => file.path === name) ?? kept.files[0];
    if (!entry) throw new Error(`nothing was kept of ${source}`);
    const isNew = (file: FileEntry): boolean => file.path === name || file.path.startsWith(`${name}/`);
    const mine = kept.files.filter((file) => isNew(file) || lostItsPlace(run, file));
    await run.write({
      ...more,
      [KEPT_TREE]: kept.treeId,
      ...Object.fromEntries(mine.map((file) => [fieldPath("files", file.path), fileField(file)])),
    });
    await project.snapshots.named(kept.treeId);
    return entry;
  }

  function over(base: FilesState | undefined, sources: readonly NamedSource[]): Promise<FilesState> {
    return filesOver(project.snapshots, base, sources, { root: options.root });
  }

  /** One name that cannot be kept must not cost the rest. */
  async function oneByOne(
    before: FilesState | undefined,
    left: readonly NamedSource[],
  ): Promise<FilesState | undefined> {
    let all = before;
    for (const source of left) {
      try {
        all = await over(all, [source]);
      } catch (error) {
        if (!isOfPath(error)) throw error;
        options.warn((error as Error).message);
      }
    }
    return all;
  }

  /** Whether the file is still as it was when it was logged. Of a folder nobody can tell. */
  async function isAsLogged(source: string, at: string): Promise<boolean> {
    const facts = await stat(source).catch(() => undefined);
    if (!facts) return false;
    return facts.isDirectory() || facts.mtimeMs <= Date.parse(at) + CLOCK_MS;
  }

  return {
    keep: (source, name) => keep(source, name),
    async all(left) {
      const before = await state();
      if (left.length === 0) return before;
      try {
        return await over(before, left);
      } catch (error) {
        if (!isOfPath(error)) throw error;
        return oneByOne(before, left);
      }
    },
    async take({ writer, line }, index) {
      const taken = fieldPath(KEPT_LINES, writer);
      if (index < Number(run.get(taken) ?? 0)) return;
      const path = line["path"] as string;
      const name = (line["name"] as string | undefined) ?? basename(path);
      const source = await placeOfNamed(options, path);
      if (source === undefined) {
        options.warn(`${path} lies in none of the run's own folders, so it was not kept`);
        return;
      }
      if (options.late && !(await isAsLogged(source, line["at"] as string))) {
        options.warn(`${path} was changed or removed before it could be kept`);
        return;
      }
      await keep(source, name, { [taken]: index + 1 });
    },
  };
}

/** What a run's record tells of a kept file. */
export function fileField({ bytes, sha256, source }: FileEntry): Json {
  return { bytes, sha256, ...(source === undefined ? {} : { source }) };
}

/** Something else was kept from there since. */
function lostItsPlace(run: RunFields, { path, source }: FileEntry): boolean {
  const field = run.get(fieldPath("files", path)) as { source?: string } | undefined;
  return source === undefined && field?.source !== undefined;
}

function withSource(run: RunFields, file: FileEntry): FileEntry {
  const field = run.get(fieldPath("files", file.path)) as { source?: string; sha256?: string } | undefined;
  if (field?.source === undefined || field.sha256 !== file.sha256) return file;
  return { ...file, source: field.source };
}

/** The name or the kind of a file is not one that can be kept. */
function isOfPath(error: unknown): boolean {
  return isDatmoError(error) && ["PATH_INVALID", "PATH_NOT_FOUND"].includes(error.kind);
}
