import { HOST_ID } from "../../domain/environment-record.ts";
import { nestFields } from "../../domain/field-paths.ts";
import { isEnded, runFromRecord } from "../../domain/run-record.ts";
import { isDatmoError } from "../../protocol/errors.ts";
import type {
  PackageChange,
  PathChange,
  PointerState,
  Problem,
  ProjectStatusParams,
  ProjectStatusResult,
  RunRef,
  SnapshotRef,
} from "../../protocol/types.ts";
import type { JsonObject } from "../../util/json.ts";
import { diffPackages } from "../compare/value-changes.ts";
import { activeEnvironment } from "../environments/active-environment.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { CodeCapture, ReadSnapshot, WorkOptions } from "../ports/snapshots.ts";
import { unsavedPaths } from "../snapshots/checkout.ts";
import { environmentFiles, environmentManifest } from "../snapshots/environment-files.ts";
import { activeHeld, type CapturedEnvironment, captureHeld } from "../snapshots/held-environment.ts";
import { rootInputs } from "../snapshots/input-files.ts";
import { keptChanges, outsideCode, Places, watchedFiles } from "../snapshots/kept-places.ts";
import { checkPointers } from "../snapshots/pointers.ts";
import { currentSnapshot } from "../snapshots/snapshot-service.ts";
import type { OpenProject } from "./open-project.ts";
import { projectOf } from "./project-record.ts";

const DEFAULT_CHANGES = 1_000;
/** Stands for a capture that failed. */
const UNKNOWN: CodeCapture = {
  treeId: "",
  unchanged: false,
  files: 0,
  bytes: 0,
  unstable: [],
  skipped: [],
};
/** Names what lies below it as parts of the environment's definition. */
const DEFINITION = "definition/";

/** Is anything unsaved, which snapshot equals the folder, what is running. Damage is told, not thrown. */
export async function projectStatus(
  project: OpenProject,
  params: ProjectStatusParams,
  options: WorkOptions,
): Promise<ProjectStatusResult> {
  const limit = params.limit ?? DEFAULT_CHANGES;
  const records = await project.records.list("snapshot");
  const problems: Problem[] = project.records.problems.map((problem) => ({ ...problem }));
  const places = new Places(project, options);
  const tell = <T>(fallback: T, work: () => Promise<T>): Promise<T> => told(problems, fallback, work);
  const now = await tell(UNKNOWN, () => project.snapshots.captureCode(options));
  if (now === UNKNOWN) return unknownStatus(project, records, problems);
  const code = await tell([], () => unsavedPaths(project, now.treeId));
  const kept = await tell([], async () =>
    keptChanges(places, records, await outsideCode(project, now.treeId, watchedFiles(records, now.treeId))),
  );
  const current = await tell(undefined, () => currentSnapshot(project, now, records, places));
  const newestUser = records.find(isUsers);
  const environment = await tell(NO_CHANGES, () => environmentChanges(project, records));
  // What a snapshot would refuse is told before one is taken.
  const { config } = await tell(NO_INPUTS, () => rootInputs(project.directory));
  const hasCode = records.some(({ fields }) => fields["codeTree"] === now.treeId);
  return {
    ...(await said(project, records)),
    clean: hasCode && kept.every(({ status }) => status === "removed"),
    changes: code.slice(0, limit).map(({ path, status }) => ({ path, status })),
    changeCount: code.length,
    keptChanges: kept.slice(0, limit),
    ...(current ? { current: snapshotRef(current) } : {}),
    environmentChanges: environment.packages,
    definitionChanges: environment.definition,
    unstable: now.unstable.slice(0, limit),
    skipped: now.skipped.slice(0, limit),
    pointers: await tell([], () =>
      pointers(project, config, current ?? newestUser, {
        ...options,
        ...(params.verify ? { verify: params.verify } : {}),
      }),
    ),
    problems,
  };
}

/** The folder could not be looked at, which `problems` tells. */
async function unknownStatus(
  project: OpenProject,
  records: readonly StoredRecord[],
  problems: Problem[],
): Promise<ProjectStatusResult> {
  return {
    ...(await said(project, records)),
    clean: false,
    changes: [],
    changeCount: 0,
    keptChanges: [],
    environmentChanges: [],
    definitionChanges: [],
    unstable: [],
    skipped: [],
    pointers: [],
    problems,
  };
}

/** What is known without looking at the folder. */
async function said(project: OpenProject, records: readonly StoredRecord[]) {
  const newestUser = records.find(isUsers);
  const newestAutomatic = records.find((record) => !isUsers(record));
  const interrupted = await project.snapshots.interruptedRestore();
  return {
    project: await projectOf(project),
    ...(newestUser ? { newestUser: snapshotRef(newestUser) } : {}),
    ...(newestAutomatic ? { newestAutomatic: snapshotRef(newestAutomatic) } : {}),
    environment: await environmentOf(project),
    activeRuns: await activeRuns(project),
    ...(interrupted ? { interruptedCheckout: interrupted } : {}),
  };
}

/** A folder with something else in it is told by the next run; it must not keep anybody from looking. */
async function environmentOf(project: OpenProject): Promise<ProjectStatusResult["environment"]> {
  try {
    const { id, kind, name, reason } = await activeEnvironment(project);
    return { id, kind, name, reason };
  } catch (error) {
    if (!isDatmoError(error)) throw error;
    return { id: HOST_ID, kind: "host", name: "host", reason: error.message.replace(/\.$/, "") };
  }
}

function isUsers({ fields }: StoredRecord): boolean {
  return fields["visible"] === true;
}

/** Runs that have not ended, those that wait in the queue too. */
export async function activeRuns(project: OpenProject): Promise<RunRef[]> {
  const refs: RunRef[] = [];
  for (const id of new Set([...(await project.openRuns.ids()), ...(await project.queue.ids())])) {
    const record = await project.records.get("run", id);
    if (!record) continue;
    const { name, status, command } = runFromRecord(record);
    // Only its after-snapshot is still to be taken.
    if (isEnded(status)) continue;
    refs.push({ id, name, status, ...(command === undefined ? {} : { command }) });
  }
  return refs;
}

/** What a damaged snapshot keeps from being known is left out, and the damage is told. */
async function told<T>(problems: Problem[], fallback: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDatmoError(error) || error.kind === "CANCELLED") throw error;
    const { kind, message, details } = error;
    if (!problems.some((problem) => problem.message === message)) problems.push({ kind, message, details });
    return fallback;
  }
}

interface EnvironmentChanges {
  readonly packages: readonly PackageChange[];
  readonly definition: readonly PathChange[];
}

const NO_INPUTS: { readonly config: JsonObject } = { config: {} };
const NO_CHANGES: EnvironmentChanges = { packages: [], definition: [] };

async function environmentChanges(
  project: OpenProject,
  records: readonly StoredRecord[],
): Promise<EnvironmentChanges> {
  const held = await activeHeld(project);
  // What runs in other environments have is no change of this one.
  const newest = records.find(({ fields }) => fields["environmentId"] === held.id);
  if (!newest || !(await project.snapshots.exists(newest.id))) return NO_CHANGES;
  const [facts, read] = await Promise.all([captureHeld(project, held), project.snapshots.read(newest.id)]);
  return {
    packages: diffPackages(read.manifest, { environment: environmentManifest(facts) }),
    definition: await definitionChanges(project, read, facts),
  };
}

/** Definition files, by their paths in the definition. */
async function definitionChanges(
  project: OpenProject,
  { environmentTree }: ReadSnapshot,
  facts: CapturedEnvironment,
): Promise<PathChange[]> {
  const now = new Map(environmentFiles(facts).map(({ path, content }) => [path, content]));
  const before = environmentTree === undefined ? [] : await project.snapshots.listTree(environmentTree);
  const changes: PathChange[] = [];
  for (const { path, blobId } of before) {
    if (!path.startsWith(DEFINITION)) continue;
    const content = now.get(path);
    now.delete(path);
    const name = path.slice(DEFINITION.length);
    if (content === undefined) changes.push({ path: name, status: "removed" });
    else if (!(await project.snapshots.readFile(blobId)).equals(Buffer.from(content))) {
      changes.push({ path: name, status: "modified" });
    }
  }
  for (const path of now.keys()) {
    if (path.startsWith(DEFINITION)) changes.push({ path: path.slice(DEFINITION.length), status: "added" });
  }
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Of the snapshot that the folder equals, or else the newest, and of the config at the root over it. */
async function pointers(
  project: OpenProject,
  config: JsonObject,
  snapshot: StoredRecord | undefined,
  options: WorkOptions & { readonly verify?: boolean },
): Promise<PointerState[]> {
  const taken = nestFields("config", snapshot?.fields ?? {}) as JsonObject;
  const own = await checkPointers(project, config, options);
  const keys = new Set(own.map(({ key }) => key));
  const others = (await checkPointers(project, taken, options)).filter(({ key }) => !keys.has(key));
  return [...own, ...others].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function snapshotRef(record: StoredRecord): SnapshotRef {
  const { message, label } = record.fields;
  return {
    id: record.id,
    message: typeof message === "string" ? message : "",
    ...(typeof label === "string" ? { label } : {}),
    createdAt: record.createdAt,
  };
}
