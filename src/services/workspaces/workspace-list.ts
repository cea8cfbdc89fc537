import { hostname } from "node:os";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { isWorkspaceKind } from "../../domain/workspace.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Run,
  Workspace,
  WorkspaceListResult,
  WorkspaceStopParams,
  WorkspaceStopResult,
} from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ProjectScope } from "../services.ts";

/** A workspace as the protocol shows it. */
export async function shownWorkspace(project: OpenProject, run: Run): Promise<Workspace> {
  const note = await project.workspaces.read(run.id);
  const here = note?.host === hostname() && !isEnded(run.status) ? note : undefined;
  return {
    runId: run.id,
    name: run.name,
    kind: run.type as Workspace["kind"],
    status: run.status,
    ...(run.environment === undefined ? {} : { environment: run.environment.name }),
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
    ...(here ? { url: here.url, port: here.port, openFile: project.workspaces.pageOf(run.id) } : {}),
    ...(here?.user === undefined ? {} : { user: here.user }),
    ...(here?.password === undefined ? {} : { password: here.password }),
  };
}

/** The workspaces that run, newest first. */
export async function listWorkspaces(project: OpenProject): Promise<WorkspaceListResult> {
  const runs = await runningWorkspaces(project);
  return { items: await Promise.all(runs.map((run) => shownWorkspace(project, run))) };
}

/** Ends one workspace or all of them, gracefully. */
export async function stopWorkspaces(
  { context: { project }, control }: ProjectScope,
  params: WorkspaceStopParams,
  signal: AbortSignal,
): Promise<WorkspaceStopResult> {
  if ((params.id === undefined) === (params.all !== true)) {
    const summary = "Say which workspace to stop: its id, or all.";
    throw errors.INVALID_PARAMS({ summary, problems: [{ path: "/id", message: "must be given, or all" }] });
  }
  const grace = params.graceMs === undefined ? {} : { graceMs: params.graceMs };
  const ids = params.id === undefined ? await everyId(project) : [await idOf(project, params.id)];
  const runs: Run[] = [];
  // Jupyter would ask back after SIGINT; SIGTERM is its word for a good end.
  for (const id of ids) runs.push(...(await control.stop({ id, signal: "SIGTERM", ...grace }, signal)));
  return { runs };
}

async function everyId(project: OpenProject): Promise<string[]> {
  return (await runningWorkspaces(project)).map(({ id }) => id);
}

async function idOf(project: OpenProject, asked: string): Promise<string> {
  const record = await findRecord(project, "run", asked);
  if (!isWorkspaceKind(record.fields["type"])) throw errors.WORKSPACE_NOT_FOUND({ id: asked });
  return record.id;
}

async function runningWorkspaces(project: OpenProject): Promise<Run[]> {
  const runs: Run[] = [];
  for (const id of await project.openRuns.ids()) {
    const record = await project.records.get("run", id);
    if (!record || record.deleted || !isWorkspaceKind(record.fields["type"])) continue;
    const run = runFromRecord(record);
    if (!isEnded(run.status)) runs.push(run);
  }
  return runs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
