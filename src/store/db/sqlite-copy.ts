import { join } from "node:path";
import { errors } from "../../protocol/errors.ts";
import { errorCode, type Files, ignoring, READ } from "./files.ts";
import { CHECKSUM_AT } from "./image-file.ts";
import { snapshotFile } from "./layout.ts";
import type { ProblemLog } from "./problems.ts";

/** The copy for stock sqlite3, below `.datmo`. datmo never reads it. */
export const SQLITE_COPY = "datmo.sqlite";

/** Makes the copy equal to a snapshot; best effort, an old copy stays where that is not possible. */
export function refreshCopy(
  files: Files,
  directory: string,
  generation: number,
  temporary: string,
  problems: ProblemLog,
): void {
  const target = join(directory, SQLITE_COPY);
  const source = join(directory, "snap", snapshotFile(generation));
  if (isCurrent(files, source, target)) return;
  // A write-ahead log or journal belongs to the very file beside it; replacing that would spoil both.
  if (["-wal", "-journal"].some((suffix) => files.statSync(target + suffix))) {
    problems.add(
      errors.INDEX_NOT_REFRESHED({ reason: `close the other program using ${SQLITE_COPY} to refresh it` }),
    );
    return;
  }
  try {
    files.copyFileSync(source, temporary);
    files.chmodSync(temporary, 0o444);
    files.renameSync(temporary, target);
  } catch (error) {
    ignoring(["ENOENT", "EBUSY", "EPERM", "EACCES"], () => files.unlinkSync(temporary));
    // ENOENT: a newer snapshot has taken its place. The others: somebody has the old copy open (Windows).
    if (["ENOENT", "EBUSY", "EPERM", "EACCES"].includes(errorCode(error))) return;
    throw error;
  }
}

/** Compared by size and by the checksum in the header. */
function isCurrent(files: Files, source: string, target: string): boolean {
  const [a, b] = [files.statSync(source), files.statSync(target)];
  if (!a || a.size !== b?.size) return false;
  return header(files, source).equals(header(files, target));
}

function header(files: Files, path: string): Buffer {
  const bytes = Buffer.alloc(CHECKSUM_AT + 4);
  const fd = files.openSync(path, READ);
  try {
    files.readSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    files.closeSync(fd);
  }
  return bytes;
}
