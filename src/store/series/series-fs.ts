import * as nodeFs from "node:fs";
import { promisify } from "node:util";
import { errors } from "../../protocol/errors.ts";

/** What the series store asks of a file system; tests put one in its place that fails on purpose. */
export interface SeriesFs {
  open(path: string, flags: number, mode?: number): Promise<number>;
  close(file: number): Promise<void>;
  /** Returns how many bytes were written, which may be fewer than asked. */
  write(file: number, bytes: Uint8Array, offset: number, length: number): Promise<number>;
  /** Returns how many bytes were read; 0 at the end of the file. */
  read(file: number, bytes: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  truncate(file: number, length: number): Promise<void>;
  /** fsync. */
  sync(file: number): Promise<void>;
  /** fdatasync. */
  dataSync(file: number): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  stat(file: number): Promise<FileFacts>;
  /** Links are not followed. */
  statPath(path: string): Promise<FileFacts>;
  /**
   * The `identity` of what lies at a path, at once: this is asked after every write, and takes less time than
   * a thread does to answer.
   */
  identityNow(path: string): string;
  list(path: string): Promise<string[]>;
  makeDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface FileFacts {
  /** Device and inode: the same for one file under any name. */
  readonly identity: string;
  readonly bytes: number;
  readonly isFile: boolean;
  readonly owner: number;
}

export const OPEN_READ: number = nodeFs.constants.O_RDONLY;
/** Never follows a link, never waits for the other end of a pipe. */
export const OPEN_READ_UNTRUSTED: number =
  nodeFs.constants.O_RDONLY | (nodeFs.constants.O_NOFOLLOW ?? 0) | (nodeFs.constants.O_NONBLOCK ?? 0);
/** A file that must not be there yet; every write goes to its end. */
export const OPEN_NEW_APPEND: number =
  nodeFs.constants.O_WRONLY |
  nodeFs.constants.O_CREAT |
  nodeFs.constants.O_EXCL |
  nodeFs.constants.O_APPEND |
  (nodeFs.constants.O_NOFOLLOW ?? 0);

/** The system's own file system. */
export const systemFs: SeriesFs = {
  open: promisify(nodeFs.open) as SeriesFs["open"],
  close: promisify(nodeFs.close),
  write: async (file, bytes, offset, length) => (await write(file, bytes, offset, length, null)).bytesWritten,
  read: async (file, bytes, offset, length, position) =>
    (await read(file, bytes, offset, length, position)).bytesRead,
  truncate: promisify(nodeFs.ftruncate),
  sync: promisify(nodeFs.fsync),
  dataSync: promisify(nodeFs.fdatasync),
  syncDirectory,
  stat: async (file) => factsOf(await nodeStat(file)),
  statPath: async (path) => factsOf(await nodeFs.promises.lstat(path, { bigint: true })),
  identityNow: (path) => factsOf(nodeFs.lstatSync(path, { bigint: true })).identity,
  list: (path) => nodeFs.promises.readdir(path),
  makeDirectory: (path) => nodeFs.promises.mkdir(path, { mode: 0o700 }),
  rename: (from, to) => nodeFs.promises.rename(from, to),
  link: (from, to) => nodeFs.promises.link(from, to),
  unlink: (path) => nodeFs.promises.unlink(path),
};

/** The error of the table that a failed write stands for; what is no system error (a bug) stays what it is. */
export function storageError(cause: unknown, operation: string, directory: string): Error {
  const code = errorCode(cause);
  if (code === "" && cause instanceof Error) return cause;
  if (code === "ENOSPC") return errors.DISK_FULL({ operation, directory }, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (READ_ONLY_CODES.has(code)) return errors.READ_ONLY({ reason }, { cause });
  return errors.STORAGE_IO({ reason }, { cause });
}

/** The system's code of an error (`ENOENT`), empty when it has none. */
export function errorCode(error: unknown): string {
  const code: unknown = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Runs `work`; undefined when what it needs does not exist. */
export async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes all of `bytes`, however often the system stops short. */
export async function writeAll(fs: SeriesFs, file: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += await fs.write(file, bytes, done, bytes.length - done);
}

/** Reads up to `length` bytes into the start of `bytes`; fewer only at the end of the file. */
export async function readInto(
  fs: SeriesFs,
  file: number,
  bytes: Uint8Array,
  length: number,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < length) {
    const got = await fs.read(file, bytes, done, length - done, position + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

const READ_ONLY_CODES = new Set(["EROFS", "EACCES", "EPERM", "EDQUOT"]);
const write = promisify(nodeFs.write);
const read = promisify(nodeFs.read);

function nodeStat(file: number): Promise<nodeFs.BigIntStats> {
  return new Promise((resolve, reject) => {
    nodeFs.fstat(file, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
}

function factsOf(stats: nodeFs.BigIntStats): FileFacts {
  return {
    identity: `${stats.dev}:${stats.ino}`,
    bytes: Number(stats.size),
    isFile: stats.isFile(),
    owner: Number(stats.uid),
  };
}

/** Makes new and removed names in a folder durable. Windows cannot, and does not need to. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const file = await systemFs.open(path, nodeFs.constants.O_RDONLY);
  try {
    await systemFs.sync(file);
  } finally {
    await systemFs.close(file);
  }
}
