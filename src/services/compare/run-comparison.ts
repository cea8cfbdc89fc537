import { runFromRecord } from "../../domain/run-record.ts";
import type { Run, RunDiffParams, RunDiffResult } from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { ReadSnapshot, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { comparedPaths } from "./compared-paths.ts";
import { type ComparedState, diffStates } from "./state-diff.ts";

/** What differs between two runs: code and environment before them, files after them. */
export async function diffRuns(
  project: OpenProject,
  params: RunDiffParams,
  options: WorkOptions = {},
): Promise<RunDiffResult> {
  const [left, right] = await Promise.all([sideOf(project, params.a), sideOf(project, params.b)]);
  const paths = await comparedPaths(project, params.paths, [left.state, right.state]);
  const diff = await diffStates(project.snapshots, left.state, right.state, params, {
    ...(paths ? { paths } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return { a: left.run, b: right.run, diff };
}

async function sideOf(project: OpenProject, asked: string): Promise<{ run: Run; state: ComparedState }> {
  const run = runFromRecord(await findRecord(project, "run", asked));
  const [before, after] = await Promise.all([
    readIfThere(project, run.beforeSnapshotId),
    readIfThere(project, run.afterSnapshotId),
  ]);
  return {
    run,
    state: {
      config: run.config as JsonObject,
      metrics: run.metrics as JsonObject,
      ...(before
        ? {
            codeTree: before.codeTree,
            environment: { manifest: before.manifest, files: { tree: before.environmentTree } },
          }
        : {}),
      ...(after ? { files: after.filesTree === undefined ? {} : { tree: after.filesTree } } : {}),
    },
  };
}

/** Undefined when the run has none, or it was deleted. */
export async function readIfThere(
  project: OpenProject,
  id: string | undefined,
): Promise<ReadSnapshot | undefined> {
  if (id === undefined || !(await project.snapshots.exists(id))) return undefined;
  return project.snapshots.read(id);
}
