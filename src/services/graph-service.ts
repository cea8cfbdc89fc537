import { snapshotFromRecord } from "../domain/snapshot-record.ts";
import type { GraphGetParams, GraphGetResult, GraphRun, GraphSnapshot, Run } from "../protocol/types.ts";
import type { StoredRecord } from "./ports/records.ts";
import type { OpenProject } from "./project/open-project.ts";
import { everyRun } from "./runs/run-queries.ts";

const DEFAULT_LIMIT = 100;

/** The newest snapshots and the runs that begin or end with one of them. */
export async function getGraph(project: OpenProject, params: GraphGetParams): Promise<GraphGetResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const records = await project.records.list("snapshot", { limit: limit + 1 });
  const snapshots = records.slice(0, limit).map(snapshotNode);
  const listed = new Set(snapshots.map(({ id }) => id));
  const runs: GraphRun[] = [];
  let more = records.length > limit;
  for await (const run of everyRun(project)) {
    const edge = runEdge(run, listed);
    if (edge.from === undefined && edge.to === undefined) continue;
    if (runs.length === limit) {
      more = true;
      break;
    }
    runs.push(edge);
  }
  return { snapshots, runs, more };
}

function snapshotNode(record: StoredRecord): GraphSnapshot {
  const { id, message, label, visible, createdAt, metrics } = snapshotFromRecord(record);
  return { id, message, ...(label === undefined ? {} : { label }), visible, createdAt, metrics };
}

function runEdge(run: Run, listed: ReadonlySet<string>): GraphRun {
  const { id, name, status, command, createdAt, beforeSnapshotId: from, afterSnapshotId: to, metrics } = run;
  return {
    id,
    name,
    status,
    ...(command === undefined ? {} : { command }),
    createdAt,
    ...(from !== undefined && listed.has(from) ? { from } : {}),
    ...(to !== undefined && listed.has(to) ? { to } : {}),
    metrics,
  };
}
