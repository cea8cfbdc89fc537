import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

export interface AtomicWriteOptions {
  /** Default 0600. */
  readonly mode?: number;
  /** Sync file and folder, so that the file survives a power cut (default). */
  readonly sync?: boolean;
  /** Leave a file that is there alone. */
  readonly exclusive?: boolean;
}

/**
 * Writes a small file so that readers see all of it or nothing. True when it was written; false only with
 * `exclusive`, when there was one already. Throws what the system says.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  try {
    const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL, options.mode ?? 0o600);
    try {
      await handle.writeFile(content);
      if (options.sync !== false) await handle.sync();
    } finally {
      await handle.close();
    }
    if (options.exclusive) return await linkInto(temporary, path);
    await rename(temporary, path);
    return true;
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    if (options.sync !== false) await syncFolder(dirname(path));
  }
}

/** Makes the names in a folder durable. Not every file system lets one do so. */
export async function syncFolder(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!["EINVAL", "EISDIR", "EPERM", "EACCES", "ENOENT", "ENOTSUP"].includes(code)) throw error;
  }
}

/** A hard link never replaces what is there. */
async function linkInto(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
}
