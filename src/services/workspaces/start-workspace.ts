import { isEnded } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, WorkspaceStartParams, WorkspaceStartResult } from "../../protocol/types.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { readLogs } from "../runs/run-queries.ts";
import type { RunStarter } from "../runs/run-starter.ts";
import type { ProjectScope } from "../services.ts";
import { isReady } from "./is-ready.ts";
import { workspacePlan } from "./plan-workspace.ts";
import { PROGRAMS } from "./programs.ts";
import { shownWorkspace } from "./workspace-list.ts";

const READY_MS = 30_000;
/** How long a look at the run may take before the program is asked again. */
const LOOK_MS = 50;
/** Time for a program that did not get ready to end by itself. */
const GIVE_UP_MS = 5_000;
const LOG_BYTES = 4_000;

/** Starts a workspace and waits until its program answers. One that does not is stopped, and its run is kept. */
export async function startWorkspace(
  scope: ProjectScope,
  starter: RunStarter,
  params: WorkspaceStartParams,
  options: WorkOptions,
): Promise<WorkspaceStartResult> {
  const { context } = scope;
  const plan = await workspacePlan(context, params, options);
  const run = await starter.planned(context, plan, params.detached === true, options);
  if (params.kind === "terminal") return { workspace: await shownWorkspace(context.project, run), run };
  options.progress?.({ message: `Waiting for ${PROGRAMS[params.kind].title}` });
  const ready = await untilReady(scope, run, params, options).finally(() =>
    context.project.loopback.release(run.id),
  );
  return { workspace: await shownWorkspace(context.project, ready), run: ready };
}

async function untilReady(
  scope: ProjectScope,
  { id }: Run,
  { kind, readyMs = READY_MS }: WorkspaceStartParams,
  { signal = new AbortController().signal }: WorkOptions,
): Promise<Run> {
  const { project } = scope.context;
  const until = Date.now() + readyMs;
  for (;;) {
    if (signal.aborted) {
      await giveUp(scope, id);
      throw errors.CANCELLED({});
    }
    const now = await scope.control.wait(id, LOOK_MS, new AbortController().signal);
    if (isEnded(now.status)) throw await failed(scope, now, kind);
    if (await isReady(project, id, kind)) return now;
    if (Date.now() > until) {
      await giveUp(scope, id);
      const log = await lastWords(scope, id);
      throw errors.WORKSPACE_NOT_READY({ program: PROGRAMS[kind].title, seconds: readyMs / 1000, log, id });
    }
  }
}

async function giveUp({ control }: ProjectScope, id: string): Promise<void> {
  const how = { id, signal: "SIGTERM", graceMs: GIVE_UP_MS } as const;
  // It ended by itself in this very moment.
  await control.stop(how, new AbortController().signal).catch(() => undefined);
}

async function failed(scope: ProjectScope, run: Run, kind: WorkspaceStartParams["kind"]): Promise<Error> {
  const { status, exitCode, id } = run;
  if (status === "stopped") return errors.CANCELLED({});
  const reason = exitCode === undefined ? `it is ${status}` : `it exited with code ${exitCode}`;
  const log = await lastWords(scope, id);
  return errors.WORKSPACE_FAILED({ program: PROGRAMS[kind].title, reason, log, id });
}

async function lastWords({ context: { project } }: ProjectScope, id: string): Promise<string> {
  const { size } = await readLogs(project, { id, limit: 1 });
  const offset = Math.max(0, size - LOG_BYTES);
  return (await readLogs(project, { id, offset, limit: LOG_BYTES })).text;
}
