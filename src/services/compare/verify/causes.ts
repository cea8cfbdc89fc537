import { runFromRecord } from "../../../domain/run-record.ts";
import type { Difference, Run } from "../../../protocol/types.ts";
import type { JsonObject } from "../../../util/json.ts";
import type { StoredRecord } from "../../ports/records.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { readIfThere } from "../run-comparison.ts";
import { diffEnvironmentFacts, diffKeys, diffPackages } from "../value-changes.ts";
import { cause } from "./difference.ts";

/**
 * What went in and was not the same, the likeliest reason first: what somebody changed on purpose (code, config), the
 * data, seeds, packages, the place, and last the machine. `data`: as found by `compareData`.
 */
export async function causesOf(
  project: OpenProject,
  a: StoredRecord,
  b: StoredRecord,
  data: readonly Difference[],
): Promise<Difference[]> {
  const [original, rerun] = [runFromRecord(a), runFromRecord(b)];
  const config = configDifferences(original, rerun);
  const variables = isInContainer(original) || isInContainer(rerun) ? [] : variableDifferences(a, b);
  const all = [...config, ...variables];
  return [
    ...(await codeDifferences(project, original, rerun)),
    ...all.filter(({ kind }) => kind === "config"),
    ...data,
    ...all.filter(({ kind }) => kind === "seed"),
    ...(await packageDifferences(project, original, rerun)),
    ...placeDifferences(original, rerun, devicesOf(a, original), devicesOf(b, rerun)),
    ...all.filter(({ kind }) => kind === "variable"),
    ...machineDifferences(a, b),
  ];
}

const SEED = /(^|[._-])(seed|seeds|random_state)$/i;

function configDifferences(a: Run, b: Run): Difference[] {
  const changes = diffKeys(a.config as JsonObject, b.config as JsonObject);
  return changes.map(({ key, ...side }) => cause(SEED.test(key) ? "seed" : "config", key, side.a, side.b));
}

/** Variables that steer seeds, determinism, threads and devices, as the commands inherited them. */
function variableDifferences(a: StoredRecord, b: StoredRecord): Difference[] {
  const of = (record: StoredRecord): JsonObject => (machineOf(record)["variables"] ?? {}) as JsonObject;
  const isSeed = (name: string): boolean => SEED.test(name) || name === "PYTHONHASHSEED";
  return diffKeys(of(a), of(b)).map(({ key, ...side }) =>
    cause(isSeed(key) ? "seed" : "variable", key, side.a, side.b),
  );
}

async function codeDifferences(project: OpenProject, a: Run, b: Run): Promise<Difference[]> {
  const [left, right] = await Promise.all([
    readIfThere(project, a.beforeSnapshotId),
    readIfThere(project, b.beforeSnapshotId),
  ]);
  if (!left || !right) return [];
  const changes = await project.snapshots.diffTrees(left.codeTree, right.codeTree);
  return changes.map(({ path, status }) => cause("code", path, undefined, status));
}

async function packageDifferences(project: OpenProject, a: Run, b: Run): Promise<Difference[]> {
  const [left, right] = await Promise.all([
    readIfThere(project, a.afterSnapshotId ?? a.beforeSnapshotId),
    readIfThere(project, b.afterSnapshotId ?? b.beforeSnapshotId),
  ]);
  if (!left || !right) return [];
  const packages = diffPackages(left.manifest, right.manifest);
  const languages = diffEnvironmentFacts(left.manifest, right.manifest).filter(({ key }) =>
    ["python", "r"].includes(key),
  );
  return [
    ...languages.map(({ key, ...side }) => cause("package", key, side.a, side.b)),
    ...packages.map(({ name, ...side }) => cause("package", name, side.a, side.b)),
  ];
}

interface Devices {
  readonly models: string;
  readonly drivers: string;
}

/** The GPUs that a command had: those of its container, else those of the machine. */
function devicesOf(record: StoredRecord, run: Run): Devices {
  const own = isInContainer(run) ? [] : ((machineOf(record)["gpus"] ?? []) as unknown as JsonObject[]);
  const gpus = run.container?.gpus ?? own;
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
    if (x !== y) differences.push(cause(kind, name, x, y));
  };
  add("environment", "environment", a.environmentId, b.environmentId);
  add("image", "image", a.image?.id, b.image?.id);
  add("gpu", "GPUs", devicesA.models, devicesB.models);
  add("driver", "GPU driver", devicesA.drivers, devicesB.drivers);
  add("driver", "driver", a.driver, b.driver);
  return differences;
}

/** Another processor or system may round another way. */
function machineDifferences(a: StoredRecord, b: StoredRecord): Difference[] {
  const [left, right] = [machineOf(a), machineOf(b)];
  return ["arch", "cpu", "os"].flatMap((key) =>
    left[key] === undefined || right[key] === undefined || left[key] === right[key]
      ? []
      : [cause("machine", key, left[key], right[key])],
  );
}

function machineOf({ fields }: StoredRecord): JsonObject {
  return (fields["machine"] ?? {}) as JsonObject;
}

function isInContainer(run: Run): boolean {
  return run.environment?.kind === "docker";
}
