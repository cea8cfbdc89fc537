import type { WorkspaceKind } from "../../domain/workspace.ts";
import type { Command } from "../../protocol/types.ts";

/** What is known of a workspace's program wherever it runs. */
export interface Program {
  /** As a person calls it. */
  readonly title: string;
  /** Names of its executable, the best first. */
  readonly executables: readonly string[];
  /** Requirement by which pip installs it. Absent: pip cannot. */
  readonly requirement?: string;
  /** Python distribution that says that it is there. */
  readonly distribution?: string;
  /** Port that its users expect. Absent: it has no port. */
  readonly usualPort?: number;
  /** Path at which it answers when it is ready. */
  readonly readyPath?: string;
  /** Path that a browser is led to. */
  readonly openPath?: string;
  /** What to do where it is missing and cannot be added. */
  readonly how: string;
}

export const PROGRAMS: { readonly [kind in WorkspaceKind]: Program } = {
  jupyterlab: {
    title: "JupyterLab",
    executables: ["jupyter-lab"],
    requirement: "jupyterlab>=4,<5",
    distribution: "jupyterlab",
    usualPort: 8888,
    readyPath: "/api/status",
    openPath: "/lab",
    how: "Install it where the environment is made: `pip install jupyterlab`.",
  },
  notebook: {
    title: "Jupyter Notebook",
    executables: ["jupyter-notebook"],
    requirement: "notebook>=7,<8",
    distribution: "notebook",
    usualPort: 8888,
    readyPath: "/api/status",
    openPath: "/tree",
    how: "Install it where the environment is made: `pip install notebook`.",
  },
  rstudio: {
    title: "RStudio Server",
    executables: ["rserver", "/usr/lib/rstudio-server/bin/rserver"],
    usualPort: 8787,
    readyPath: "/",
    openPath: "/",
    how: "Use an environment that has it, such as one FROM rocker/rstudio, or install rstudio-server from posit.co.",
  },
  terminal: { title: "The terminal", executables: [], how: "" },
};

/** How the run of a workspace is shown, and what its task is. */
export function shownCommand(kind: WorkspaceKind, shell: string | undefined): Command {
  if (kind === "jupyterlab") return ["jupyter", "lab"];
  if (kind === "notebook") return ["jupyter", "notebook"];
  if (kind === "rstudio") return ["rserver"];
  return shell === undefined ? CONTAINER_SHELL : [shell];
}

/** Images have bash or they do not. */
const CONTAINER_SHELL = "if command -v bash >/dev/null; then exec bash; else exec sh; fi";
