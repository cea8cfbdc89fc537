import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { WorkspaceKind } from "../../domain/workspace.ts";
import { errors } from "../../protocol/errors.ts";
import type { Command } from "../ports/drivers.ts";
import type { OpenProject } from "../project/open-project.ts";
import type { ExecutionPlan } from "../runs/execution-plan.ts";
import { jupyterConfig, kernelSpec } from "./jupyter-files.ts";
import { PROGRAMS } from "./programs.ts";
import { LOGIN_SCRIPT, rstudioScript } from "./rstudio-files.ts";
import { FOLDER, type WorkspaceFile, writeWorkspaceFiles } from "./task-folder.ts";

/** What a workspace's run starts in place of the command that is shown for it. */
export interface Launch {
  readonly command: Command;
  readonly variables: Readonly<Record<string, string>>;
  /** Port of the container that this machine shows. Absent: none, or no container. */
  readonly port?: { readonly host: number; readonly container: number };
}

/** Ports that Jupyter tries after one that somebody took in the last moment. */
const RETRIES = 50;

/**
 * Chooses the port, makes the secret and writes what the program is told; called right before it starts. Throws
 * PORT_TAKEN for a port that was asked for.
 */
export async function launchWorkspace(
  project: OpenProject,
  plan: ExecutionPlan,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Launch | undefined> {
  const { workspace, built } = plan;
  if (!workspace || workspace.kind === "terminal") return undefined;
  const { kind, portAsked } = workspace;
  const { usualPort = 0, openPath = "/" } = PROGRAMS[kind];
  const inContainer = built?.image !== undefined;
  const port = portAsked
    ? await askedPort(project, workspace.port ?? usualPort)
    : await project.loopback.freePort(workspace.port ?? usualPort, plan.id);
  const token = randomBytes(24).toString("hex");
  const inside = inContainer ? usualPort : port;
  const listen = { address: inContainer ? "0.0.0.0" : "127.0.0.1", port: inside };
  const idle = workspace.idleMs === undefined ? {} : { idleMs: workspace.idleMs };
  const retries = inContainer || portAsked ? 0 : RETRIES;
  const files =
    kind === "rstudio" ? rstudioFiles(listen) : jupyterFiles({ kind, ...listen, retries, ...idle }, plan);
  const task = project.taskDirectory(plan.id);
  const secret = { path: "token", text: `${token}\n` };
  await writeWorkspaceFiles(task, [secret, ...files], built?.user);
  const url = `http://127.0.0.1:${port}${openPath}`;
  await project.workspaces.write(plan.id, {
    v: 1,
    port,
    host: hostname(),
    ...(kind === "rstudio"
      ? { url, user: inContainer ? userInside(built?.user) : userHere(variables), password: token }
      : { url: `${url}?token=${token}` }),
  });
  return {
    ...programOf(plan, join(inContainer ? "/task" : task, FOLDER)),
    ...(inContainer ? { port: { host: port, container: inside } } : {}),
  };
}

async function askedPort(project: OpenProject, wanted: number): Promise<number> {
  if (await project.loopback.isFree(wanted)) return wanted;
  throw errors.PORT_TAKEN({ port: wanted });
}

function jupyterFiles(options: Parameters<typeof jupyterConfig>[0], { built, environment }: ExecutionPlan) {
  const files: WorkspaceFile[] = [{ path: "jupyter_config.py", text: jupyterConfig(options) }];
  const kernel = built?.program?.kernel;
  if (kernel) {
    const text = kernelSpec(kernel.python, kernel.site, environment.name);
    files.push({ path: "share/kernels/python3/kernel.json", text });
  }
  // The program makes files of its own there.
  files.push({ path: "runtime/README", text: "Files of the Jupyter server of this run.\n" });
  return files;
}

function rstudioFiles(listen: { readonly address: string; readonly port: number }): WorkspaceFile[] {
  return [
    { path: "start", text: rstudioScript(listen), program: true },
    { path: "login", text: LOGIN_SCRIPT, program: true },
  ];
}

function programOf({ workspace, built }: ExecutionPlan, folder: string): Omit<Launch, "port"> {
  const kind = workspace?.kind ?? "terminal";
  if (kind === "rstudio")
    return { command: { kind: "argv", argv: ["/bin/sh", `${folder}/start`] }, variables: {} };
  const words = built?.program?.words ?? insideWords(kind);
  const argv = [...words, `--config=${folder}/jupyter_config.py`];
  return {
    command: { kind: "argv", argv },
    variables: { JUPYTER_RUNTIME_DIR: `${folder}/runtime`, JUPYTER_PATH: `${folder}/share` },
  };
}

/** In an image the program may be where PATH does not lead, while its Python knows it. */
function insideWords(kind: WorkspaceKind): string[] {
  const { executables, distribution } = PROGRAMS[kind];
  const [name = ""] = executables;
  const python = '"$(command -v python3 || command -v python)"';
  const script = `if command -v ${name} >/dev/null; then exec ${name} "$@"; else exec ${python} -m ${distribution} "$@"; fi`;
  return ["/bin/sh", "-c", script, name];
}

function userInside(user: string | undefined): string {
  const [uid = "0"] = (user ?? "0").split(":");
  return uid === "0" ? "root" : uid;
}

function userHere(variables: Readonly<Record<string, string | undefined>>): string {
  return variables["USER"] ?? variables["LOGNAME"] ?? "your user name";
}
