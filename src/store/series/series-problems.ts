import { errors, isDatmoError } from "../../protocol/errors.ts";
import type { StoreProblem } from "../../services/ports/records.ts";
import { FORMAT_VERSION } from "../../util/frame.ts";
import type { ScanProblem } from "./series-scan.ts";

/** What is wrong with a file (its path below `.datmo`), as others are told. */
export function scanProblem(file: string, problem: ScanProblem): StoreProblem {
  if (problem.kind === "newer") {
    return storeProblem(errors.FORMAT_NEWER({ found: problem.version, known: FORMAT_VERSION }));
  }
  const { offset, salvageable } = problem;
  return storeProblem(errors.JOURNAL_DAMAGED({ file, offset, salvageable }));
}

/** An error as a problem to tell. */
export function storeProblem(error: Error): StoreProblem {
  if (isDatmoError(error)) return { kind: error.kind, message: error.message, details: error.details };
  return { kind: "STORAGE_IO", message: error.message, details: {} };
}
