import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { pause } from "../files/atomic-write.ts";
import { errorCode, type FileSystem, isMissing, readFully } from "../files/file-system.ts";
import { fsPath } from "../files/names.ts";
import { encodePointer, type LfsPointer, looksLikePointer } from "../lfs/lfs-pointer.ts";
import type { LfsStore } from "../lfs/lfs-store.ts";
import { hashObject } from "../objects/object-id.ts";
import { encodeEntry, type PackEntry } from "../objects/pack-entry.ts";
import {
  EXECUTABLE,
  FILE,
  GONE,
  kindOf,
  LARGE,
  LINK,
  RACY,
  SPECIAL,
  UNREADABLE,
  UNSTABLE,
} from "./entry-kind.ts";

const OPEN = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const ATTEMPTS = 3;

/** Files of this size go to the big-file store in any case. */
const LARGE_BYTES = 4 * 1024 * 1024;
/** Files of this size go there when they are binary. */
const LARGE_BINARY_BYTES = 1024 * 1024;
/** As git does it: binary is what has a zero byte in here. */
const BINARY_SAMPLE = 8000;
/** Nobody waits longer than this for a file to come of age. */
const LONGEST_WAIT_MS = 100;

export interface HashContext {
  readonly fs: FileSystem;
  /** Time by the clock of the file system at or before any reading, and how coarse its times are. Milliseconds. */
  readonly now: number;
  readonly window: number;
  readonly lfs: LfsStore;
  /** Tell the SHA-256 of every content. */
  readonly sha256: boolean;
  known(id: Buffer): boolean;
}

export interface HashJob {
  readonly path: string;
  readonly link: boolean;
  /** It was a big file of this size before: hash it before copying it, it may be the same. */
  readonly rehash: boolean;
}

export interface HashedFile {
  /** Kind and flags, `entry-kind.ts`. The rest is there when it is a file or a link. */
  readonly flags: number;
  readonly facts?: Stats;
  readonly id?: Buffer;
  /** The blob, unless the store has it already. */
  readonly entry?: PackEntry;
  readonly sha256?: string;
  /** Why it could not be read. */
  readonly problem?: string;
}

let readBuffer: Buffer | undefined;

/** Reads one file or link as it was at one moment, or marks it unstable. Big files are stored on the way. */
export function hashFile(context: HashContext, job: HashJob): HashedFile {
  if (job.link) return hashLink(context, job.path);
  const path = fsPath(job.path);
  let fd: number;
  try {
    fd = context.fs.openSync(path, OPEN);
  } catch (error) {
    return errorCode(error) === "ELOOP" ? hashLink(context, job.path) : notRead(error);
  }
  try {
    for (let attempt = 1; ; attempt++) {
      const { facts, racy } = settle(context, context.fs.fstatSync(fd), fd);
      if (!facts.isFile()) return { flags: SPECIAL };
      const read = readContent(context, job, fd, path, facts);
      if ("flags" in read) return read;
      const stable = read.bytes === facts.size && sameFacts(facts, context.fs.fstatSync(fd));
      const marks = (racy || !stable ? RACY : 0) | (stable ? 0 : UNSTABLE);
      if (stable || attempt === ATTEMPTS) return hashed(context, facts, read, marks);
    }
  } finally {
    context.fs.closeSync(fd);
  }
}

interface Content {
  readonly bytes: number;
  /** The blob's content: the file's own, or a pointer to it. */
  readonly blob: Buffer;
  readonly large?: LfsPointer;
}

/** Waits until a big file that has just been changed is old enough to be told from a later change. */
function settle(context: HashContext, facts: Stats, fd: number): { facts: Stats; racy: boolean } {
  const racy = isRacy(context, facts);
  if (!racy || facts.size < LARGE_BINARY_BYTES || context.window > LONGEST_WAIT_MS) return { facts, racy };
  pause(context.window);
  const later = context.fs.fstatSync(fd);
  return { facts: later, racy: !sameFacts(facts, later) };
}

function readContent(
  context: HashContext,
  job: HashJob,
  fd: number,
  path: string | Buffer,
  facts: Stats,
): Content | HashedFile {
  if (facts.size >= LARGE_BYTES) return pointerTo(storeLarge(context, job, fd, path, facts.size));
  readBuffer ??= Buffer.allocUnsafe(LARGE_BYTES);
  const buffer = readBuffer.subarray(0, facts.size);
  let bytes: number;
  try {
    bytes = readFully(context.fs, fd, buffer, 0);
  } catch (error) {
    return notRead(error);
  }
  const content = buffer.subarray(0, bytes);
  const binary = facts.size >= LARGE_BINARY_BYTES && content.subarray(0, BINARY_SAMPLE).includes(0);
  if (binary || looksLikePointer(content)) return pointerTo(context.lfs.putBytes(content));
  return { bytes, blob: content };
}

function storeLarge(
  context: HashContext,
  job: HashJob,
  fd: number,
  path: string | Buffer,
  bytes: number,
): LfsPointer {
  if (job.rehash) {
    const pointer = context.lfs.hash(fd, bytes);
    if (context.lfs.use(pointer)) return pointer;
  }
  return context.lfs.put(fd, path, bytes);
}

function pointerTo(large: LfsPointer): Content {
  return { bytes: large.bytes, blob: encodePointer(large), large };
}

function hashed(context: HashContext, facts: Stats, content: Content, marks: number): HashedFile {
  const id = hashObject("blob", content.blob);
  const kind = kindOf(facts) === EXECUTABLE ? EXECUTABLE : FILE;
  const sha256 = content.large?.sha256 ?? (context.sha256 ? sha256Of(content.blob) : undefined);
  return {
    flags: kind | marks | (content.large ? LARGE : 0),
    facts,
    id,
    ...(context.known(id) ? {} : { entry: encodeEntry("blob", content.blob) }),
    ...(sha256 ? { sha256 } : {}),
  };
}

function hashLink(context: HashContext, path: string): HashedFile {
  try {
    const facts = context.fs.lstatSync(fsPath(path));
    if (!facts.isSymbolicLink()) return { flags: facts.isFile() ? GONE : SPECIAL };
    const target = context.fs.readlinkSync(fsPath(path), { encoding: "buffer" });
    const id = hashObject("blob", target);
    return {
      flags: LINK | (isRacy(context, facts) ? RACY : 0),
      facts,
      id,
      ...(context.known(id) ? {} : { entry: encodeEntry("blob", target) }),
      ...(context.sha256 ? { sha256: sha256Of(target) } : {}),
    };
  } catch (error) {
    return notRead(error);
  }
}

/** What the user may have forbidden or the disk lost is told, not fatal; anything else is. */
function notRead(error: unknown): HashedFile {
  if (isMissing(error)) return { flags: GONE };
  const code = errorCode(error);
  if (code === "ENXIO" || code === "EISDIR") return { flags: SPECIAL };
  if (["EACCES", "EPERM", "EIO", "EBUSY", "ESTALE", "ETIMEDOUT"].includes(code)) {
    return { flags: UNREADABLE, problem: code };
  }
  throw error;
}

export function isRacy(context: { now: number; window: number }, facts: Stats): boolean {
  return Math.max(facts.mtimeMs, facts.ctimeMs) >= context.now - context.window;
}

function sameFacts(a: Stats, b: Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino;
}

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
