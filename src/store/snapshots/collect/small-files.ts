import { randomBytes } from "node:crypto";
import { errorCode, type FileSystem, isMissing, removeIfThere } from "../files/file-system.ts";
import type { ObjectStore } from "../objects/object-store.ts";

/** The time by the clock that the store's files are stamped with. */
export function fileSystemTime(store: ObjectStore): number {
  const path = store.path("datmo", "tmp", randomBytes(8).toString("hex"));
  try {
    store.fs.closeSync(store.fs.openSync(path, "wx", 0o600));
    const { mtimeMs } = store.fs.statSync(path);
    removeIfThere(store.fs, path);
    return mtimeMs;
  } catch (error) {
    // A look at a store that cannot be written.
    if (["EROFS", "EACCES", "EPERM", "ENOENT"].includes(errorCode(error))) return Date.now();
    throw error;
  }
}

export function removeFolderIfEmpty(fs: FileSystem, path: string): void {
  try {
    fs.rmdirSync(path);
  } catch (error) {
    if (!isMissing(error) && !["ENOTEMPTY", "EEXIST", "EBUSY"].includes(errorCode(error))) throw error;
  }
}
