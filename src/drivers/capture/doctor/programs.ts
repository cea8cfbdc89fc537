import { join } from "node:path";
import type { ToolFact } from "../../../services/ports/capture.ts";
import { executableAt, findExecutable } from "../../../util/executables.ts";
import { runBounded } from "../bounded-process.ts";
import type { CaptureContext } from "../context.ts";
import { findGpus } from "../gpus.ts";
import { howToGet, type Packages } from "./how-to-get.ts";

/** The Node that runs this. */
export async function findNode(_context: CaptureContext): Promise<ToolFact> {
  return { name: "Node.js", found: true, version: process.version.slice(1), path: process.execPath };
}

export async function findGit(context: CaptureContext): Promise<ToolFact> {
  return askProgram(context, "git", ["--version"], {
    name: "git",
    packages: { apt: "git", dnf: "git", brew: "git", page: "https://git-scm.com/downloads" },
  });
}

export async function findGitLfs(context: CaptureContext): Promise<ToolFact> {
  return askProgram(context, "git-lfs", ["version"], {
    name: "git-lfs",
    packages: { apt: "git-lfs", dnf: "git-lfs", brew: "git-lfs", page: "https://git-lfs.com" },
  });
}

export async function findSlurm(context: CaptureContext): Promise<ToolFact> {
  return askProgram(context, "sbatch", ["--version"], {
    name: "Slurm",
    packages: { apt: "slurm-client", dnf: "slurm", page: "https://slurm.schedmd.com/quickstart_admin.html" },
  });
}

export async function findDeno(context: CaptureContext): Promise<ToolFact> {
  const own = executableAt(join(context.variables["HOME"] ?? "/", ".deno", "bin", "deno"));
  return askProgram(context, "deno", ["--version"], {
    name: "Deno",
    packages: { brew: "deno", page: "https://docs.deno.com/runtime/getting_started/installation" },
    ...(own && { otherwise: own }),
  });
}

/** A card of NVIDIA's with its driver. */
export async function findNvidia(context: CaptureContext): Promise<ToolFact> {
  const name = "NVIDIA GPU";
  const gpus = (await findGpus(context)).filter((gpu) => gpu["vendor"] === "NVIDIA");
  const path = findExecutable("nvidia-smi", context.variables, context.projectDirectory);
  const driver = gpus[0]?.["driver"];
  if (gpus.length > 0) {
    return {
      name,
      found: true,
      ...(typeof driver === "string" && driver !== "" && { version: driver }),
      ...(path && { path }),
    };
  }
  return {
    name,
    found: false,
    ...(path && { path, problem: "nvidia-smi is there, but the kernel has no NVIDIA driver loaded" }),
    howToGet: "a card and NVIDIA's driver: see https://www.nvidia.com/drivers",
  };
}

interface Asked {
  readonly name: string;
  readonly packages: Packages;
  /** Where it is when it is not on the PATH. */
  readonly otherwise?: string;
}

/** Finds a program on the PATH and reads the first number that it prints. */
async function askProgram(
  context: CaptureContext,
  program: string,
  words: readonly string[],
  { name, packages, otherwise }: Asked,
): Promise<ToolFact> {
  const path = findExecutable(program, context.variables, context.projectDirectory) ?? otherwise;
  if (path === undefined) return { name, found: false, howToGet: howToGet(context, packages) };
  const outcome = await runBounded({
    program: path,
    arguments: words,
    environment: context.variables,
    timeoutMs: context.timeoutMs,
  });
  const version = /\d+(?:\.[\w+-]+)+/.exec(outcome?.stdout.toString("utf8") ?? "")?.[0];
  if (outcome?.exitCode === 0) return { name, found: true, path, ...(version && { version }) };
  const problem = outcome
    ? `\`${program} ${words.join(" ")}\` ended with code ${outcome.exitCode}`
    : `\`${program} ${words.join(" ")}\` gave no answer within ${context.timeoutMs / 1_000} s`;
  return { name, found: false, path, problem, howToGet: howToGet(context, packages) };
}
