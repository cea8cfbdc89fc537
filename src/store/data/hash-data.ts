import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

const BLOCK = 1024 * 1024;
const ATTEMPTS = 2;

/** Content of one file: as columns of plain values, for it crosses threads. */
export interface HashedData {
  readonly sha256?: string;
  /** mtimeMs, ctimeMs, size, ino of the content that was read. */
  readonly facts?: readonly [number, number, number, number];
  /** Why there is no hash, as the end of a sentence that begins with the path. */
  readonly problem?: string;
}

let block: Buffer | undefined;

/** Reads a file as it was at one moment. `read` is told how many bytes came. */
export function hashData(path: string, read: (bytes: number) => void): HashedData {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = fstatSync(fd);
      if (!before.isFile()) return { problem: "is no file any more" };
      const { bytes, sha256 } = digest(fd, before.size, read);
      if (bytes === before.size && isSame(before, fstatSync(fd))) return { sha256, facts: factsOf(before) };
    }
    return { problem: "changed while it was read" };
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  } finally {
    closeSync(fd);
  }
}

export function factsOf({ mtimeMs, ctimeMs, size, ino }: Stats): [number, number, number, number] {
  return [mtimeMs, ctimeMs, size, ino];
}

function digest(fd: number, size: number, read: (bytes: number) => void): { bytes: number; sha256: string } {
  block ??= Buffer.allocUnsafe(BLOCK);
  const hash = createHash("sha256");
  let bytes = 0;
  while (bytes <= size) {
    const got = readSync(fd, block, 0, block.length, bytes);
    if (got === 0) break;
    hash.update(block.subarray(0, got));
    bytes += got;
    read(got);
  }
  return { bytes, sha256: hash.digest("hex") };
}

function isSame(a: Stats, b: Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino;
}
