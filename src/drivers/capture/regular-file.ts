import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/**
 * The bytes of a regular file of at most `limit` bytes, links followed. Anything else (a pipe that would
 * block, a folder, a file too large or unreadable) is undefined; never throws.
 */
export function readRegularFile(path: string, limit: number): Buffer | undefined {
  return withFile(path, (file) => {
    const size = fstatSync(file).size;
    // Files of /proc claim to be empty: read up to the limit whatever the size says.
    return size > limit ? undefined : readUpTo(file, size > 0 ? size : Math.min(limit, 1 << 20));
  });
}

/** The first `bytes` bytes of a regular file, fewer when it is shorter. */
export function readHead(path: string, bytes: number): Buffer | undefined {
  return withFile(path, (file) => readUpTo(file, bytes));
}

function withFile<T>(path: string, use: (file: number) => T | undefined): T | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    return fstatSync(file).isFile() ? use(file) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function readUpTo(file: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  let at = 0;
  while (at < bytes) {
    const got = readSync(file, buffer, at, bytes - at, null);
    if (got === 0) break;
    at += got;
  }
  return buffer.subarray(0, at);
}
