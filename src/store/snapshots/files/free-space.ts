import { errors } from "../../../protocol/errors.ts";
import type { FileSystem } from "./file-system.ts";

const MARGIN = 1.05;

/** Throws DISK_FULL, saying how much is missing, when `bytes` and a margin do not fit. */
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
  const missing = bytes * MARGIN - free;
  if (missing <= 0) return;
  const operation = `${what} (${Math.ceil(missing / 1e6)} MB more are needed)`;
  throw errors.DISK_FULL({ operation, directory });
}
