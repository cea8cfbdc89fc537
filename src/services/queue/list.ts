import { runFromRecord } from "../../domain/run-record.ts";
import type { QueuedRun, QueueListResult } from "../../protocol/types.ts";
import type { OpenProject } from "../project/open-project.ts";

/** Runs that wait, in the order in which workers take them. */
export async function listQueue(project: OpenProject): Promise<QueueListResult> {
  const items: QueuedRun[] = [];
  for (const id of await project.queue.ids()) {
    const [entry, record] = [await project.queue.peek(id), await project.records.get("run", id)];
    // Without a record it is just being put in.
    if (!entry || !record || record.deleted) continue;
    const held = await project.queue.isHeld(id);
    const { gpu, sweepId } = entry;
    items.push({
      run: runFromRecord(record),
      ...(gpu === undefined ? {} : { gpu }),
      ...(sweepId === undefined ? {} : { sweepId }),
      ...(held ? { held } : {}),
    });
  }
  return { items };
}
