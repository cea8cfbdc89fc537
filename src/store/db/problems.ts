import { type DatmoError, errors } from "../../protocol/errors.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import { errorCode } from "./files.ts";
import type { Damage } from "./journal.ts";
import { snapshotFile } from "./layout.ts";

/** What was met so far that the user should know; each thing is told once. */
export class ProblemLog {
  readonly list: StoreProblem[] = [];
  readonly #told = new Set<string>();
  readonly #onProblem: ((problem: StoreProblem) => void) | undefined;

  constructor(onProblem?: (problem: StoreProblem) => void) {
    this.#onProblem = onProblem;
  }

  /** `once`: what makes it the same problem as one before; default its kind and details. */
  add(error: DatmoError, once: string = JSON.stringify(error.details)): void {
    const key = `${error.kind} ${once}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const problem = { kind: error.kind, message: error.message, details: error.details };
    this.list.push(problem);
    this.#onProblem?.(problem);
  }
}

/** Segments, or parts of them, that had to be passed over. */
export function reportDamage(problems: ProblemLog, damage: Iterable<Damage>): void {
  for (const { kind, file, offset, salvageable } of damage) {
    const name = `seg/${file}`;
    if (kind === "JOURNAL_GAP") problems.add(errors.JOURNAL_GAP({ file: name }));
    else problems.add(errors.JOURNAL_DAMAGED({ file: name, offset, salvageable }), name);
  }
}

/** Snapshots that cannot be read while nothing they alone hold is gone. */
export function reportBadSnapshots(problems: ProblemLog, bad: Iterable<number>): void {
  for (const number of bad) problems.add(errors.SNAPSHOT_BAD({ file: `snap/${snapshotFile(number)}` }));
}

/** Segments were removed that are in snapshot `collected`, and neither it nor a later one can be read. */
export function reportLoss(problems: ProblemLog, collected: number, bad: ReadonlySet<number>): void {
  if (bad.size === 0) {
    problems.add(errors.JOURNAL_GAP({ file: `snap/${snapshotFile(collected)}` }), "snapshots");
    return;
  }
  const files = [...bad].map(snapshotFile).join(", ");
  problems.add(errors.PROJECT_DAMAGED({ reason: `snap: ${files} cannot be read` }), "snapshots");
}

const CANNOT_WRITE: Readonly<Record<string, string>> = {
  EROFS: "the file system is read-only",
  EACCES: "no permission",
  EPERM: "no permission",
  EDQUOT: "the disk quota is used up",
};

/** The error to tell for what the system said while writing. */
export function writeError(cause: unknown, operation: string, directory: string): DatmoError {
  const code = errorCode(cause);
  if (code === "ENOSPC") return errors.DISK_FULL({ operation, directory }, { cause });
  const reason = CANNOT_WRITE[code];
  if (reason) return errors.READ_ONLY({ reason }, { cause });
  return errors.STORAGE_IO({ reason: reasonOf(cause) }, { cause });
}

/** What the system said, without the path that Node adds. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/, [a-z]+( '.*)?$/s, "");
}
