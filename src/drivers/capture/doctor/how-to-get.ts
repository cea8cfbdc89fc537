import { findExecutable } from "../../../util/executables.ts";
import type { CaptureContext } from "../context.ts";

/** Names of a tool's package by package manager, and a page for all other systems. */
export interface Packages {
  readonly apt?: string;
  readonly dnf?: string;
  readonly brew?: string;
  readonly page: string;
}

const MANAGERS = [
  ["apt", "apt-get", "sudo apt-get install"],
  ["dnf", "dnf", "sudo dnf install"],
  ["brew", "brew", "brew install"],
] as const;

/** The command that installs it here, or where to read how. */
export function howToGet(context: CaptureContext, packages: Packages): string {
  for (const [manager, program, command] of MANAGERS) {
    const name = packages[manager];
    if (name === undefined) continue;
    if (findExecutable(program, context.variables, context.projectDirectory)) return `${command} ${name}`;
  }
  return `see ${packages.page}`;
}
