import * as nodeFs from "node:fs";
import { promisify } from "node:util";

/**
 * The part of `node:fs` the snapshot store uses. Synchronous calls are four to five times faster than promises
 * on small files; only `fsync`, which may take long, is asynchronous on the main thread. Injectable, so that
 * tests can make any single call fail.
 */
export type FileSystem = Pick<
  typeof nodeFs,
  | "chmodSync"
  | "closeSync"
  | "copyFileSync"
  | "cpSync"
  | "fstatSync"
  | "fsync"
  | "fsyncSync"
  | "ftruncateSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readFileSync"
  | "readSync"
  | "readdirSync"
  | "readlinkSync"
  | "realpathSync"
  | "renameSync"
  | "rmSync"
  | "rmdirSync"
  | "statSync"
  | "statfsSync"
  | "symlinkSync"
  | "unlinkSync"
  | "utimesSync"
  | "writeSync"
>;

export const systemFiles: FileSystem = nodeFs;

const CANNOT_SYNC = new Set(["EINVAL", "EPERM", "EBADF", "ENOTSUP"]);

/** Writes all bytes: `writeSync` may write fewer without an error, for instance on a disk that fills up. */
export function writeFully(fs: FileSystem, fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const written = fs.writeSync(fd, bytes, done, bytes.length - done);
    if (written === 0) throw Object.assign(new Error("no space left (short write)"), { code: "ENOSPC" });
    done += written;
  }
}

/** Reads from `position` until `target` is full or the file ends; says how much it read. */
export function readFully(fs: FileSystem, fd: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const read = fs.readSync(fd, target, done, target.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

/** Brings a file to the disk without stopping this thread. */
export function syncFile(fs: FileSystem, fd: number): Promise<void> {
  return promisify(fs.fsync)(fd);
}

/** Makes names that were created or renamed in a folder durable. Not every system can; that is no error. */
export async function syncFolder(fs: FileSystem, directory: string): Promise<void> {
  const fd = openFolder(fs, directory);
  if (fd === undefined) return;
  try {
    await syncFile(fs, fd);
  } catch (error) {
    if (!CANNOT_SYNC.has(errorCode(error))) throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** The same at once, for worker threads and for what is rare. */
export function syncFolderNow(fs: FileSystem, directory: string): void {
  const fd = openFolder(fs, directory);
  if (fd === undefined) return;
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    if (!CANNOT_SYNC.has(errorCode(error))) throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Content of a small file of the store; undefined when there is none. */
export function readIfThere(fs: FileSystem, path: string): Buffer | undefined {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Names in a folder of the store; none when it is not there. */
export function namesIn(fs: FileSystem, directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Removes a file; false when it was gone already. */
export function removeIfThere(fs: FileSystem, path: string | Buffer): boolean {
  try {
    fs.unlinkSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function openFolder(fs: FileSystem, directory: string): number | undefined {
  try {
    return fs.openSync(directory, "r");
  } catch (error) {
    if (["EISDIR", "EPERM", "EACCES"].includes(errorCode(error))) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(errorCode(error));
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}
