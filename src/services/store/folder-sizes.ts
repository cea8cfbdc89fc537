import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of everything in a folder, links not followed; 0 when it is not there. */
export async function folderBytes(folder: string): Promise<number> {
  return (await measure(folder)).bytes;
}

export async function measure(folder: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(ignoreMissing);
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const below = await measure(path);
      files += below.files;
      bytes += below.bytes;
    } else {
      // What goes away meanwhile takes no room.
      bytes += (await lstat(path).catch(ignoreMissing))?.size ?? 0;
      files += 1;
    }
  }
  return { files, bytes };
}

export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EACCES") return undefined;
  throw error;
}
