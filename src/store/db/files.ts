import * as fs from "node:fs";
import { promisify } from "node:util";

/** What the store needs of a file system. Tests put faults in its place. */
export interface Files {
  open(path: string, flags: number, mode: number): Promise<number>;
  write(fd: number, bytes: Buffer, offset: number, length: number): Promise<number>;
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number;
  fdatasync(fd: number): Promise<void>;
  fsync(fd: number): Promise<void>;
  ftruncate(fd: number, length: number): Promise<void>;
  close(fd: number): Promise<void>;
  readFile(path: string): Promise<Buffer>;

  openSync(path: string, flags: number, mode?: number): number;
  readSync(fd: number, bytes: Buffer, offset: number, length: number, position: number): number;
  fsyncSync(fd: number): void;
  closeSync(fd: number): void;
  /** Undefined when there is nothing of that name. */
  statSync(path: string): FileFacts | undefined;
  fstatSync(fd: number): FileFacts;
  /** Names in a folder; none when there is no such folder. */
  namesSync(directory: string): string[];
  readFileSync(path: string): Buffer;
  linkSync(from: string, to: string): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  chmodSync(path: string, mode: number): void;
  copyFileSync(from: string, to: string): void;
  /** One level; no matter when it is there. */
  mkdirSync(path: string): void;
  /** Type of the file system that holds `path`, as statfs(2) numbers it. */
  fileSystemType(path: string): number;
}

export interface FileFacts {
  readonly ino: number;
  readonly dev: number;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export const nodeFiles: Files = {
  open: promisify(fs.open) as Files["open"],
  write: (fd, bytes, offset, length) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, offset, length, null, (error, n) => (error ? reject(error) : resolve(n)));
    }),
  writeSync: (fd, bytes, offset, length) => fs.writeSync(fd, bytes, offset, length),
  fdatasync: promisify(fs.fdatasync),
  fsync: promisify(fs.fsync),
  ftruncate: promisify(fs.ftruncate),
  close: promisify(fs.close),
  readFile: readWhole,

  openSync: fs.openSync,
  readSync: (fd, bytes, offset, length, position) => fs.readSync(fd, bytes, offset, length, position),
  fsyncSync: fs.fsyncSync,
  closeSync: fs.closeSync,
  statSync: (path) => fs.statSync(path, { throwIfNoEntry: false }),
  fstatSync: (fd) => fs.fstatSync(fd),
  namesSync: (directory) => {
    try {
      return fs.readdirSync(directory);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  },
  readFileSync: (path) => fs.readFileSync(path),
  linkSync: fs.linkSync,
  renameSync: fs.renameSync,
  unlinkSync: fs.unlinkSync,
  chmodSync: fs.chmodSync,
  // A reflink where the file system can: the copy then costs nothing.
  copyFileSync: (from, to) =>
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE | fs.constants.COPYFILE_EXCL),
  mkdirSync: (path) => void ignoring(["EEXIST"], () => fs.mkdirSync(path, { mode: 0o700 })),
  fileSystemType: (path) => fs.statfsSync(path).type,
};

/** In one piece: `fs.readFile` would come back to this thread for every half megabyte. */
async function readWhole(path: string): Promise<Buffer> {
  const handle = await fs.promises.open(path, "r");
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.allocUnsafeSlow(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(size - done, READ_MOST), done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await handle.close();
  }
}

/** Node reads less than 2 GiB at once. */
const READ_MOST = 1024 * 1024 * 1024;

export const CREATE_APPEND =
  fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_APPEND;
export const READ = fs.constants.O_RDONLY;

/** The system's code in an error (`ENOSPC`), or the empty string. */
export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

/** Runs `act`; errors with one of these codes are swallowed and give undefined. */
export function ignoring<T>(codes: readonly string[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (codes.includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** Makes the names in a folder durable; not every system lets one do so. */
export function syncFolderSync(files: Files, directory: string): void {
  const fd = ignoring(UNSYNCABLE, () => files.openSync(directory, READ));
  if (fd === undefined) return;
  try {
    ignoring(UNSYNCABLE, () => files.fsyncSync(fd));
  } finally {
    files.closeSync(fd);
  }
}

/** The same without blocking. */
export async function syncFolder(files: Files, directory: string): Promise<void> {
  const fd = await files.open(directory, READ, 0).catch(unlessUnsyncable);
  if (fd === undefined) return;
  try {
    await files.fsync(fd).catch(unlessUnsyncable);
  } finally {
    await files.close(fd);
  }
}

/** Writes all of `bytes`; throws what the system says, also after a part was written. */
export function writeAllSync(files: Files, fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    // Node refuses writes of 2 GiB and more; pieces also let a full disk show early.
    const n = files.writeSync(fd, bytes, done, Math.min(bytes.length - done, WRITE_PIECE));
    if (n === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
    done += n;
  }
}

const WRITE_PIECE = 64 * 1024 * 1024;
const UNSYNCABLE = ["EINVAL", "EISDIR", "EPERM", "ENOTSUP", "EOPNOTSUPP"];

function unlessUnsyncable(error: unknown): undefined {
  if (!UNSYNCABLE.includes(errorCode(error))) throw error;
}
