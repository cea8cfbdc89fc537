import { type MetricValue, metricFromWire } from "../../domain/metric-values.ts";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { errors } from "../../protocol/errors.ts";
import type {
  Difference,
  Run,
  RunDiffParams,
  RunDiffResult,
  RunVerifyParams,
  RunVerifyResult,
} from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { findRecord } from "../lookup.ts";
import type { ReadSnapshot, TreeChange, WorkOptions } from "../ports/snapshots.ts";
import type { OpenProject } from "../project/open-project.ts";
import { comparedPaths } from "./compared-paths.ts";
import { type ComparedState, diffStates } from "./state-diff.ts";
import { diffKeys, diffPackages } from "./value-changes.ts";

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

/** Does a repetition give the same: status, metrics and produced files; and if not, what comes first. */
export async function verifyRun(project: OpenProject, params: RunVerifyParams): Promise<RunVerifyResult> {
  const rerun = runFromRecord(await findRecord(project, "run", params.rerunId));
  if (!isEnded(rerun.status)) throw errors.RUN_ACTIVE({ id: rerun.id, status: rerun.status });
  const originalId = params.originalId ?? rerun.rerunOf;
  if (originalId === undefined) {
    throw errors.RUN_NOT_RERUNNABLE({ id: rerun.id, reason: "it repeats no other run; name the original" });
  }
  const original = runFromRecord(await findRecord(project, "run", originalId, { deleted: true }));
  const tolerance = params.tolerance ?? 0;
  const [causes, produced] = await Promise.all([
    causesOf(project, original, rerun),
    producedDifferences(project, original, rerun),
  ]);
  const metrics = metricDifferences(original, rerun, tolerance);
  const effects = [...statusDifferences(original, rerun), ...metrics, ...produced.differences];
  return {
    same: effects.length === 0,
    original,
    rerun,
    differences: [...causes, ...effects],
    comparedMetrics: new Set([...Object.keys(original.metrics), ...Object.keys(rerun.metrics)]).size,
    comparedFiles: produced.compared,
    notCaptured: [...new Set([...(original.notCaptured ?? []), ...(rerun.notCaptured ?? [])])],
  };
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

async function readIfThere(project: OpenProject, id: string | undefined): Promise<ReadSnapshot | undefined> {
  if (id === undefined || !(await project.snapshots.exists(id))) return undefined;
  return project.snapshots.read(id);
}

/** Differences of what went in. They do not fail a verification, they explain it. */
async function causesOf(project: OpenProject, original: Run, rerun: Run): Promise<Difference[]> {
  const config = diffKeys(original.config as JsonObject, rerun.config as JsonObject);
  const [a, b] = await Promise.all([
    readIfThere(project, original.afterSnapshotId ?? original.beforeSnapshotId),
    readIfThere(project, rerun.afterSnapshotId ?? rerun.beforeSnapshotId),
  ]);
  const packages = a && b ? diffPackages(a.manifest, b.manifest) : [];
  const [codeA, codeB] = await Promise.all([
    readIfThere(project, original.beforeSnapshotId),
    readIfThere(project, rerun.beforeSnapshotId),
  ]);
  const code = codeA && codeB ? await project.snapshots.diffTrees(codeA.codeTree, codeB.codeTree) : [];
  return [
    ...placeDifferences(original, rerun, await devicesOf(project, original), await devicesOf(project, rerun)),
    ...packages.map(({ name, ...sides }): Difference => ({ kind: "package", name, ...sides })),
    ...config.map(({ key, ...sides }): Difference => ({ kind: "config", name: key, ...sides })),
    ...code.map(({ path, status }): Difference => ({ kind: "code", name: path, b: status })),
  ];
}

interface Devices {
  readonly models: string;
  readonly drivers: string;
}

/** The GPUs that a command had: those of its container, else those of the machine. */
async function devicesOf(project: OpenProject, { id, container, environment }: Run): Promise<Devices> {
  const inside = container?.gpus;
  const machine = (await project.records.get("run", id))?.fields["machine"] as JsonObject | undefined;
  const own = environment?.kind === "docker" ? [] : ((machine?.["gpus"] ?? []) as unknown as JsonObject[]);
  const gpus = inside ?? own;
  const all = (...keys: string[]): string =>
    gpus
      .map((gpu) => String(keys.map((key) => gpu[key]).find((value) => value !== undefined) ?? "?"))
      .join(", ");
  return {
    models: all("model", "name", "device"),
    drivers: [...new Set(all("driver").split(", "))].join(", "),
  };
}

/** Where the two ran: environment, image, GPUs and their driver. */
function placeDifferences(a: Run, b: Run, devicesA: Devices, devicesB: Devices): Difference[] {
  const differences: Difference[] = [];
  const add = (
    kind: Difference["kind"],
    name: string,
    x: string | undefined,
    y: string | undefined,
  ): void => {
    if (x !== y) differences.push({ kind, name, ...sides(x, y) });
  };
  add("environment", "environment", a.environmentId, b.environmentId);
  add("image", "image", a.image?.id, b.image?.id);
  add("gpu", "GPUs", devicesA.models, devicesB.models);
  add("driver", "GPU driver", devicesA.drivers, devicesB.drivers);
  add("driver", "driver", a.driver, b.driver);
  return differences;
}

function statusDifferences(a: Run, b: Run): Difference[] {
  const differences: Difference[] = [];
  if (a.status !== b.status) differences.push({ kind: "status", name: "status", a: a.status, b: b.status });
  if (a.exitCode !== b.exitCode) {
    differences.push({ kind: "exitCode", name: "exitCode", ...sides(a.exitCode, b.exitCode) });
  }
  return differences;
}

function metricDifferences(a: Run, b: Run, tolerance: number): Difference[] {
  const names = [...new Set([...Object.keys(a.metrics), ...Object.keys(b.metrics)])].sort();
  return names
    .filter((name) => !close(a.metrics[name], b.metrics[name], tolerance))
    .map((name) => ({ kind: "metric", name, ...sides(a.metrics[name], b.metrics[name]) }));
}

function close(a: MetricValue | undefined, b: MetricValue | undefined, tolerance: number): boolean {
  if (a === undefined || b === undefined) return false;
  const [x, y] = [metricFromWire(a), metricFromWire(b)];
  if (Object.is(x, y) || x === y) return true;
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}

/** Files that the runs made: what changed from before to after in the tree, and the files component. */
async function producedDifferences(
  project: OpenProject,
  original: Run,
  rerun: Run,
): Promise<{ differences: Difference[]; compared: number }> {
  const [a, b] = await Promise.all([producedBy(project, original), producedBy(project, rerun)]);
  if (!a || !b) return { differences: [], compared: 0 };
  const paths = [...new Set([...a.keys(), ...b.keys()])].sort();
  const differences = paths
    .filter((path) => a.get(path) !== b.get(path))
    .map((path): Difference => ({ kind: "file", name: path, ...sides(a.get(path), b.get(path)) }));
  return { differences, compared: paths.length };
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

function sides<T>(a: T | undefined, b: T | undefined): { a?: T; b?: T } {
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}
