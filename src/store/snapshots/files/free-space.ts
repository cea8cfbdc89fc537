import { errors } from "../../../protocol/errors.ts";
import type { FileSystem } from "./file-system.ts";

const MARGIN = 1.05;

/** Throws DISK_FULL, saying how much is needed and how much is free, when `bytes` and a margin do not fit. */
export function requireSpace(fs: FileSystem, directory: string, bytes: number, what: string): void {
  if (bytes === 0) return;
  let free: number;
  try {
    const facts = fs.statfsSync(directory);
    free = facts.bavail * facts.bsize;
  } catch {
    // A file system that does not say is tried.
    return;
  }
  const needed = Math.ceil(bytes * MARGIN);
  if (needed <= free) return;
  const operation = `${what} (${megabytes(needed)} are needed, ${megabytes(free)} are free)`;
  throw errors.DISK_FULL({ operation, directory, neededBytes: needed, freeBytes: free });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
