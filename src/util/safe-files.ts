import { constants, existsSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, opendir } from "node:fs/promises";
import { join } from "node:path";

/*
 * Opening what other processes left, without being led elsewhere: no link is followed, nothing but regular
 * files is read, and names are resolved against a folder that is held open, so that swapping the folder for
 * a link in between changes nothing.
 */

const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const NONBLOCK = constants.O_NONBLOCK ?? 0;
const DIRECTORY = constants.O_DIRECTORY ?? 0;

/** Something is there, but not what may be used. The message says what it is. */
export class UnusableFile extends Error {}

/**
 * Opens a regular file. Undefined when there is none; throws `UnusableFile` for links, pipes, devices and
 * folders, else what the system says.
 */
export async function openRegularFile(
  path: string,
  flags: number = constants.O_RDONLY,
  mode = 0o600,
): Promise<{ handle: FileHandle; stats: Stats } | undefined> {
  let handle: FileHandle;
  try {
    // NONBLOCK: opening a named pipe must not wait for its other end.
    handle = await open(path, flags | NOFOLLOW | NONBLOCK, mode);
  } catch (error) {
    return refused(error);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new UnusableFile("it is not a regular file");
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads a small regular file. Undefined when there is none; `UnusableFile` when it is larger than `limit` bytes. */
export async function readSmallFile(path: string, limit: number): Promise<Buffer | undefined> {
  const file = await openRegularFile(path);
  if (!file) return undefined;
  try {
    if (file.stats.size > limit) throw new UnusableFile(`it is larger than ${limit} bytes`);
    const buffer = Buffer.alloc(Math.min(limit, file.stats.size));
    const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.handle.close();
  }
}

/** A folder that is held open. */
export interface HeldFolder {
  /** A path for a bare name in exactly this folder, valid until `close`. */
  at(name: string): string;
  /** Names in it, at most `limit` and one more. */
  names(limit: number): Promise<string[]>;
  /** A folder in it; undefined when there is none. */
  folder(name: string): Promise<HeldFolder | undefined>;
  stats(): Promise<Stats>;
  close(): Promise<void>;
}

/** Holds a folder open. Undefined when there is none; `UnusableFile` when it is a link or no folder. */
export async function holdFolder(path: string): Promise<HeldFolder | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | NOFOLLOW | DIRECTORY | NONBLOCK);
  } catch (error) {
    return refused(error);
  }
  // Without /proc the names are resolved by path; a link that was there is refused, a swap is not seen.
  const base = hasFdFolder() ? `/proc/self/fd/${handle.fd}` : path;
  const folder: HeldFolder = {
    at: (name) => join(base, name),
    names: (limit) => listNames(base, limit),
    folder: (name) => holdFolder(join(base, name)),
    stats: () => handle.stat(),
    close: () => handle.close(),
  };
  return folder;
}

/** True for a name that stays in its folder and is not hidden. */
export function isBareName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name);
}

/** What lies at a path, links not followed; undefined when there is nothing. */
export async function lstatOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** True when there is something at a path, or nobody may tell. */
export async function isThere(path: string): Promise<boolean> {
  return (await lstatOf(path).catch(() => true)) !== undefined;
}

async function listNames(path: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(path)) {
    names.push(entry.name);
    if (names.length > limit) break;
  }
  return names;
}

function refused(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ELOOP" || code === "EMLINK") throw new UnusableFile("it is a symbolic link");
  if (code === "ENXIO" || code === "EISDIR") throw new UnusableFile("it is not a regular file");
  if (code === "ENOTDIR") throw new UnusableFile("it is not a folder");
  throw error;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

let fdFolder: boolean | undefined;

function hasFdFolder(): boolean {
  fdFolder ??= existsSync("/proc/self/fd");
  return fdFolder;
}
