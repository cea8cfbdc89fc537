import { errors } from "../../protocol/errors.ts";
import { UnusableFile } from "../../util/safe-files.ts";

/** Tells what in a run's folder cannot be used, each thing once. `file` is relative to the folder. */
export interface Report {
  (file: string, reason: string): void;
  /** For `catch`: reports a file that may not be used and answers `instead`; throws on anything else. */
  unusable<T>(file: string, instead: T): (error: unknown) => T;
}

/** A run must not be able to fill the engine's log. */
const MAX_PROBLEMS = 100;

export function createReport(runId: string, onProblem: (message: string) => void): Report {
  const told = new Set<string>();
  function report(file: string, reason: string): void {
    const { message } = errors.TASK_FILE_INVALID({ file, runId, reason });
    if (told.has(message) || told.size >= MAX_PROBLEMS) return;
    told.add(message);
    onProblem(message);
  }
  return Object.assign(report, {
    unusable:
      <T>(file: string, instead: T) =>
      (error: unknown): T => {
        // What this user may not read is as unusable as a link.
        const denied = (error as NodeJS.ErrnoException).code === "EACCES";
        if (!(error instanceof UnusableFile) && !denied) throw error;
        report(file, (error as Error).message);
        return instead;
      },
  });
}
