import type { DatmoError } from "../protocol/errors.ts";
import type { Run } from "../protocol/types.ts";

export const EXIT = {
  ok: 0,
  usage: 2,
  refused: 4,
  damaged: 7,
  plugin: 8,
  timeout: 124,
  ownFailure: 125,
  notFound: 127,
  interrupted: 130,
  terminated: 143,
} as const;

/** What `run`, `rerun` and `run wait` exit with: the command's own code, or what stands for it. */
export function exitCodeOfRun(run: Run, interruptedBy?: "SIGINT" | "SIGTERM" | "SIGHUP"): number {
  if (run.status === "lost") return EXIT.ownFailure;
  if (run.status === "stopped") {
    if (interruptedBy !== undefined) return interruptedBy === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
    return run.exitCode === EXIT.interrupted ? EXIT.interrupted : EXIT.terminated;
  }
  if (run.error?.kind === "TIMEOUT") return EXIT.timeout;
  return run.exitCode ?? (run.status === "failed" ? 1 : EXIT.ownFailure);
}

/** Exit code of a failure. A command that exits like another keeps 0–124 for that one, usage (2) apart; 127 is meant. */
export function exitCodeOfFailure(error: DatmoError, exitsLikeCommand: boolean): number {
  const own = [EXIT.usage, EXIT.notFound, EXIT.interrupted].some((code) => code === error.exitCode);
  return exitsLikeCommand && !own ? EXIT.ownFailure : error.exitCode;
}
