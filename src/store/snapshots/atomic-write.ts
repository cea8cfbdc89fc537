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
  await writeTemporary(fs, temporary, chunks, options);
  try {
    renamePatiently(fs, temporary, path);
  } catch (error) {
    removeIfThere(fs, temporary);
    throw error;
  }
  if (options.durable !== false) syncFolder(fs, dirname(path));
}

/** Writes a complete file under a name that nothing reads; leaves nothing behind when it fails. */
export async function writeTemporary(
  fs: FileSystem,
  temporary: string,
  chunks: Iterable<Uint8Array>,
  options: Pick<AtomicWrite, "durable" | "mode"> = {},
): Promise<void> {
  const fd = fs.openSync(temporary, "wx", options.mode ?? 0o600);
  let open = true;
  try {
    for (const chunk of chunks) writeFully(fs, fd, chunk);
    if (options.durable !== false) await syncFile(fs, fd);
    open = false;
    fs.closeSync(fd);
  } catch (error) {
    if (open) fs.closeSync(fd);
    removeIfThere(fs, temporary);
    throw error;
  }
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
