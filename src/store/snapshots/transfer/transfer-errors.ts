import { sep } from "node:path";
import { DatmoError, errors } from "../../../protocol/errors.ts";
import { errorCode } from "../files/file-system.ts";
import { DamagedObject } from "../objects/damaged-object.ts";
import { words } from "./git/git-problem.ts";

/**
 * Says what went wrong with a remote in the product's words. What the system says of the store's own files is
 * passed on: it is not the remote's fault.
 */
export async function inRemoteWords<T>(
  remote: { readonly shown: string; readonly folder?: string },
  ownDirectory: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, remote, ownDirectory);
  }
}

function translate(
  error: unknown,
  { shown, folder }: { readonly shown: string; readonly folder?: string },
  ownDirectory: string,
): unknown {
  if (error instanceof DatmoError) return error;
  const said = words(shown, (error as Error).message);
  if (error instanceof DamagedObject) return errors.REMOTE_BROKEN(said, { cause: error });
  const code = errorCode(error);
  const path = String((error as NodeJS.ErrnoException).path ?? "");
  if (code === "" || path.startsWith(ownDirectory + sep)) {
    // Without a code it was not the system: what was read made no sense.
    return code === "" ? errors.REMOTE_BROKEN(said, { cause: error }) : error;
  }
  if (folder === undefined || !path.startsWith(folder)) return error;
  return ["ENOENT", "EIO"].includes(code)
    ? errors.REMOTE_BROKEN(said, { cause: error })
    : errors.REMOTE_REFUSED(said, { cause: error });
}
