import { readdir, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type {
  Problem,
  Project,
  ProjectCreateParams,
  ProjectCreateResult,
  ProjectDeleteResult,
  ProjectDoctorResult,
  ProjectUpdateParams,
} from "../../protocol/types.ts";
import type { Json } from "../../util/json.ts";
import { isThere } from "../../util/safe-files.ts";
import { version } from "../../util/version.ts";
import type { FindGpus, FindTools } from "../ports/capture.ts";
import type { OpenProject, ProjectFactory } from "./open-project.ts";
import type { ProjectAccess } from "./project-access.ts";
import { projectOf } from "./project-record.ts";
import { activeRuns } from "./project-status.ts";

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

/** Removes `.datmo`; the user's files stay. Refused while something runs. */
export async function deleteProject(access: ProjectAccess, confirm: string): Promise<ProjectDeleteResult> {
  const project = await access.current();
  if (confirm !== project.id) {
    const problems = [{ path: "/confirm", message: "is not the id of this project" }];
    throw errors.INVALID_PARAMS({ summary: "The id does not belong to this project.", problems });
  }
  const [running] = await activeRuns(project);
  if (running) throw errors.RUN_ACTIVE({ id: running.id, status: running.status });
  const containers = await removeContainerThings(project);
  const bytes = await sizeOf(project.datmo);
  await access.close();
  await rm(project.datmo, { recursive: true, force: true });
  return { directory: project.directory, bytes, ...containers };
}

/** Its containers and the images that were built for it; without an engine there is nothing to be found. */
async function removeContainerThings(
  project: OpenProject,
): Promise<Pick<ProjectDeleteResult, "images" | "containers">> {
  const environments = await project.records.count("environment");
  if (environments === 0) return {};
  const { removeOfProject } = await import("../environments/remove-of-project.ts");
  return removeOfProject(project);
}

/** How a doctor looks at this machine. */
export interface MachineLook {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly findTools: FindTools;
  readonly findGpus: FindGpus;
}

/** What is on this machine, and what is wrong with the project's store and its plugins. */
export async function doctor(access: ProjectAccess, look: MachineLook): Promise<ProjectDoctorResult> {
  const [tools, gpus, project] = await Promise.all([
    look.findTools(look.environment),
    look.findGpus(look.environment),
    access.currentIfAny().catch(() => undefined),
  ]);
  return {
    engine: { name: "datmo", version },
    tools: tools.map((tool) => ({ ...tool })),
    gpus: [...gpus],
    ...(project ? { project: await projectOf(project) } : {}),
    problems: project ? await problemsOf(project) : [],
  };
}

async function problemsOf(project: OpenProject): Promise<Problem[]> {
  const { pluginProblems } = await import("../plugins/plugin-problems.ts");
  const [store, plugins] = await Promise.all([project.records.check(), pluginProblems(project.plugins)]);
  return [...store.map((problem) => ({ ...problem })), ...plugins];
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
