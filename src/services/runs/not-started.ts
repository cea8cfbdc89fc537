import { type DatmoError, errors, isDatmoError } from "../../protocol/errors.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import type { OpenProject } from "../project/open-project.ts";
import { storageError } from "../system-errors.ts";
import type { ExecutionContext, PreparedRun } from "./execution.ts";
import { hideCredentials, tellFinished } from "./run-end.ts";
import { readTaskJson } from "./task-files.ts";

/** What a shell exits with when there is no such program, and what stands for a failure of our own. */
const NOT_FOUND = 127;
const OWN_FAILURE = 125;

/** Throws CANCELLED when somebody asked the run to stop before its command has started. */
export async function throwIfStopped(project: OpenProject, runId: string): Promise<void> {
  if (await readTaskJson(project.taskDirectory(runId), "stop.json")) throw errors.CANCELLED({});
}

/** Records that the command of a run was not started; answers the error that says why. */
export async function endUnstarted(
  context: ExecutionContext,
  { plan, fields, copy }: PreparedRun,
  cause: Error,
): Promise<DatmoError> {
  const { project } = context;
  const error = await startFailure(project, cause);
  await copy?.remove();
  await hideCredentials(project, fields);
  const end: Record<string, Json> =
    error.kind === "CANCELLED"
      ? { status: "stopped" }
      : {
          status: "failed",
          exitCode: error.exitCode === NOT_FOUND ? NOT_FOUND : OWN_FAILURE,
          error: { kind: error.kind, message: error.message },
        };
  try {
    await fields.write({ ...end, endedAt: new Date().toISOString() });
    await tellFinished(project, fields.run());
    await project.openRuns.remove(plan.id);
  } catch (failure) {
    context.unfinished.add(plan.id, storageError(failure, `run ${plan.id}`, project.datmo));
    // Who started it is told why it did not start; that is enough.
    context.unfinished.tell(plan.id);
  }
  return error;
}

async function startFailure(project: OpenProject, cause: Error): Promise<DatmoError> {
  const gone = !(await isThere(project.datmo));
  if (!gone && isDatmoError(cause)) return cause;
  const reason = gone
    ? `the project in ${project.directory} was moved or deleted`
    : cause.message.replace(/\.$/, "");
  return errors.COMMAND_NOT_STARTED({ reason }, { cause });
}
