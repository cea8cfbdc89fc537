import { dirname } from "node:path";
import { errors, isDatmoError } from "../protocol/errors.ts";

/** What the system says about its disk, as the error that tells a person; anything else stays what it is. */
export function storageError(thrown: unknown, operation: string, directory?: string): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (isDatmoError(error)) return error;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  switch (code) {
    case "ENOSPC":
    case "EDQUOT": {
      const place = directory ?? (path === undefined ? "the disk" : dirname(path));
      return errors.DISK_FULL({ operation, directory: place }, options);
    }
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return errors.READ_ONLY({ reason: message }, options);
    case "EIO":
      return errors.STORAGE_IO({ reason: message }, options);
    default:
      return error;
  }
}
