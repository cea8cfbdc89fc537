import { errors } from "../../../protocol/errors.ts";
import { errorCode, type FileSystem, isMissing } from "../files/file-system.ts";
import { fsPath } from "../files/names.ts";

/** How a file or link looked when its content was last known. Inodes are left out: not every file system keeps them. */
export interface Seen {
  readonly mtimeMs: number;
  readonly bytes: number;
}

const CHANGED = "CHANGED_MEANWHILE";

/** What to do about it. */
export const WRITTEN_MEANWHILE =
  "It was written while the checkout ran. Let what writes it end, and run the same command again.";

/**
 * Throws when what lies at a path is not what was seen there: somebody wrote it since, and no snapshot holds that.
 * What is gone has nothing to lose.
 */
export function requireSeen(fs: FileSystem, path: string, { mtimeMs, bytes }: Seen): void {
  try {
    const facts = fs.lstatSync(fsPath(path));
    if (facts.mtimeMs === mtimeMs && facts.size === bytes) return;
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  throw Object.assign(new Error(`${path} changed meanwhile`), { code: CHANGED, path });
}

/** Says which of the project's files changed; other errors stay as they are. `directory`: the project's. */
export function inUsersWords(error: unknown, directory: string): unknown {
  const { path } = error as { path?: string };
  if (errorCode(error) !== CHANGED || path === undefined) return error;
  const list = path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
  return errors.WORKING_TREE_DIRTY({ list, paths: [list] }, { hint: WRITTEN_MEANWHILE });
}
