import { readdir, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { HOST_ID } from "../../domain/environment-record.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type {
  Project,
  ProjectCreateParams,
  ProjectCreateResult,
  ProjectDeleteResult,
  ProjectDoctorResult,
  ProjectStatusResult,
  ProjectUpdateParams,
  RunRef,
  SnapshotRef,
} from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import { version } from "../../util/version.ts";
import { diffPackages } from "../compare/state-diff.ts";
import { activeEnvironment } from "../environments/active-environment.ts";
import type { ToolFact } from "../ports/capture.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { WorkOptions } from "../ports/snapshots.ts";
import { unsavedPaths } from "../snapshots/snapshot-content.ts";
import { currentSnapshot } from "../snapshots/snapshot-service.ts";
import type { OpenProject, ProjectFactory } from "./open-project.ts";
import type { ProjectAccess } from "./project-access.ts";

const DEFAULT_CHANGES = 1_000;

/** Creates a project, or updates the one that is there; only what is given changes. */
export async function createProject(
  access: ProjectAccess,
  factory: ProjectFactory,
  params: ProjectCreateParams,
): Promise<ProjectCreateResult> {
  const directory = resolve(access.start, params.directory ?? ".");
  if (!(await isDirectory(directory))) throw errors.DIRECTORY_NOT_FOUND({ directory });
  const datmo = join(directory, ".datmo");
  // Whatever an interrupted attempt has left is completed; nothing that was there before is removed.
  const [existed, created] = [await isThere(datmo), !(await isThere(join(datmo, "format")))];
  try {
    if (created) await factory.createLayout(directory);
    const project = await access.adopt(directory);
    const now = new Date().toISOString();
    const known = created ? undefined : await project.records.get("project", project.id);
    const set: Record<string, Json> = known
      ? {}
      : { name: basename(directory) || "project", description: "", createdAt: now };
    if (params.name !== undefined) set["name"] = params.name;
    if (params.description !== undefined) set["description"] = params.description;
    if (Object.keys(set).length > 0) {
      await project.records.commit([{ kind: "project", id: project.id, set: { ...set, updatedAt: now } }]);
    }
    return { project: await projectOf(project), created };
  } catch (error) {
    // All or nothing: a half-made project would be found by every later command.
    if (!existed) await rm(datmo, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/** The project as the protocol shows it. */
export async function projectOf(project: OpenProject): Promise<Project> {
  const record = await project.records.get("project", project.id);
  const fields = record?.fields ?? {};
  const createdAt = record?.createdAt ?? new Date(0).toISOString();
  return {
    id: project.id,
    name: (fields["name"] as string | undefined) ?? basename(project.directory),
    description: (fields["description"] as string | undefined) ?? "",
    directory: project.directory,
    createdAt,
    updatedAt: (fields["updatedAt"] as string | undefined) ?? createdAt,
  };
}

/** Changes name or description. */
export async function updateProject(project: OpenProject, params: ProjectUpdateParams): Promise<Project> {
  const set: Record<string, Json> = {};
  if (params.name !== undefined) set["name"] = params.name;
  if (params.description !== undefined) set["description"] = params.description;
  if (Object.keys(set).length > 0) {
    const updatedAt = new Date().toISOString();
    await project.records.commit([{ kind: "project", id: project.id, set: { ...set, updatedAt } }]);
  }
  return projectOf(project);
}

/** Is anything unsaved, which snapshot equals the folder, what is running. */
export async function projectStatus(
  project: OpenProject,
  limit: number = DEFAULT_CHANGES,
  options: WorkOptions = {},
): Promise<ProjectStatusResult> {
  const now = await project.snapshots.captureCode(options);
  const [equal, changes, newest] = await Promise.all([
    project.records.byField("snapshot", "codeTree", now.treeId),
    unsavedPaths(project, now.treeId),
    newestSnapshots(project),
  ]);
  const newestFirst = equal.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const current = await currentSnapshot(project, now, newestFirst);
  const interrupted = await project.snapshots.interruptedRestore();
  return {
    project: await projectOf(project),
    clean: equal.length > 0,
    changes: changes.slice(0, limit).map(({ path, status }) => ({ path, status })),
    changeCount: changes.length,
    ...(current ? { current: snapshotRef(current) } : {}),
    ...(newest.user ? { newestUser: snapshotRef(newest.user) } : {}),
    ...(newest.automatic ? { newestAutomatic: snapshotRef(newest.automatic) } : {}),
    environment: await environmentOf(project),
    environmentChanges: await environmentChanges(project, newest.any),
    activeRuns: await activeRuns(project),
    ...(interrupted ? { interruptedCheckout: interrupted } : {}),
    problems: project.records.problems.map((problem) => ({ ...problem })),
  };
}

/** Removes `.datmo`; the user's files stay. Refused while something runs. */
export async function deleteProject(access: ProjectAccess, confirm: string): Promise<ProjectDeleteResult> {
  const project = await access.current();
  if (confirm !== project.id) {
    const problems = [{ path: "/confirm", message: "is not the id of this project" }];
    throw errors.INVALID_PARAMS({ summary: "The id does not belong to this project.", problems });
  }
  const [running] = await activeRuns(project);
  if (running) throw errors.RUN_ACTIVE({ id: running.id, status: running.status });
  const bytes = await sizeOf(project.datmo);
  await access.close();
  await rm(project.datmo, { recursive: true, force: true });
  return { directory: project.directory, bytes };
}

/** What is on this machine, and what is wrong with the project's store. */
export async function doctor(
  access: ProjectAccess,
  findTools: () => Promise<readonly ToolFact[]>,
): Promise<ProjectDoctorResult> {
  const [tools, project] = await Promise.all([findTools(), access.currentIfAny().catch(() => undefined)]);
  return {
    engine: { name: "datmo", version },
    tools: tools.map((tool) => ({ ...tool })),
    ...(project ? { project: await projectOf(project) } : {}),
    problems: project ? (await project.records.check()).map((problem) => ({ ...problem })) : [],
  };
}

/** A folder with something else in it is told by the next run; it must not keep anybody from looking. */
async function environmentOf(project: OpenProject): Promise<ProjectStatusResult["environment"]> {
  try {
    const { id, kind, name, reason } = await activeEnvironment(project);
    return { id, kind, name, reason };
  } catch (error) {
    if (!(error instanceof DatmoError)) throw error;
    return { id: HOST_ID, kind: "host", name: "host", reason: error.message.replace(/\.$/, "") };
  }
}

async function newestSnapshots(
  project: OpenProject,
): Promise<{ any?: StoredRecord; user?: StoredRecord; automatic?: StoredRecord }> {
  const records = await project.records.list("snapshot");
  const user = records.find((record) => record.fields["visible"] === true);
  const automatic = records.find((record) => record.fields["visible"] !== true);
  return {
    ...(records[0] ? { any: records[0] } : {}),
    ...(user ? { user } : {}),
    ...(automatic ? { automatic } : {}),
  };
}

async function environmentChanges(project: OpenProject, newest: StoredRecord | undefined) {
  if (!newest || !(await project.snapshots.exists(newest.id))) return [];
  const [facts, read] = await Promise.all([project.capture.environment(), project.snapshots.read(newest.id)]);
  const now = { environment: { python: facts.python as unknown as Json, r: facts.r as unknown as Json } };
  return diffPackages(read.manifest, now);
}

async function activeRuns(project: OpenProject): Promise<RunRef[]> {
  const refs: RunRef[] = [];
  for (const id of await project.openRuns.ids()) {
    const record = await project.records.get("run", id);
    if (!record) continue;
    const { name, status, command } = runFromRecord(record);
    refs.push({ id, name, status, ...(command === undefined ? {} : { command }) });
  }
  return refs;
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

function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const facts = await stat(join(entry.parentPath ?? entry.path, entry.name)).catch(() => undefined);
    bytes += facts?.size ?? 0;
  }
  return bytes;
}
