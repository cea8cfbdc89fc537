import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { gitEnvironment, type Variables } from "./git-environment.ts";
import { runGit } from "./run-git.ts";

/** A git that can be used, or why there is none. */
export type FoundGit = { readonly program: string } | { readonly missing: string };

const LEAST = [2, 20] as const;

/** `DATMO_GIT` names the git to use; `none` stands for no git at all. Otherwise the first of the PATH. */
export async function findGit(variables: Variables): Promise<FoundGit> {
  const wanted = variables["DATMO_GIT"] ?? "";
  if (wanted === "none") return { missing: "DATMO_GIT is none" };
  const program = isAbsolute(wanted) ? executable(wanted) : onPath(wanted || "git", variables);
  if (program === undefined)
    return { missing: wanted ? `${wanted} is not a program` : "it is not installed" };
  try {
    const { code, stdout } = await runGit({
      program,
      args: ["version"],
      environment: gitEnvironment(variables),
    });
    const match = /^git version (\d+)\.(\d+)/.exec(stdout);
    const [major, minor] = [Number(match?.[1]), Number(match?.[2])];
    if (code !== 0 || !match) return { missing: `${program} is not git` };
    const isOld = major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
    return isOld ? { missing: `${program} is version ${major}.${minor}` } : { program };
  } catch (error) {
    return { missing: `${program} cannot be started: ${(error as Error).message}` };
  }
}

/** Only absolute folders of the PATH: what lies in the current one may have come with a project. */
function onPath(name: string, variables: Variables): string | undefined {
  if (name.includes("/") || name.includes("\\")) return undefined;
  const path = variables["PATH"] ?? variables["Path"] ?? "";
  for (const folder of path.split(delimiter)) {
    const found = isAbsolute(folder) ? executable(join(folder, name)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(path: string): string | undefined {
  const endings = process.platform === "win32" ? ["", ".exe"] : [""];
  return endings.map((ending) => path + ending).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
