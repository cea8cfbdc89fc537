import { errors } from "../../../../protocol/errors.ts";
import type { BigFilePlace } from "./big-file-place.ts";

/** A remote that cannot hold big files. */
export function noFiles(remote: string, why: string): BigFilePlace {
  const refuse = async (): Promise<never> => {
    throw errors.REMOTE_REFUSED({ remote, reason: `${why}, and there are some to move` });
  };
  return { download: refuse, upload: refuse };
}
