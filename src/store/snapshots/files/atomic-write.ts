import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { type FileSystem, removeIfThere, syncFile, syncFolder, writeFully } from "./file-system.ts";

export interface AtomicWrite {
  /** Name to write under first, in the same folder. Default: the final name with a random ending. */
  readonly temporary?: string;
  /** Sync the file and its folder (default). */
  readonly durable?: boolean;
  /** Default 0600. */
  readonly mode?: number;
}

/** Puts a file under its final name only when it is complete. */
export async function writeAtomic(
  fs: FileSystem,
  path: string,
  chunks: Iterable<Uint8Array>,
  options: AtomicWrite = {},
): Promise<void> {
  const temporary = options.temporary ?? `${path}.${randomBytes(6).toString("hex")}.lock`;
  await writeTemporaries(fs, [{ path: temporary, chunks }], options);
  try {
    renamePatiently(fs, temporary, path);
  } catch (error) {
    removeIfThere(fs, temporary);
    throw error;
  }
  if (options.durable !== false) await syncFolder(fs, dirname(path));
}

export interface TemporaryFile {
  readonly path: string;
  /** Asked for one after the other, when the files before it are written. */
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * Writes complete files under names that nothing reads; leaves none behind when one fails. They are synced
 * together: the file system then often needs to flush only once.
 */
export async function writeTemporaries(
  fs: FileSystem,
  files: readonly TemporaryFile[],
  options: Pick<AtomicWrite, "durable" | "mode"> = {},
): Promise<void> {
  const open: number[] = [];
  try {
    for (const { path, chunks } of files) {
      const fd = fs.openSync(path, "wx", options.mode ?? 0o600);
      open.push(fd);
      for (const chunk of chunks) writeFully(fs, fd, chunk);
    }
    if (options.durable !== false) await syncAll(fs, open);
    while (open.length > 0) fs.closeSync(open.pop() as number);
  } catch (error) {
    for (const fd of open) fs.closeSync(fd);
    for (const { path } of files) removeIfThere(fs, path);
    throw error;
  }
}

/** Ends when all have ended: a file that is closed while it is synced could be another one by then. */
async function syncAll(fs: FileSystem, fds: readonly number[]): Promise<void> {
  const outcomes = await Promise.allSettled(fds.map((fd) => syncFile(fs, fd)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

/** Renames; where a scanner may hold a file open for a moment (Windows), it tries for a second. */
export function renamePatiently(fs: FileSystem, from: string, to: string | Buffer): void {
  for (let attempt = 0; ; attempt++) {
    try {
      fs.renameSync(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      const held = process.platform === "win32" && ["EPERM", "EBUSY", "EACCES"].includes(code);
      if (!held || attempt === 20) throw error;
      pause(50);
    }
  }
}

/** Stops this thread for some milliseconds. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
