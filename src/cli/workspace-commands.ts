import type { WorkspaceKind } from "../protocol/types.ts";
import type { CommandNode } from "./commands.ts";

/** Programs that a person works in, and what is done with those that run. */
export const workspaceCommands: readonly CommandNode[] = [
  start("notebook", "work in Jupyter Notebook on an environment; a run with a snapshot at each end"),
  start("jupyterlab", "work in JupyterLab on an environment"),
  start("rstudio", "work in RStudio Server on an environment"),
  start("terminal", "work in a shell on an environment"),
  {
    name: "workspace",
    summary: "the workspaces that run",
    children: [
      {
        name: "ls",
        summary: "list the workspaces that run, with their addresses",
        methods: ["workspace.list"],
        load: async () => (await import("./commands/workspace-ls.ts")).workspaceLs,
      },
      {
        name: "stop",
        summary: "end a workspace, or all of them",
        methods: ["workspace.stop"],
        load: async () => (await import("./commands/workspace-stop.ts")).workspaceStop,
      },
    ],
  },
];

function start(kind: WorkspaceKind, summary: string): CommandNode {
  return {
    name: kind,
    summary,
    methods: kind === "terminal" ? ["run.wait"] : ["workspace.start"],
    exitsLikeCommand: true,
    load: async () => (await import("./commands/workspace.ts")).workspaceCommand(kind),
  };
}
