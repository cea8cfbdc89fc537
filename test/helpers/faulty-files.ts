import { type Files, nodeFiles } from "../../src/store/db/files.ts";

/** An error as the system throws it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** A disk with room for so many bytes more; what does not fit is written as far as it does. */
export class SmallDisk {
  room = Number.POSITIVE_INFINITY;
  readonly files: Files;

  constructor() {
    const take = (length: number): number => {
      if (this.room <= 0) throw systemError("ENOSPC");
      const n = Math.min(length, this.room);
      this.room -= n;
      return n;
    };
    this.files = {
      ...nodeFiles,
      writeSync: (fd, bytes, offset, length) => nodeFiles.writeSync(fd, bytes, offset, take(length)),
      write: async (fd, bytes, offset, length) => nodeFiles.write(fd, bytes, offset, take(length)),
      copyFileSync: (from, to) => {
        if (this.room < (nodeFiles.statSync(from)?.size ?? 0)) throw systemError("ENOSPC");
        nodeFiles.copyFileSync(from, to);
      },
    };
  }
}

/** Operations that change something on disk, by name. */
export const CHANGES = [
  "open",
  "write",
  "writeSync",
  "fdatasync",
  "fsync",
  "ftruncate",
  "openSync",
  "fsyncSync",
  "linkSync",
  "renameSync",
  "unlinkSync",
  "chmodSync",
  "copyFileSync",
  "mkdirSync",
] as const satisfies readonly (keyof Files)[];

/** Counts operations that change something; `before` runs ahead of each and may throw or kill. */
export function watched(
  before: (name: string, count: number) => void,
  names: readonly string[] = CHANGES,
): Files {
  let count = 0;
  const files = { ...nodeFiles } as Record<string, unknown>;
  for (const name of names) {
    const real = nodeFiles[name as keyof Files] as (...all: unknown[]) => unknown;
    files[name] = (...all: unknown[]): unknown => {
      count += 1;
      before(name, count);
      return real(...all);
    };
  }
  return files as unknown as Files;
}

/** Makes the operation `name` fail with `code` while `when` says so (default: always). */
export function failing(name: keyof Files, code: string, when: () => boolean = () => true): Files {
  const real = nodeFiles[name] as (...all: unknown[]) => unknown;
  const synchronous = name.endsWith("Sync") || name === "fileSystemType";
  const fail = (...all: unknown[]): unknown => {
    if (!when()) return real(...all);
    if (synchronous) throw systemError(code);
    return Promise.reject(systemError(code));
  };
  return { ...nodeFiles, [name]: fail };
}
