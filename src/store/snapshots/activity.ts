import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { processMark } from "../../util/process-identity.ts";
import { errorCode, type FileSystem, removeIfThere, writeFully } from "./files/file-system.ts";

/** Kernels stamp files with the time of their last tick, at most 10 ms ago. */
const FINE_WINDOW_MS = 20;
/** Where only whole seconds are kept. */
const COARSE_WINDOW_MS = 2000;

export interface Activity {
  /** Time of the project's file system when the work began: the clock that its files are stamped with. */
  readonly now: number;
  /** A file changed less than this before `now` may change again and keep its times. Milliseconds. */
  readonly window: number;
  /** Adding a name to a folder changes the folder's times here. */
  readonly trustFolders: boolean;
  /** False in a project that cannot be written. */
  readonly writable: boolean;
  end(): void;
}

/**
 * Announces work by a file in `datmo/active`, which also tells the time. Collectors of garbage remove nothing
 * that could be needed by work that began before their scan.
 */
export function beginActivity(fs: FileSystem, gitDirectory: string): Activity {
  const folder = join(gitDirectory, "datmo", "active");
  const path = join(folder, randomBytes(8).toString("hex"));
  try {
    const fd = fs.openSync(path, "wx", 0o600);
    try {
      writeFully(fs, fd, Buffer.from(`${JSON.stringify(processMark())}\n`));
      const { mtimeMs } = fs.fstatSync(fd);
      const fine = mtimeMs % 1000 !== 0;
      const trustFolders = fine && fs.statSync(folder).mtimeMs >= mtimeMs - FINE_WINDOW_MS;
      const window = fine ? FINE_WINDOW_MS : COARSE_WINDOW_MS;
      return { now: mtimeMs, window, trustFolders, writable: true, end: () => void removeIfThere(fs, path) };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    if (!["EROFS", "EACCES", "EPERM", "ENOENT"].includes(errorCode(error))) throw error;
    return { now: Date.now(), window: COARSE_WINDOW_MS, trustFolders: false, writable: false, end: () => {} };
  }
}
