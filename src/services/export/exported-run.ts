import { createReadStream } from "node:fs";
import { metricToWire } from "../../domain/metric-values.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { systemFromFields } from "../../domain/system-metrics.ts";
import { errors } from "../../protocol/errors.ts";
import type { ExportedFacts } from "../../protocol/types.ts";
import { blobOfFile } from "../log/file-service.ts";
import type { ExportedRun } from "../ports/exporters.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { runFiles } from "../runs/run-queries.ts";

const CHUNK_BYTES = 1024 * 1024;
/** What the run used of the machine, beside its own metrics. */
const SYSTEM = "system/";

/** A run as exporters see it. `system`: with what it used of the machine. */
export async function exportedRun(
  project: OpenProject,
  record: StoredRecord,
  system: boolean,
): Promise<ExportedRun> {
  const facts = await factsOf(project, record, system);
  return {
    facts,
    points(name) {
      const ofMachine =
        system && name.startsWith(SYSTEM) && systemFromFields(record.fields).has(name.slice(SYSTEM.length));
      return project.series.history(record.id, ofMachine ? name.slice(SYSTEM.length) : name, {
        system: ofMachine,
      });
    },
    content: (path) => contentOf(project, facts, path),
  };
}

async function factsOf(project: OpenProject, record: StoredRecord, system: boolean): Promise<ExportedFacts> {
  const run = runFromRecord(record);
  const { id, name, status, exitCode, command, createdAt, startedAt, endedAt, group, note, message } = run;
  const { environmentId, beforeSnapshotId, afterSnapshotId, tags, config, summary = {} } = run;
  const last = new Map<string, ReturnType<typeof metricToWire>>();
  // From the points themselves: the record tells only what its engine saw last.
  for (const [metric, { summary: of }] of await project.series.summaries(id))
    last.set(metric, metricToWire(of.last));
  if (system) {
    for (const [metric, of] of systemFromFields(record.fields)) {
      if (!last.has(SYSTEM + metric)) last.set(SYSTEM + metric, metricToWire(of.last));
    }
  }
  const userGit = record.fields["userGit"] as ExportedFacts["userGit"] | undefined;
  const optional = { exitCode, command, startedAt, endedAt, group, note, message };
  const places = { environmentId, beforeSnapshotId, afterSnapshotId, userGit };
  const given = Object.entries({ ...optional, ...places }).filter(([, value]) => value != null);
  return {
    id,
    name,
    status,
    createdAt,
    ...(Object.fromEntries(given) as Partial<ExportedFacts>),
    tags: [...tags],
    config,
    summary,
    metrics: [...last.keys()].sort(),
    last: Object.fromEntries(last),
    files: runFiles(record),
  };
}

async function* contentOf(
  project: OpenProject,
  { id, files }: ExportedFacts,
  path: string,
): AsyncGenerator<Uint8Array> {
  const file = files.find((one) => one.path === path);
  if (!file) throw errors.FILE_NOT_FOUND({ path });
  const blob = await blobOfFile(project, { runId: id }, path);
  const big = await project.snapshots.storedFile(blob);
  if (big !== undefined) {
    for await (const chunk of createReadStream(big, { highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
    return;
  }
  const content = await project.snapshots.readFile(blob, Math.max(file.bytes, 1));
  for (let at = 0; at < content.length; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES);
}
