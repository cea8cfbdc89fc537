import { existsSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import type { ToolFact } from "../../../services/ports/capture.ts";
import { findExecutable } from "../../../util/executables.ts";
import { runBounded } from "../bounded-process.ts";
import type { CaptureContext } from "../context.ts";
import { howToGet } from "./how-to-get.ts";

/** An engine's version, or why it cannot be asked. */
type Answer = { readonly version: string } | { readonly problem: string };

/** A Docker engine that answers; the command `docker` is neither needed nor enough. */
export async function findDocker(context: CaptureContext): Promise<ToolFact> {
  const name = "Docker";
  const program = findExecutable("docker", context.variables, context.projectDirectory);
  const host = context.variables["DOCKER_HOST"] ?? "";
  const socket = host === "" ? localSockets(context).find((path) => existsSync(path)) : unixSocket(host);
  const answer =
    socket !== undefined ? await askSocket(socket, context.timeoutMs) : await askProgram(context, host);
  const path = socket ?? program;
  if ("version" in answer) return { name, found: true, version: answer.version, ...(path && { path }) };
  const how = program
    ? "start its engine: sudo systemctl start docker, or Docker Desktop"
    : howToGet(context, {
        apt: "docker.io",
        dnf: "docker",
        brew: "--cask docker",
        page: "https://docs.docker.com/engine/install",
      });
  const isMissing = path === undefined;
  return { name, found: false, ...(!isMissing && { path, problem: answer.problem }), howToGet: how };
}

/** Where engines listen: the system's, a rootless one, Docker Desktop, Colima. */
function localSockets(context: CaptureContext): string[] {
  const home = context.variables["HOME"] ?? "/";
  const runtime = context.variables["XDG_RUNTIME_DIR"];
  return [
    "/var/run/docker.sock",
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(home, ".docker", "run", "docker.sock"),
    join(home, ".docker", "desktop", "docker.sock"),
    join(home, ".colima", "default", "docker.sock"),
  ];
}

function unixSocket(host: string): string | undefined {
  return /^unix:\/\/(.+)$/.exec(host)?.[1];
}

function askSocket(socketPath: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (problem: string): void => {
      clearTimeout(timer);
      request.destroy();
      resolve({ problem });
    };
    const silent = `no answer on ${socketPath} within ${timeoutMs / 1_000} s`;
    const timer = setTimeout(() => fail(silent), timeoutMs);
    const request = get({ socketPath, path: "/version", headers: { host: "docker" } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
        if (body.length > 1 << 20) fail(`what answers on ${socketPath} is no Docker engine`);
      });
      response.on("error", () => fail(silent));
      response.on("end", () => {
        clearTimeout(timer);
        resolve(parseVersion(body) ?? { problem: `what answers on ${socketPath} is no Docker engine` });
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => fail(connectionProblem(error, socketPath)));
  });
}

function parseVersion(body: string): Answer | undefined {
  try {
    const { Version: version } = JSON.parse(body) as { Version?: unknown };
    return typeof version === "string" ? { version } : undefined;
  } catch {
    return undefined;
  }
}

function connectionProblem(error: NodeJS.ErrnoException, socketPath: string): string {
  if (error.code === "EACCES")
    return `you may not open ${socketPath}: join the group docker and log in again`;
  return `no engine answers on ${socketPath} (${error.code ?? error.message})`;
}

/** For hosts that only the program can reach (tcp with TLS, ssh), and to say what is missing. */
async function askProgram(context: CaptureContext, host: string): Promise<Answer> {
  const program = findExecutable("docker", context.variables, context.projectDirectory);
  if (program === undefined) return { problem: "there is no engine" };
  const outcome = await runBounded({
    program,
    arguments: ["version", "--format", "{{.Server.Version}}"],
    environment: context.variables,
    timeoutMs: context.timeoutMs,
  });
  const version = outcome?.stdout.toString("utf8").trim() ?? "";
  if (outcome?.exitCode === 0 && version !== "") return { version };
  return { problem: `docker is installed, but no engine answers${host === "" ? "" : ` at ${host}`}` };
}
