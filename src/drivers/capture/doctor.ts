import type { ToolFact } from "../../services/ports/capture.ts";
import type { Variables } from "../../util/executables.ts";
import type { CaptureContext } from "./context.ts";
import { findDocker } from "./doctor/docker.ts";
import { findJupyter, findPython, findRTool } from "./doctor/languages.ts";
import { findDeno, findGit, findGitLfs, findNode, findNvidia, findSlurm } from "./doctor/programs.ts";

const MOST_WAIT_MS = 2_000;

/** Looks for everything that datmo can use, all at once, each at most two seconds. Never rejects. */
export async function findTools(environment: Variables): Promise<ToolFact[]> {
  const context: CaptureContext = {
    projectDirectory: process.cwd(),
    variables: environment,
    timeoutMs: MOST_WAIT_MS,
    now: Date.now,
    // Each look is a fresh one: an answer from a cache would hide what has just been repaired.
    cache: () => ({ load: () => undefined, save: () => undefined }),
  };
  return Promise.all([
    findNode(context),
    findGit(context),
    findGitLfs(context),
    findDocker(context),
    findNvidia(context),
    findPython(context),
    findRTool(context),
    findSlurm(context),
    findDeno(context),
    findJupyter(context),
  ]);
}
