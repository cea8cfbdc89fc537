import type { SweepListParams, SweepListResult } from "../../protocol/types.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import type { OpenProject } from "../project/open-project.ts";
import { everyRun } from "../runs/run-queries.ts";
import { sweepFromRecord } from "./sweep-record.ts";

const DEFAULT_LIMIT = 100;

/** Sweeps, newest first, with what became of their runs. */
export async function listSweeps(project: OpenProject, params: SweepListParams): Promise<SweepListResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const after = params.cursor === undefined ? undefined : openCursor(params.cursor);
  const records = await project.records.list("sweep", {
    limit: limit + 1,
    ...(after ? { after: { createdAt: String(after["createdAt"]), id: String(after["id"]) } } : {}),
  });
  const shown = records.slice(0, limit);
  const counts = new Map(shown.map(({ id }) => [id, {} as Record<string, number>]));
  if (counts.size > 0) await countRuns(project, counts);
  const last = shown.at(-1);
  return {
    items: shown.map((record) => ({ sweep: sweepFromRecord(record), counts: counts.get(record.id) ?? {} })),
    ...(records.length > limit && last
      ? { nextCursor: sealCursor({ createdAt: last.createdAt, id: last.id }) }
      : {}),
  };
}

async function countRuns(project: OpenProject, counts: Map<string, Record<string, number>>): Promise<void> {
  for await (const { sweepId, status } of everyRun(project)) {
    const known = sweepId === undefined ? undefined : counts.get(sweepId);
    if (known) known[status] = (known[status] ?? 0) + 1;
  }
}
