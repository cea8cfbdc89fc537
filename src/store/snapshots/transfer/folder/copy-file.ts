import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, type FileHandle, open, unlink } from "node:fs/promises";
import { errors } from "../../../../protocol/errors.ts";
import { errorCode } from "../../files/file-system.ts";
import type { LfsPointer } from "../../lfs/lfs-pointer.ts";
import { DamagedObject } from "../../objects/damaged-object.ts";

const BLOCK = 1024 * 1024;

/**
 * Copies a big file to a new one, by a clone where the file system has them, proves it and brings it to the disk.
 * In constant memory, and other work goes on meanwhile. Nothing is left at `to` when it throws: `DamagedObject`
 * for another content, CANCELLED, or what the system says.
 */
export async function copyBigFile(
  from: string,
  to: string,
  pointer: LfsPointer,
  options: { readonly signal?: AbortSignal; readonly mode: number; onBytes(bytes: number): void },
): Promise<void> {
  try {
    const cloned = await clone(from, to);
    const source = await open(cloned ? to : from, "r");
    try {
      const target = cloned ? undefined : await open(to, "wx", options.mode);
      try {
        await prove(source, target, pointer, options);
        await (target ?? source).sync();
      } finally {
        await target?.close();
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    if (errorCode(error) !== "EEXIST") await unlink(to).catch(() => {});
    throw error;
  }
}

async function clone(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (["ENOENT", "EEXIST", "ENOSPC", "EDQUOT", "EACCES", "EROFS"].includes(errorCode(error))) throw error;
    return false;
  }
}

/** Reads everything, hashing, and writes it to the target if there is one. */
async function prove(
  source: FileHandle,
  target: FileHandle | undefined,
  pointer: LfsPointer,
  { signal, onBytes }: { readonly signal?: AbortSignal; onBytes(bytes: number): void },
): Promise<void> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK);
  let bytes = 0;
  for (;;) {
    if (signal?.aborted) throw errors.CANCELLED({});
    const { bytesRead } = await source.read(block, 0, BLOCK, bytes);
    if (bytesRead === 0) break;
    const part = block.subarray(0, bytesRead);
    hash.update(part);
    await target?.writeFile(part);
    bytes += bytesRead;
    if (bytes > pointer.bytes) break;
    onBytes(bytesRead);
  }
  if (bytes !== pointer.bytes || hash.digest("hex") !== pointer.sha256) {
    throw new DamagedObject(pointer.sha256, "(a big file) does not match its id");
  }
}
