import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { attemptOf, backToWaiting } from "./attempt.ts";

/**
 * For a run whose worker is gone: true when it is none that anybody has to finish, because it waits (again), or
 * another worker has it. False: it does not wait, or its command was started.
 */
export async function settleQueued(
  project: OpenProject,
  runId: string,
  record: StoredRecord | undefined,
): Promise<boolean> {
  if (!(await project.queue.read(runId))) return false;
  const lease = await project.queue.take(runId);
  if (!lease) return true;
  // Somebody may have finished with it while the lease was taken.
  const waits = (await project.queue.read(runId)) !== undefined;
  const attempt = record && waits ? await attemptOf(project, record) : "none";
  if (!waits || attempt === "begun") {
    await lease.finish();
    return false;
  }
  if (attempt === "none") await backToWaiting(project, runId, lease);
  await lease.release();
  return true;
}
