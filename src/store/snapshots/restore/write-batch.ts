import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXECUTABLE, LINK } from "../capture/entry-kind.ts";
import { renamePatiently } from "../files/atomic-write.ts";
import { errorCode, type FileSystem, removeIfThere, writeFully } from "../files/file-system.ts";
import { fsPath, TEMPORARY_PREFIX } from "../files/names.ts";
import { parsePointer } from "../lfs/lfs-pointer.ts";
import type { LfsStore } from "../lfs/lfs-store.ts";
import type { ObjectReader } from "../objects/object-reader.ts";
import { requireSeen, type Seen } from "./seen.ts";

/** Files to write, as columns. */
export interface WriteBatch {
  readonly paths: readonly string[];
  /** Blobs, hexadecimal. */
  readonly ids: readonly string[];
  /** FILE, EXECUTABLE or LINK. */
  readonly kinds: Uint8Array;
  /** 1: take the place of what is there, in one step. 0: nothing is there. */
  readonly replace: Uint8Array;
  /** How what is replaced looked when it was found to be held. */
  readonly seen: readonly (Seen | undefined)[];
  /** Folder on the same file system where replacements are prepared. */
  readonly temporary: string;
  /** Leave nothing half written that could not be told from a user's file after a kill. */
  readonly resumable: boolean;
}

export interface WrittenBatch {
  /** mtimeMs, ctimeMs, size, ino of each. */
  readonly facts: Float64Array;
  /** Positions whose objects this thread cannot read: deltas. */
  readonly left: readonly number[];
}

export interface WriteContext {
  readonly fs: FileSystem;
  readonly reader: ObjectReader;
  readonly lfs: LfsStore;
}

/** Writes files, each proven by its hash. Throws when a new file is there already (EEXIST). */
export function writeBatch(context: WriteContext, batch: WriteBatch): WrittenBatch {
  const facts = new Float64Array(batch.paths.length * 4);
  const left: number[] = [];
  batch.ids.forEach((id, i) => {
    const object = context.reader.readOwn(id);
    if (object) facts.set(writeOne(context, batch, i, object.body), i * 4);
    else left.push(i);
  });
  return { facts, left };
}

/** Writes the file at a position of a batch, given its blob. Returns its facts. */
export function writeOne(context: WriteContext, batch: WriteBatch, position: number, blob: Buffer): number[] {
  const path = batch.paths[position] as string;
  const kind = batch.kinds[position] as number;
  // The beginning of a small file is recognised when a killed restore goes on; a big one appears in one step.
  const direct = !batch.replace[position] && !(batch.resumable && parsePointer(blob));
  if (direct) return columns(create(context, fsPath(path), kind, blob));
  if (!batch.replace[position]) refuseExisting(context.fs, path);
  const prepared = join(batch.temporary, randomBytes(8).toString("hex"));
  create(context, prepared, kind, blob);
  refuseChanged(context.fs, path, batch.seen[position], prepared);
  if (!moveOver(context.fs, prepared, path)) {
    // The file lies on another file system than `.datmo`: prepare it in its own folder.
    const beside = fsPath(join(dirname(path), `${TEMPORARY_PREFIX}${basename(path).slice(0, 100)}`));
    removeIfThere(context.fs, beside);
    create(context, beside, kind, blob);
    context.fs.renameSync(beside, fsPath(path));
  }
  // Renaming changed the ctime.
  return columns(context.fs.lstatSync(fsPath(path)));
}

function refuseExisting(fs: FileSystem, path: string): void {
  if (!fs.lstatSync(fsPath(path), { throwIfNoEntry: false })) return;
  throw Object.assign(new Error(`EEXIST: file already exists, ${path}`), { code: "EEXIST", path });
}

/** Looked at last, when all that is left to do is the renaming. */
function refuseChanged(fs: FileSystem, path: string, seen: Seen | undefined, prepared: string): void {
  try {
    if (seen) requireSeen(fs, path, seen);
  } catch (error) {
    removeIfThere(fs, prepared);
    throw error;
  }
}

/** False when the two are on different file systems. What was prepared is never left behind. */
function moveOver(fs: FileSystem, prepared: string, path: string): boolean {
  try {
    renamePatiently(fs, prepared, fsPath(path));
    return true;
  } catch (error) {
    removeIfThere(fs, prepared);
    if (errorCode(error) !== "EXDEV") throw error;
    return false;
  }
}

function create(context: WriteContext, path: string | Buffer, kind: number, blob: Buffer): Stats {
  const { fs, lfs } = context;
  if (kind === LINK) {
    fs.symlinkSync(blob, path);
    return fs.lstatSync(path);
  }
  const mode = kind === EXECUTABLE ? 0o777 : 0o666;
  const pointer = parsePointer(blob);
  if (pointer) {
    lfs.restore(pointer, path, mode);
    return fs.lstatSync(path);
  }
  const fd = fs.openSync(path, "wx", mode);
  let complete = false;
  try {
    writeFully(fs, fd, blob);
    const facts = fs.fstatSync(fd);
    complete = true;
    return facts;
  } finally {
    fs.closeSync(fd);
    if (!complete) removeIfThere(fs, path);
  }
}

function columns(facts: Stats): number[] {
  return [facts.mtimeMs, facts.ctimeMs, facts.size, facts.ino];
}
