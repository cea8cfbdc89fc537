import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { WorkspaceKind } from "../../domain/workspace.ts";
import { readSmallFile } from "../../util/safe-files.ts";
import type { WorkspaceNote } from "../ports/workspaces.ts";
import type { OpenProject } from "../project/open-project.ts";
import { PROGRAMS } from "./programs.ts";
import { FOLDER } from "./task-folder.ts";

const LIMIT_BYTES = 64 * 1024;

/** Asks the program whether it can be used. Notes the port when it had to take another one. */
export async function isReady(project: OpenProject, runId: string, kind: WorkspaceKind): Promise<boolean> {
  const { readyPath } = PROGRAMS[kind];
  const note = await project.workspaces.read(runId);
  if (readyPath === undefined || !note) return false;
  const told = await toldPort(project, runId);
  const current = told === undefined || told === note.port ? note : await moved(project, runId, note, told);
  const token = new URL(current.url).searchParams.get("token");
  const headers = token === null ? {} : { headers: { authorization: `token ${token}` } };
  return project.loopback.answers({ port: current.port, path: readyPath, ...headers });
}

async function moved(
  project: OpenProject,
  runId: string,
  note: WorkspaceNote,
  port: number,
): Promise<WorkspaceNote> {
  const url = new URL(note.url);
  url.port = String(port);
  const changed = { ...note, port, url: url.toString() };
  await project.workspaces.write(runId, changed);
  return changed;
}

/** Where a Jupyter on this machine says that it listens; one in a container speaks of the container's ports. */
async function toldPort(project: OpenProject, runId: string): Promise<number | undefined> {
  const record = await project.records.get("run", runId);
  if (record?.fields["driver"] !== "host") return undefined;
  const folder = join(project.taskDirectory(runId), FOLDER, "runtime");
  const names = await readdir(folder).catch(() => [] as string[]);
  const name = names.find((one) => /^(jpserver|nbserver)-\d+\.json$/.test(one));
  if (name === undefined) return undefined;
  try {
    const content = await readSmallFile(join(folder, name), LIMIT_BYTES);
    const { port } = JSON.parse(content?.toString("utf8") ?? "{}") as { port?: unknown };
    return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    // Half written: the next look sees all of it.
    return undefined;
  }
}
