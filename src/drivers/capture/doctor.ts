import type { ToolFact } from "../../services/ports/capture.ts";
import type { Variables } from "../../util/executables.ts";
import type { JsonObject } from "../../util/json.ts";
import type { CaptureContext } from "./context.ts";
import { findDocker } from "./doctor/docker.ts";
import { findJupyter, findPython, findRTool } from "./doctor/languages.ts";
import { findDeno, findGit, findGitLfs, findNode, findNvidia, findSlurm } from "./doctor/programs.ts";
import { findGpus } from "./gpus.ts";

const MOST_WAIT_MS = 2_000;

/** Every GPU of this machine, looked for afresh. Never rejects. */
export async function findMachineGpus(environment: Variables): Promise<readonly JsonObject[]> {
  return findGpus(freshContext(environment)).catch(() => []);
}

/** Looks for everything that datmo can use, all at once, each at most two seconds. Never rejects. */
export async function findTools(environment: Variables): Promise<ToolFact[]> {
  const context = freshContext(environment);
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

function freshContext(environment: Variables): CaptureContext {
  return {
    projectDirectory: process.cwd(),
    variables: environment,
    timeoutMs: MOST_WAIT_MS,
    now: Date.now,
    // Each look is a fresh one: an answer from a cache would hide what has just been repaired.
    cache: () => ({ load: () => undefined, save: () => undefined }),
  };
}
