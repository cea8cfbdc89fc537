import type { CallContext } from "../domain/call-context.ts";
import type { Handlers } from "../protocol/methods.ts";
import { diffRuns } from "../services/compare/run-comparison.ts";
import { verifyRun } from "../services/compare/verify/verify-run.ts";
import { createRecorded, finishRecorded } from "../services/runs/recorded-service.ts";
import { deleteRuns, undeleteRuns, updateRun } from "../services/runs/run-edit.ts";
import { getRun, listRuns, readLogs } from "../services/runs/run-queries.ts";
import { upToDate } from "../services/runs/up-to-date.ts";
import type { Services } from "../services/services.ts";

type Noun =
  | "run.start"
  | "run.create"
  | "run.finish"
  | "run.get"
  | "run.list"
  | "run.update"
  | "run.delete"
  | "run.undelete"
  | "run.wait"
  | "run.stop"
  | "run.logs"
  | "run.diff"
  | "run.rerun"
  | "run.verify";

export function runMethods(s: Services): Pick<Handlers<CallContext>, Noun> {
  return {
    "run.start": async (params, ctx) => ({
      run: await s.starter.start((await s.project()).context, params, ctx),
    }),
    "run.create": (params) => createRecorded(s, params),
    "run.finish": async (params) => ({ run: await finishRecorded(s, params) }),
    "run.get": async ({ id }) => getRun(await upToDate(s), id),
    "run.list": async (params) => listRuns(await upToDate(s), params),
    "run.update": async (params) => ({ run: await updateRun((await s.project()).project, s.active, params) }),
    "run.delete": async ({ ids }) => ({ ids: await deleteRuns((await s.project()).project, ids) }),
    "run.undelete": async ({ ids }) => ({ ids: await undeleteRuns((await s.project()).project, ids) }),
    "run.wait": async (params, ctx) => ({
      run: await (await s.project()).control.wait(params.id, params.timeoutMs, ctx.signal),
    }),
    "run.stop": async (params, ctx) => ({ runs: await (await s.project()).control.stop(params, ctx.signal) }),
    "run.logs": async (params) => readLogs((await s.project()).project, params),
    "run.diff": async (params, ctx) => diffRuns(await upToDate(s), params, ctx),
    "run.rerun": async (params, ctx) => ({
      run: await s.starter.rerun((await s.project()).context, params, ctx),
    }),
    "run.verify": async (params) => verifyRun((await s.project()).project, params),
  };
}
