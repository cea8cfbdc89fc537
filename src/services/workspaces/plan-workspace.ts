import { isWorkspaceKind, type PlannedWorkspace, type WorkspaceKind } from "../../domain/workspace.ts";
import { errors } from "../../protocol/errors.ts";
import type { RunRerunParams, RunStartParams, WorkspaceStartParams } from "../../protocol/types.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { ExecutionContext } from "../runs/execution.ts";
import type { ExecutionPlan } from "../runs/execution-plan.ts";
import { rerunPlan } from "../runs/rerun-plan.ts";
import { planOf } from "../runs/run-starter.ts";
import { checkoutSnapshot } from "../snapshots/checkout.ts";
import { shownCommand } from "./programs.ts";

/** Decides everything about a workspace's run before anything of it is recorded. */
export async function workspacePlan(
  context: ExecutionContext,
  params: WorkspaceStartParams,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  refuseContradictions(params);
  const workspace = wishOf(params);
  const plan = await (params.rerunOf === undefined
    ? freshPlan(context, params, options)
    : reopenedPlan(context, params, params.rerunOf, options));
  const { kind } = params;
  return { ...plan, workspace, parse: false, interactive: kind === "terminal" };
}

async function freshPlan(
  context: ExecutionContext,
  params: WorkspaceStartParams,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  const { kind, port: _, readyMs: _ready, idleMs: _idle, transcript: _kept, ...rest } = params;
  const { rerunOf: _run, here: _here, force: _force, trust: _trust, ...start } = rest;
  const command = shownCommand(kind, undefined);
  const plan = await planOf(context, { ...start, command } as RunStartParams, options);
  if (kind !== "terminal" || plan.environment.kind === "docker") return plan;
  return { ...plan, command: shownCommand(kind, context.environment["SHELL"] || "/bin/sh") };
}

/** Where the sitting ended: in a copy of its after-snapshot, or in the project's folder brought to that state. */
async function reopenedPlan(
  context: ExecutionContext,
  params: WorkspaceStartParams,
  rerunOf: string,
  options: WorkOptions,
): Promise<ExecutionPlan> {
  const { project } = context;
  const original = await findRecord(project, "run", rerunOf);
  if (original.fields["type"] !== params.kind) throw otherKind(original, params.kind);
  const snapshotId = stateOf(original);
  const rerun: RunRerunParams = {
    id: original.id,
    snapshotId,
    ...(params.name === undefined ? {} : { name: params.name }),
    ...(params.tags === undefined ? {} : { tags: params.tags }),
    ...(params.config === undefined ? {} : { config: params.config }),
    ...(params.environment === undefined ? {} : { environment: params.environment }),
    ...(params.trust === undefined ? {} : { trust: params.trust }),
    ...(params.originId === undefined ? {} : { originId: params.originId }),
  };
  const plan = await rerunPlan(context, rerun, options);
  if (params.here !== true) return plan;
  const force = params.force === true ? { force: true } : {};
  await checkoutSnapshot(project, { id: snapshotId, ...force }, options);
  const { snapshotId: _, snapshotTree: _tree, ...here } = plan;
  return { ...here, isolated: false };
}

/** A workspace goes on where it ended; one without an end begins where it began. */
function stateOf({ id, fields }: StoredRecord): string {
  const snapshot = fields["afterSnapshotId"] ?? fields["beforeSnapshotId"];
  if (typeof snapshot === "string") return snapshot;
  throw errors.RUN_NOT_RERUNNABLE({ id, reason: "it has no snapshot" });
}

function otherKind({ id, fields }: StoredRecord, kind: WorkspaceKind): Error {
  const type = fields["type"];
  const reason = isWorkspaceKind(type) ? `it was a ${type}, not a ${kind}` : "it was no workspace";
  return errors.RUN_NOT_RERUNNABLE({ id, reason });
}

function wishOf({ kind, port, idleMs, transcript }: WorkspaceStartParams): PlannedWorkspace {
  return {
    kind,
    ...(port === undefined ? {} : { port, portAsked: true }),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(transcript ? { transcript } : {}),
  };
}

function refuseContradictions({
  kind,
  port,
  idleMs,
  transcript,
  detached,
  here,
  rerunOf,
}: WorkspaceStartParams) {
  const terminal = kind === "terminal";
  if (terminal && port !== undefined) throw wrong("port", "A terminal has no port.");
  if (terminal && detached)
    throw wrong("detached", "A terminal cannot go on by itself: nobody could get back into it.");
  if (!terminal && transcript) throw wrong("transcript", "Only a terminal can be recorded.");
  if (idleMs !== undefined && kind !== "notebook" && kind !== "jupyterlab")
    throw wrong("idleMs", "Only Jupyter ends by itself when nothing is done in it.");
  if (here && rerunOf === undefined)
    throw wrong("here", "Only a workspace that is opened again can be opened here.");
}

function wrong(name: string, summary: string): Error {
  return errors.INVALID_PARAMS({ summary, problems: [{ path: `/${name}`, message: "does not go with it" }] });
}
