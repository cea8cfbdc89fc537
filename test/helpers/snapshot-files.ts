import { type FileSystem, systemFiles } from "../../src/store/snapshots/files/file-system.ts";

/** The file system with something that runs ahead of every call; what it throws, the call throws. */
export function watchedFiles(
  before: (name: keyof FileSystem, args: readonly unknown[]) => void,
  names: readonly (keyof FileSystem)[] = Object.keys(CALLS) as (keyof FileSystem)[],
): FileSystem {
  const files = { ...CALLS } as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const real = systemFiles[name] as unknown as (...args: unknown[]) => unknown;
    files[name] = (...args) => {
      before(name, args);
      return real(...args);
    };
  }
  return files as unknown as FileSystem;
}

/** Calls that change something on disk. */
export const CHANGING: readonly (keyof FileSystem)[] = [
  "chmodSync",
  "copyFileSync",
  "fsync",
  "fsyncSync",
  "ftruncateSync",
  "mkdirSync",
  "openSync",
  "renameSync",
  "rmSync",
  "rmdirSync",
  "symlinkSync",
  "unlinkSync",
  "writeSync",
];

/** An error as the system throws it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

const CALLS: FileSystem = {
  chmodSync: systemFiles.chmodSync,
  closeSync: systemFiles.closeSync,
  copyFileSync: systemFiles.copyFileSync,
  cpSync: systemFiles.cpSync,
  fstatSync: systemFiles.fstatSync,
  fsync: systemFiles.fsync,
  fsyncSync: systemFiles.fsyncSync,
  ftruncateSync: systemFiles.ftruncateSync,
  lstatSync: systemFiles.lstatSync,
  mkdirSync: systemFiles.mkdirSync,
  openSync: systemFiles.openSync,
  readFileSync: systemFiles.readFileSync,
  readSync: systemFiles.readSync,
  readdirSync: systemFiles.readdirSync,
  readlinkSync: systemFiles.readlinkSync,
  realpathSync: systemFiles.realpathSync,
  renameSync: systemFiles.renameSync,
  rmSync: systemFiles.rmSync,
  rmdirSync: systemFiles.rmdirSync,
  statSync: systemFiles.statSync,
  statfsSync: systemFiles.statfsSync,
  symlinkSync: systemFiles.symlinkSync,
  unlinkSync: systemFiles.unlinkSync,
  utimesSync: systemFiles.utimesSync,
  writeSync: systemFiles.writeSync,
};
