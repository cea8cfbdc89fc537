import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type { Run, RunCreateParams, RunCreateResult, RunFinishParams } from "../../protocol/types.ts";
import { identityOf } from "../../util/process-identity.ts";
import type { Services } from "../services.ts";
import { beginRecorded, endFromParams, type RecordedRun } from "./recorded-run.ts";

/** Begins a recorded run; the same id again gives the same run. */
export async function createRecorded(services: Services, params: RunCreateParams): Promise<RunCreateResult> {
  const project = await services.access.current();
  const known = params.id === undefined ? undefined : services.active.get(params.id);
  const run = known ?? (await begin(services, params));
  return { run: run.run(), taskDirectory: project.taskDirectory(run.id) };
}

/** Ends a recorded run of this engine. Durable when it resolves; the after-snapshot goes on behind it. */
export async function finishRecorded(services: Services, params: RunFinishParams): Promise<Run> {
  const own = services.active.get(params.id) as RecordedRun | undefined;
  if (own?.finish) return own.finish(endFromParams(params));
  const { project } = await services.project();
  const record = await project.records.get("run", params.id);
  if (!record) throw errors.RUN_NOT_FOUND({ id: params.id });
  const run = runFromRecord(record);
  if (isEnded(run.status)) throw errors.RUN_NOT_ACTIVE({ id: run.id, status: run.status });
  throw errors.RUN_ACTIVE({ id: run.id, status: `${run.status}, recorded by another engine` });
}

async function begin(services: Services, params: RunCreateParams): Promise<RecordedRun> {
  const scope = services.scope(await services.access.current());
  const owner = params.processId === undefined ? undefined : await identityOf(params.processId);
  const run = await beginRecorded(scope.context, params, owner ?? (await services.options.clientProcess()));
  services.active.add(run);
  // Dead runs of others are looked after behind: a training script must not wait for them.
  scope.reconciler.statuses().catch((error: Error) => scope.context.events.warn(error.message));
  return run;
}
