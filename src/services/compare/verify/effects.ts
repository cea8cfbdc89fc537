import { type MetricValue, metricFromWire } from "../../../domain/metric-values.ts";
import type { Difference, Run } from "../../../protocol/types.ts";
import type { Series } from "../../ports/series.ts";
import type { TreeChange } from "../../ports/snapshots.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { readIfThere } from "../run-comparison.ts";
import { effect } from "./difference.ts";

/** Metrics whose points are held against each other. */
const METRICS_WITH_STEPS = 20;

export function statusDifferences(a: Run, b: Run): Difference[] {
  return [
    ...(a.status === b.status ? [] : [effect("status", "status", a.status, b.status)]),
    ...(a.exitCode === b.exitCode ? [] : [effect("exitCode", "exitCode", a.exitCode, b.exitCode)]),
  ];
}

/** Metrics that differ by more than this share, with the step at which they begin to. */
export async function metricDifferences(
  project: OpenProject,
  a: Run,
  b: Run,
  tolerance: number,
): Promise<Difference[]> {
  const names = [...new Set([...Object.keys(a.metrics), ...Object.keys(b.metrics)])].sort();
  const apart = names.filter((name) => !areClose(a.metrics[name], b.metrics[name], tolerance));
  const differences: Difference[] = [];
  for (const [at, name] of apart.entries()) {
    const both = a.metrics[name] !== undefined && b.metrics[name] !== undefined;
    const step =
      both && at < METRICS_WITH_STEPS ? await firstStep(project, a.id, b.id, name, tolerance) : undefined;
    differences.push({
      ...effect("metric", name, a.metrics[name], b.metrics[name]),
      ...(step === undefined ? {} : { step }),
    });
  }
  return differences;
}

/** Files that the runs made: what changed from before to after in the tree, and the files component. */
export async function producedDifferences(
  project: OpenProject,
  original: Run,
  rerun: Run,
): Promise<{ differences: Difference[]; compared: number }> {
  const [a, b] = await Promise.all([producedBy(project, original), producedBy(project, rerun)]);
  if (!a || !b) return { differences: [], compared: 0 };
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  const differences = paths
    .filter((path) => a.get(path) !== b.get(path))
    .map((path) => effect("file", path, a.get(path), b.get(path)));
  return { differences, compared: paths.length };
}

function areClose(a: MetricValue | undefined, b: MetricValue | undefined, tolerance: number): boolean {
  if (a === undefined || b === undefined) return false;
  return isClose(metricFromWire(a), metricFromWire(b), tolerance);
}

function isClose(x: number, y: number, tolerance: number): boolean {
  if (Object.is(x, y) || x === y) return true;
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}

async function firstStep(
  project: OpenProject,
  a: string,
  b: string,
  name: string,
  tolerance: number,
): Promise<number | undefined> {
  const [x, y]: Series[] = await Promise.all([
    project.series.history(a, name),
    project.series.history(b, name),
  ]);
  if (!x || !y) return undefined;
  const length = Math.min(x.step.length, y.step.length);
  for (let at = 0; at < length; at++) {
    const [left = 0, right = 0] = [x.step[at], y.step[at]];
    if (left !== right) return Math.min(left, right);
    if (!isClose(x.value[at] ?? 0, y.value[at] ?? 0, tolerance)) return left;
  }
  return x.step.length === y.step.length ? undefined : (x.step[length] ?? y.step[length]);
}

async function producedBy(project: OpenProject, run: Run): Promise<Map<string, string> | undefined> {
  const [before, after] = await Promise.all([
    readIfThere(project, run.beforeSnapshotId),
    readIfThere(project, run.afterSnapshotId),
  ]);
  if (!before || !after) return undefined;
  const produced = new Map<string, string>();
  const note = (prefix: string) => (change: TreeChange) =>
    produced.set(prefix + change.path, change.newId ?? "removed");
  (await project.snapshots.diffTrees(before.codeTree, after.codeTree)).forEach(note(""));
  if (after.filesTree) (await project.snapshots.diffTrees(null, after.filesTree)).forEach(note("files/"));
  return produced;
}
