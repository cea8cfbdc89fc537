/** Programs that a person works in. */
export type WorkspaceKind = "notebook" | "jupyterlab" | "rstudio" | "terminal";

const KINDS: ReadonlySet<string> = new Set<WorkspaceKind>(["notebook", "jupyterlab", "rstudio", "terminal"]);

/** What is decided of a workspace before it starts; part of its run's plan. */
export interface PlannedWorkspace {
  readonly kind: WorkspaceKind;
  /** Port of this machine. Absent: a terminal. */
  readonly port?: number;
  /** The user asked for this very port: another one will not do. */
  readonly portAsked?: true;
  readonly idleMs?: number;
  /** Keep what the terminal shows. */
  readonly transcript?: true;
}

/** Whether a run's `type` is that of a workspace. */
export function isWorkspaceKind(type: unknown): type is WorkspaceKind {
  return typeof type === "string" && KINDS.has(type);
}
