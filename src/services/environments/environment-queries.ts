import {
  buildsOf,
  environmentFromRecord,
  HOST_ID,
  hostEnvironment,
  shownBuild,
} from "../../domain/environment-record.ts";
import { runFromRecord } from "../../domain/run-record.ts";
import type {
  Environment,
  EnvironmentFile,
  EnvironmentGetResult,
  EnvironmentListParams,
  EnvironmentListResult,
  EnvironmentPackage,
} from "../../protocol/types.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { findRecord } from "../lookup.ts";
import type { StoredRecord } from "../ports/records.ts";
import type { OpenProject } from "../project/open-project.ts";
import { activeEnvironment } from "./active-environment.ts";

const DEFAULT_LIMIT = 100;
/** Runs that are named; more are counted. */
const NAMED_RUNS = 20;
/** Largest file whose text is shown, bytes. */
const SHOWN_BYTES = 64 << 10;

/** Recorded environments, newest first, and the host as the last one. */
export async function listEnvironments(
  project: OpenProject,
  params: EnvironmentListParams,
): Promise<EnvironmentListResult> {
  const limit = params.limit ?? DEFAULT_LIMIT;
  const after = params.cursor === undefined ? undefined : openCursor(params.cursor);
  const place = after && { createdAt: String(after["createdAt"]), id: String(after["id"]) };
  const records = await project.records.list("environment", {
    limit: limit + 1,
    ...(place ? { after: place } : {}),
  });
  const active = await activeId(project);
  const shown = records.slice(0, limit);
  const items = shown.map((record) => marked(environmentFromRecord(record), active));
  const last = shown.at(-1);
  if (records.length > limit && last) {
    return { items, nextCursor: sealCursor({ createdAt: last.createdAt, id: last.id }) };
  }
  return { items: [...items, marked(await theHost(project), active)] };
}

/** Everything that is known of one. */
export async function getEnvironment(project: OpenProject, asked: string): Promise<EnvironmentGetResult> {
  const record = await findEnvironment(project, asked);
  const id = record?.id ?? HOST_ID;
  const [runs, snapshots, active] = await Promise.all([
    project.records.byField("run", "environmentId", id),
    project.records.byField("snapshot", "environmentId", id),
    activeId(project),
  ]);
  const newestFirst = runs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, NAMED_RUNS);
  const builds = record ? buildsOf(record) : [];
  return {
    environment: marked(record ? environmentFromRecord(record) : await theHost(project), active),
    files: record ? await filesOf(project, record) : [],
    packages: record ? recordedPackages(builds[0]?.packages ?? {}) : await hostPackages(project),
    builds: builds.map(shownBuild),
    runs: newestFirst.map((run) => {
      const { name, status, command } = runFromRecord(run);
      return { id: run.id, name, status, ...(command === undefined ? {} : { command }) };
    }),
    runCount: runs.length,
    snapshotCount: snapshots.length,
  };
}

/** The environment somebody means; undefined stands for the host. */
export async function findEnvironment(
  project: OpenProject,
  asked: string,
): Promise<StoredRecord | undefined> {
  if (asked === "host" || asked === HOST_ID) return undefined;
  return findRecord(project, "environment", asked);
}

/** The environment as the protocol shows it. */
export async function shownEnvironment(
  project: OpenProject,
  record: StoredRecord | undefined,
): Promise<Environment> {
  if (!record) return theHost(project);
  const now = await project.records.get("environment", record.id);
  return environmentFromRecord(now ?? record);
}

async function theHost(project: OpenProject): Promise<Environment> {
  const record = await project.records.get("project", project.id);
  return hostEnvironment(record?.createdAt ?? new Date(0).toISOString());
}

/** A folder with something else in it must not keep anybody from looking. */
async function activeId(project: OpenProject): Promise<string | undefined> {
  return activeEnvironment(project).then(
    (active) => active.id,
    () => undefined,
  );
}

function marked(environment: Environment, active: string | undefined): Environment {
  return environment.id === active ? { ...environment, active: true } : environment;
}

async function filesOf(project: OpenProject, record: StoredRecord): Promise<EnvironmentFile[]> {
  const tree = record.fields["filesTree"];
  if (typeof tree !== "string") return [];
  const files: EnvironmentFile[] = [];
  for (const { path, bytes, blobId } of await project.snapshots.listTree(tree)) {
    const content = bytes <= SHOWN_BYTES ? await project.snapshots.readFile(blobId) : undefined;
    const text = content && !content.includes(0) ? content.toString("utf8") : undefined;
    files.push({ path, bytes, ...(text === undefined ? {} : { text }) });
  }
  return files;
}

function recordedPackages(packages: {
  readonly [manager: string]: readonly (readonly [name: string, version: string])[];
}): EnvironmentPackage[] {
  return Object.entries(packages).flatMap(([manager, list]) =>
    list.map(([name, version]) => ({ name: `${manager}:${name}`, version })),
  );
}

async function hostPackages(project: OpenProject): Promise<EnvironmentPackage[]> {
  const { python, r } = await project.capture.environment();
  const named = (manager: string, list: readonly { name: string; version: string }[] = []) =>
    list.map(({ name, version }) => ({ name: `${manager}:${name}`, version }));
  return [...named("python", python?.packages), ...named("r", r?.packages)];
}
