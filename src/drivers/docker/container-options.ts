import { mkdir, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type Dockerode from "dockerode";
import type { ContainerSpec } from "../../services/ports/containers.ts";
import type { StartSpec } from "../../services/ports/drivers.ts";
import { isThere, lstatOf } from "../../util/safe-files.ts";
import { DEFAULT_PATH } from "./preflight.ts";

/** What the image itself says about how it runs. */
export interface ImageDefaults {
  readonly id: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How a command is connected with the world. */
export type Streams = "recorded" | "input" | "terminal";

export interface ContainerOrder {
  readonly spec: StartSpec;
  readonly container: ContainerSpec;
  readonly image: ImageDefaults;
  readonly words: readonly string[];
  readonly streams: Streams;
  readonly logDriver: Dockerode.HostConfig["LogConfig"];
  readonly gpus: Partial<Dockerode.HostConfig>;
}

type Mount = NonNullable<Dockerode.HostConfig["Mounts"]>[number];

/** What the engine is asked to create. */
export async function containerOptions(order: ContainerOrder): Promise<Dockerode.ContainerCreateOptions> {
  const { spec, container, streams } = order;
  const hasInput = streams !== "recorded";
  const ports = container.ports.map((port) => [`${port.container}/tcp`, port] as const);
  return {
    name: `datmo-${spec.runId}`,
    Image: container.image,
    // An image's own entry point would run the command in its way, or not at all.
    Entrypoint: [],
    Cmd: [...order.words],
    Env: Object.entries(variablesOf(order)).map(([name, value]) => `${name}=${value}`),
    WorkingDir: join("/home", relative(container.root, spec.directory)),
    User: container.user,
    Labels: { ...container.labels, "datmo.run": spec.runId },
    Tty: streams === "terminal",
    OpenStdin: hasInput,
    StdinOnce: hasInput,
    AttachStdin: hasInput,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: Object.fromEntries(ports.map(([name]) => [name, {}])),
    HostConfig: {
      Init: true,
      LogConfig: order.logDriver,
      Mounts: await mountsOf(spec, container),
      PortBindings: portBindings(container),
      ...limitsOf(container),
      ...order.gpus,
    },
  };
}

/** Memory without swap beyond it, or the kernel would swap before it says that there is not enough. */
function limitsOf({ memoryBytes, cpus }: ContainerSpec): Partial<Dockerode.HostConfig> {
  return {
    ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
  };
}

/** On this machine only: an empty address would be all of them. */
function portBindings({ ports }: ContainerSpec): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const name = `${port.container}/tcp`;
    bindings[name] = [...(bindings[name] ?? []), { HostIp: "127.0.0.1", HostPort: String(port.host) }];
  }
  return bindings;
}

function variablesOf({ spec, container, image }: ContainerOrder): Record<string, string> {
  // A user that the image does not know would get `/`, where nothing can be written.
  const home = image.environment["HOME"] ?? (container.user.split(":")[0] === "0" ? undefined : "/tmp");
  return {
    PYTHONUNBUFFERED: "1",
    TINI_KILL_PROCESS_GROUP: "1",
    ...(home === undefined ? {} : { HOME: home }),
    ...pathWithTools(image, container),
    ...spec.environment,
    DATMO_RUN_ID: spec.runId,
    DATMO_TASK_DIR: "/task",
    DATMO_DATA_DIR: "/data",
    DATMO_CONFIG: "/task/config.json",
    DATMO_PROJECT_DIR: "/home",
  };
}

/** Last, so that what the image itself has under a name comes first. */
function pathWithTools({ environment }: ImageDefaults, { tools }: ContainerSpec): { readonly PATH?: string } {
  return tools === undefined ? {} : { PATH: `${environment["PATH"] ?? DEFAULT_PATH}:${tools}` };
}

/**
 * Project, task folder and data. The engine's folder is hidden by an empty one; its answers can be read but not
 * written. Binds are given as mounts: as plain binds a missing source would be created, by root.
 */
async function mountsOf(spec: StartSpec, container: ContainerSpec): Promise<Mount[]> {
  const mounts = [bind(container.root, "/home"), bind(spec.taskDirectory, "/task")];
  const reply = join(spec.taskDirectory, "reply");
  if (await isThere(reply)) mounts.push(bind(reply, "/task/reply", true));
  if (await isThere(join(container.root, ".datmo"))) {
    mounts.push(bind(await emptyFolder(container.root), "/home/.datmo", true));
  }
  const data = await defaultData(container);
  if (data) mounts.push(data);
  for (const { source, target, readOnly } of container.mounts) mounts.push(bind(source, target, readOnly));
  return mounts;
}

/** A tmpfs would do, were it not for its owner and mode: whoever walks through the project must not stumble. */
async function emptyFolder(root: string): Promise<string> {
  const path = join(root, ".datmo", "empty");
  await mkdir(path, { recursive: true });
  return path;
}

/** The project's own data folder; one that is a link (in an isolated copy) is another's, and only read. */
async function defaultData({ root, mounts }: ContainerSpec): Promise<Mount | undefined> {
  if (mounts.some(({ target }) => target === "/data" || target.startsWith("/data/"))) return undefined;
  const path = join(root, "data");
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return undefined;
  const isLink = (await lstatOf(path))?.isSymbolicLink() === true;
  return bind(await realpath(path), "/data", isLink);
}

function bind(source: string, target: string, readOnly = false): Mount {
  return { Type: "bind", Source: source, Target: target, ReadOnly: readOnly };
}
