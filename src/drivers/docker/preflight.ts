import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { posix } from "node:path";
import { errors } from "../../protocol/errors.ts";
import type { ContainerSpec } from "../../services/ports/containers.ts";
import { isThere } from "../../util/safe-files.ts";
import type { Connection } from "./connection.ts";
import { askHead } from "./raw-http.ts";

/** Where programs are when an image has no PATH. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What can be seen to be wrong before anything is created. */
export async function checkSpec(container: ContainerSpec, directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw errors.COMMAND_NOT_STARTED({ reason: `the working directory ${directory} does not exist` });
  }
  for (const { source } of container.mounts) {
    if (!(await isThere(source))) throw errors.MOUNT_SOURCE_MISSING({ path: source });
  }
  for (const { host } of container.ports) {
    if (host !== 0 && !(await isFree(host))) throw errors.PORT_TAKEN({ port: host });
  }
}

/** Docker refuses more CPUs than it has, Podman does not. */
export async function checkCpus(connection: Connection, { cpus }: ContainerSpec): Promise<void> {
  if (cpus === undefined || connection.product !== "podman") return;
  const { NCPU: available = cpus } = await connection.info();
  if (cpus > available) throw errors.CPUS_UNAVAILABLE({ asked: cpus, reason: `it has ${available}` });
}

/**
 * Throws COMMAND_NOT_IN_IMAGE when a created container has no such program: the engine's init would start, and tell
 * it in the output as if the command had said so. What was found once is not looked for again.
 */
export async function checkProgram(
  connection: Connection,
  container: { readonly id: string; readonly image: string; readonly directory: string },
  program: string,
  path: string = DEFAULT_PATH,
  known: Set<string>,
): Promise<void> {
  const key = JSON.stringify([container.image, path, program]);
  const inProject = program.includes("/") && !posix.isAbsolute(program);
  if (!inProject && known.has(key)) return;
  const folders = path.split(":").filter((folder) => folder !== "");
  const places = program.includes("/")
    ? [posix.resolve(container.directory, program)]
    : folders.map((folder) => posix.join(folder, program));
  const found = await Promise.all(places.map((place) => isInContainer(connection, container.id, place)));
  if (!found.includes(true)) {
    throw errors.COMMAND_NOT_IN_IMAGE({ command: program, image: container.image });
  }
  known.add(key);
}

/** False only when the engine says so; whatever else it answers, the start will tell. */
async function isInContainer(connection: Connection, id: string, path: string): Promise<boolean> {
  const { endpoint, apiVersion } = connection;
  const query = `path=${encodeURIComponent(path)}`;
  const head = await askHead(endpoint, "HEAD", `/v${apiVersion}/containers/${id}/archive?${query}`);
  return head.status !== 404;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
