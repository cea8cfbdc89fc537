import { createHash, type Hash, randomBytes } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import {
  type HeldFolder,
  holdFolder,
  lstatOf,
  openRegularFile,
  UnusableFile,
} from "../../util/safe-files.ts";
import { pathProblem } from "./export-paths.ts";
import { openLedger } from "./ledger.ts";

/** What came of an export so far. */
export interface WrittenFiles {
  files: number;
  unchanged: number;
  bytes: number;
}

/**
 * The folder that is exported to. Files are written aside and renamed when they are complete; none is replaced that an
 * earlier export did not write, or that was changed since.
 */
export interface ExportFolder {
  /** Begins a file, or goes on with one that is not complete. Throws PATH_INVALID and EXPORT_IN_THE_WAY. */
  write(path: string, mode: "create" | "append", content: Uint8Array): Promise<void>;
  /** Files that are begun from now on belong together. */
  group(): FileGroup;
  readonly written: WrittenFiles;
  /** Removes what is not complete, and closes the books. */
  close(): Promise<void>;
}

export interface FileGroup {
  /** The files that were begun since, and are not of a group within, are complete. */
  complete(): Promise<void>;
}

interface OpenFile {
  readonly path: string;
  readonly temporary: string;
  readonly hash: Hash;
  bytes: number;
  /** Held open while it is the one that is written. */
  handle: FileHandle | undefined;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_RDONLY } = constants;
const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
/** Files that are held open at once. */
const MOST_HANDLES = 64;

/** `directory`: absolute; made when it is not there. */
export async function openExportFolder(
  directory: string,
  facts: { readonly format: string; readonly force: boolean },
): Promise<ExportFolder> {
  await mkdir(directory, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST" && error.code !== "ENOTDIR") throw error;
    throw errors.PATH_INVALID({ path: directory, reason: "there is something that is no folder" });
  });
  const ledger = await openLedger(directory, facts.format);
  const written: WrittenFiles = { files: 0, unchanged: 0, bytes: 0 };
  const groups: Map<string, OpenFile>[] = [];
  const handles = new Set<OpenFile>();

  function find(path: string): OpenFile | undefined {
    for (const group of groups) {
      const file = group.get(path);
      if (file) return file;
    }
    return undefined;
  }

  async function begin(path: string): Promise<OpenFile> {
    const known = find(path);
    if (known) throw errors.PATH_INVALID({ path, reason: "it is begun twice" });
    const temporary = `${path}.${randomBytes(6).toString("hex")}.datmo-part`;
    const file: OpenFile = { path, temporary, hash: createHash("sha256"), bytes: 0, handle: undefined };
    await inFolder(directory, temporary, true, async (place) => {
      file.handle = await open(place, O_WRONLY | O_CREAT | O_EXCL | NOFOLLOW, 0o666);
    });
    groups.at(-1)?.set(path, file);
    return file;
  }

  async function handleOf(file: OpenFile): Promise<FileHandle> {
    if (!file.handle) {
      await inFolder(directory, file.temporary, false, async (place) => {
        file.handle = await open(place, O_WRONLY | O_APPEND | NOFOLLOW);
      });
    }
    handles.delete(file);
    handles.add(file);
    for (const other of handles) {
      if (handles.size <= MOST_HANDLES) break;
      await release(other);
    }
    return file.handle as FileHandle;
  }

  async function release(file: OpenFile): Promise<void> {
    handles.delete(file);
    await file.handle?.close();
    file.handle = undefined;
  }

  async function complete(file: OpenFile): Promise<void> {
    await release(file);
    const sha256 = file.hash.digest("hex");
    await inFolder(directory, file.path, false, async (place, folder) => {
      const temporary = folder.at(file.temporary.slice(file.temporary.lastIndexOf("/") + 1));
      const there = await hashOf(place);
      written.bytes += file.bytes;
      if (there === sha256) {
        await rm(temporary);
        await ledger.wrote(file.path, sha256);
        written.unchanged++;
        return;
      }
      if (there !== undefined && !facts.force && !ledger.isOwn(file.path, there)) {
        throw errors.EXPORT_IN_THE_WAY({ path: join(directory, file.path) });
      }
      // Said before it is there: cut off in between, the next export knows it for its own.
      await ledger.wrote(file.path, sha256);
      await rename(temporary, place).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EISDIR") throw error;
        throw errors.EXPORT_IN_THE_WAY({ path: join(directory, file.path) });
      });
      written.files++;
    });
  }

  return {
    written,
    async write(path, mode, content) {
      const problem = pathProblem(path);
      if (problem !== undefined) throw errors.PATH_INVALID({ path, reason: problem });
      const file = mode === "create" ? await begin(path) : find(path);
      if (!file) throw errors.PATH_INVALID({ path, reason: "it was not begun, or is complete" });
      const handle = await handleOf(file);
      file.hash.update(content);
      file.bytes += content.length;
      await handle.appendFile(content);
    },
    group() {
      const group = new Map<string, OpenFile>();
      groups.push(group);
      return {
        async complete() {
          for (const [path, file] of group) {
            await complete(file);
            group.delete(path);
          }
          groups.splice(groups.indexOf(group), 1);
        },
      };
    },
    async close() {
      for (const file of groups.flatMap((group) => [...group.values()])) {
        await release(file);
        await inFolder(directory, file.temporary, false, (place) => rm(place, { force: true })).catch(
          () => undefined,
        );
      }
      await ledger.close();
    },
  };
}

/** Undefined when there is none; something else than a file, or a link, is nobody's. */
async function hashOf(place: string): Promise<string | undefined> {
  const file = await openRegularFile(place, O_RDONLY).catch((error: unknown) => {
    if (error instanceof UnusableFile) return "unusable" as const;
    throw error;
  });
  if (file === undefined || file === "unusable") return file;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream("", { fd: file.handle })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Does something in the folder of a path, which is held open and reached without following a link. */
async function inFolder(
  root: string,
  path: string,
  make: boolean,
  act: (place: string, folder: HeldFolder) => Promise<void>,
): Promise<void> {
  let folder = await held(() => holdFolder(root), root);
  try {
    const names = path.split("/");
    const last = names.pop() as string;
    for (const name of names) {
      const here = folder;
      if (make && (await lstatOf(here.at(name))) === undefined) await mkdir(here.at(name)).catch(ignoreThere);
      folder = await held(() => here.folder(name), join(root, path)).finally(() => here.close());
    }
    await act(folder.at(last), folder);
  } finally {
    await folder.close();
  }
}

async function held(hold: () => Promise<HeldFolder | undefined>, path: string): Promise<HeldFolder> {
  const folder = await hold().catch((error: unknown) => {
    if (!(error instanceof UnusableFile)) throw error;
    throw errors.EXPORT_IN_THE_WAY({ path: dirname(path) });
  });
  if (!folder) throw errors.PATH_INVALID({ path, reason: "its folder went away" });
  return folder;
}

function ignoreThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
