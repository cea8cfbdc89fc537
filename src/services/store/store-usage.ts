import { join } from "node:path";
import type { StoreUsageResult } from "../../protocol/types.ts";
import { lstatOf } from "../../util/safe-files.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { throwIfCancelled } from "./cancelled.ts";
import { measure, namesIn } from "./folder-sizes.ts";
import { everyRecord, isCollected, keptTrees } from "./run-census.ts";

type RunUsage = StoreUsageResult["runs"][number];
type SnapshotUsage = StoreUsageResult["snapshots"][number];

/** Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first. */
export async function measureStore(project: OpenProject, options: WorkOptions): Promise<StoreUsageResult> {
  options.progress?.({ message: "Measuring folders" });
  const parts = await measureParts(project.datmo);
  const runs = await measureRuns(project, options);
  const snapshots = await measureSnapshots(project, options);
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts: [...parts].sort(byBytes),
    runs: runs.sort(byBytes),
    snapshots: snapshots.sort((a, b) => b.ownBytes - a.ownBytes || b.bytes - a.bytes),
  };
}

async function measureParts(datmo: string): Promise<StoreUsageResult["parts"]> {
  const sizes = new Map<string, number>();
  const add = (name: string, bytes: number): void => void sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  for (const name of await namesIn(datmo)) {
    if (name !== "git") {
      const { bytes, isFolder } = await sizeOf(join(datmo, name));
      add(isFolder || name === "datmo.sqlite" ? name : "other", bytes);
      continue;
    }
    for (const part of await namesIn(join(datmo, "git"))) {
      const { bytes } = await sizeOf(join(datmo, "git", part));
      add(part === "objects" || part === "lfs" ? `git/${part}` : "git, the rest", bytes);
    }
  }
  return [...sizes].filter(([, bytes]) => bytes > 0).map(([name, bytes]) => ({ name, bytes }));
}

async function sizeOf(path: string): Promise<{ bytes: number; isFolder: boolean }> {
  const facts = await lstatOf(path);
  if (!facts?.isDirectory()) return { bytes: facts?.size ?? 0, isFolder: false };
  return { bytes: (await measure(path)).bytes, isFolder: true };
}

async function measureRuns(project: OpenProject, { signal }: WorkOptions): Promise<RunUsage[]> {
  const runs: RunUsage[] = [];
  const tasks = new Set(await namesIn(join(project.datmo, "tasks")));
  const series = new Set(await namesIn(join(project.datmo, "series")));
  for await (const record of everyRecord(project, "run")) {
    throwIfCancelled(signal);
    if (isCollected(record)) continue;
    const { id } = record;
    const taskBytes = tasks.has(id) ? (await measure(project.taskDirectory(id))).bytes : 0;
    const seriesBytes = series.has(id) ? await project.series.usage(id) : 0;
    const name = record.fields["name"];
    runs.push({
      id,
      name: typeof name === "string" ? name : id.slice(0, 8),
      bytes: taskBytes + seriesBytes,
      taskBytes,
      seriesBytes,
      ...(record.deleted ? { deleted: true } : {}),
    });
  }
  return runs;
}

async function measureSnapshots(project: OpenProject, options: WorkOptions): Promise<SnapshotUsage[]> {
  const sizes = await project.collector.usage(await keptTrees(project), options);
  const snapshots: SnapshotUsage[] = [];
  const records = new Map<string, { message: string; label?: string; runId?: string; visible: boolean }>();
  for await (const { id, fields } of everyRecord(project, "snapshot")) {
    const { message, label, runId, visible } = fields;
    records.set(id, {
      message: typeof message === "string" ? message : "",
      ...(typeof label === "string" ? { label } : {}),
      ...(typeof runId === "string" ? { runId } : {}),
      visible: visible === true,
    });
  }
  for (const { id, fullBytes, ownBytes } of sizes) {
    snapshots.push({
      id,
      ...(records.get(id) ?? { message: "", visible: false }),
      bytes: fullBytes,
      ownBytes,
    });
  }
  return snapshots;
}

function byBytes(a: { bytes: number }, b: { bytes: number }): number {
  return b.bytes - a.bytes;
}
