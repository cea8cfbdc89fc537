import { join } from "node:path";
import type { StoreGcParams, StoreGcResult } from "../../protocol/types.ts";
import type { Amount } from "../ports/collecting.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { throwIfCancelled } from "./cancelled.ts";
import { measure } from "./folder-sizes.ts";
import { collectRuns, collectSnapshots, findGone } from "./gone-records.ts";
import { findOrphans, removeOrphans } from "./orphans.ts";
import { finishPurges } from "./purge-records.ts";
import { requireReferences } from "./references.ts";
import { keptTrees, takeCensus } from "./run-census.ts";

/**
 * Removes what nothing needs: runs and snapshots that were deleted, and what of the store no snapshot, run or work
 * under way can need. Safe beside engines, runs and other collectors; may be cut off anywhere and repeated. A dry
 * run removes nothing and gives the figures of what it would.
 */
export async function collectGarbage(
  project: OpenProject,
  params: StoreGcParams,
  options: WorkOptions,
): Promise<StoreGcResult> {
  const dryRun = params.dryRun === true;
  if (!dryRun) await finishPurges(project);
  options.progress?.({ message: "Reading the records" });
  const census = await takeCensus(project);
  const gone = await findGone(project, census);
  const orphans = await findOrphans(project, census);
  const runIds = new Set(gone.runs.map(({ id }) => id));
  if (!dryRun) {
    throwIfCancelled(options.signal);
    options.progress?.({ message: "Removing deleted runs and snapshots" });
    await collectRuns(project, gone.runs, options.signal);
    await collectSnapshots(project, gone.snapshots);
    await removeOrphans(orphans, options.signal);
  }
  await requireReferences(project);
  const report = await project.collector.collect(
    {
      dryRun,
      without: dryRun ? gone.snapshots.map(({ id }) => id) : [],
      keptTrees: () => keptTrees(project, runIds),
    },
    options,
  );
  const amounts: Record<string, Amount> = {
    runs: { count: gone.runs.length, bytes: gone.runBytes },
    snapshots: { count: gone.snapshots.length, bytes: gone.snapshotBytes },
    ...report.kinds,
    folders: { count: orphans.length, bytes: orphans.reduce((sum, { bytes }) => sum + bytes, 0) },
  };
  const displaced = await measure(join(project.datmo, "displaced"));
  return {
    dryRun,
    collected: Object.entries(amounts).map(([kind, amount]) => ({ kind, ...amount })),
    bytes: Object.values(amounts).reduce((sum, { bytes }) => sum + bytes, 0),
    laterBytes: report.laterBytes,
    displaced: { count: displaced.files, bytes: displaced.bytes },
  };
}
