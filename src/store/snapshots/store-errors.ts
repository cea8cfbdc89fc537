import { dirname } from "node:path";
import { DatmoError, errors } from "../../protocol/errors.ts";
import { errorCode } from "./files/file-system.ts";
import { DamagedObject } from "./objects/damaged-object.ts";

/**
 * Runs a piece of the port and says what went wrong in the product's words. `subject` is the id a damaged object
 * is told of, where one thing was asked for; `operation` completes "Cannot record …".
 */
export async function inWords<T>(
  context: { readonly operation: string; readonly directory: string; readonly subject?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, context);
  }
}

function translate(
  error: unknown,
  { operation, directory, subject }: { operation: string; directory: string; subject?: string },
): unknown {
  if (error instanceof DatmoError) return error;
  if (error instanceof DamagedObject) {
    const reason = error.message;
    if (subject === undefined) return errors.STORE_DAMAGED({ reason }, { cause: error });
    return errors.SNAPSHOT_CORRUPT({ id: subject, reason }, { cause: error });
  }
  const { message, path } = error as NodeJS.ErrnoException;
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return errors.DISK_FULL(
        { operation, directory: path ? dirname(String(path)) : directory },
        { cause: error },
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return errors.READ_ONLY({ reason: message }, { cause: error });
    default:
      return errors.GIT_STORE_IO({ reason: message }, { cause: error });
  }
}
