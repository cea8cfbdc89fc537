import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  Driver,
  ExitFact,
  ProcessState,
  StartedProcess,
  StartSpec,
} from "../../services/ports/drivers.ts";
import { livenessOf } from "../../util/process-identity.ts";
import { readExitFile } from "../exit-file.ts";
import { type Connection, type ConnectionOptions, connect } from "./connection.ts";
import type { ImageDefaults } from "./container-options.ts";
import { type ContainerState, inspectContainer, isRunning, removeContainer } from "./container-state.ts";
import { engineError } from "./engine-errors.ts";
import { collectEnded } from "./finish.ts";
import type { GpuPlaces } from "./gpu-places.ts";
import { startContainer } from "./start.ts";
import { type StopOptions, stopContainer } from "./stop.ts";
import { type ContainerFile, hadContainer, readContainerFile } from "./task-folder.ts";
import type { Terminal } from "./terminal.ts";

export interface DockerDriverOptions extends ConnectionOptions {
  /** What an interactive command gets; default this process's own three. */
  readonly terminal?: Terminal;
  /** Where this machine shows its GPUs; default where every machine does. */
  readonly gpuPlaces?: GpuPlaces;
}

/** How long another engine that owns a stopped run may take to record its end, milliseconds. */
const OWNER_MS = 5000;

/**
 * Runs commands in containers of Docker or Podman.
 *
 * Output goes to `output.log` through this process, and is kept by the engine until it is all there; so is the end.
 * When this process is killed the container goes on, and whoever looks next takes what is missing: `inspect` of a
 * container that has ended completes `output.log`, writes `exit.json` and removes the container. As on the host, an
 * interactive command on a terminal writes to that terminal and its output is not recorded.
 *
 * `environment` of a start is for the container: the machine's own variables do not belong in it.
 */
export function createDockerDriver(options: DockerDriverOptions = {}): Driver {
  const terminal = options.terminal ?? { stdin: 0, stdout: 1, stderr: 2 };
  const images = new Map<string, ImageDefaults>();
  const programs = new Set<string>();
  /** Runs of this process. */
  const active = new Map<string, Promise<ExitFact>>();

  async function start(spec: StartSpec): Promise<StartedProcess> {
    const { taskDirectory } = spec;
    const connection = await connect(options);
    const starting = startContainer(
      { connection, terminal, images, programs, gpuPlaces: options.gpuPlaces },
      spec,
    );
    const exited = starting
      .then((started) => started.exited)
      .finally(() => {
        if (active.get(taskDirectory) === exited) active.delete(taskDirectory);
        connection.close();
      });
    exited.catch(() => {});
    // A folder that is used already belongs to the run that is in it.
    if (!active.has(taskDirectory)) active.set(taskDirectory, exited);
    return { ...(await starting), exited };
  }

  async function stop(taskDirectory: string, how: StopOptions): Promise<void> {
    const file = await readContainerFile(taskDirectory);
    if (!file || (await isDone(taskDirectory, file))) return;
    const isStarting = await withEngine(options, file.engine, async (connection) => {
      const state = await ownContainer(connection, taskDirectory, file);
      const didRun = state !== undefined && (await stopContainer(connection, state.Id, how));
      return state?.State.Status === "created" && !didRun;
    });
    // Nothing of it runs now, as was asked; whoever wants to prevent its start as well asks again.
    if (isStarting && (await livenessOf(file.owner)) === "alive") return;
    await active.get(taskDirectory)?.catch(() => {});
    await settled(options, taskDirectory, file);
  }

  return {
    name: "docker",
    start,
    inspect: (taskDirectory) => inspectRun(options, taskDirectory, active.has(taskDirectory)),
    stop,
    usage: async (taskDirectory) => (await import("./usage.ts")).watchContainer(options, taskDirectory),
  };
}

/** Its end is told, and nobody has to look at the engine for it. */
async function isDone(taskDirectory: string, file: ContainerFile): Promise<boolean> {
  if ((await livenessOf(file.owner)) === "gone") return false;
  return (await readExitFile(taskDirectory)) !== undefined;
}

/** After a stop: the end is recorded by its owner, or by us when that is gone. */
async function settled(
  options: DockerDriverOptions,
  taskDirectory: string,
  file: ContainerFile,
): Promise<void> {
  const until = Date.now() + OWNER_MS;
  while ((await livenessOf(file.owner)) === "alive" && Date.now() < until) {
    if (await readExitFile(taskDirectory)) return;
    await sleep(20);
  }
  await inspectRun(options, taskDirectory, false);
}

async function inspectRun(
  options: DockerDriverOptions,
  taskDirectory: string,
  isOurs: boolean,
): Promise<ProcessState> {
  const file = await readContainerFile(taskDirectory);
  if (!file)
    return (await hadContainer(taskDirectory)) ? { state: "gone" } : { state: "gone", unstarted: true };
  const exit = await readExitFile(taskDirectory);
  const owner = await livenessOf(file.owner);
  // Its owner takes in output and end; two at once would write everything twice.
  if (exit && owner !== "gone") return { state: "ended", exit };
  if (owner !== "gone" && (isOurs || file.owner.pid !== process.pid)) {
    return { state: "alive", pid: file.owner.pid };
  }
  try {
    return await withEngine(options, file.engine, (connection) =>
      lookAt(connection, taskDirectory, file, exit),
    );
  } catch (error) {
    if (exit) return { state: "ended", exit };
    throw error;
  }
}

/** What the engine says is the truth; the run itself may write to its task folder. */
async function lookAt(
  connection: Connection,
  taskDirectory: string,
  file: ContainerFile,
  exit: ExitFact | undefined,
): Promise<ProcessState> {
  const state = await ownContainer(connection, taskDirectory, file);
  if (!state) return exit ? { state: "ended", exit } : { state: "gone" };
  if (isRunning(state)) return { state: "alive", pid: state.State.Pid };
  if (state.State.Status === "created") {
    await removeContainer(connection, state.Id);
    return { state: "gone" };
  }
  return collectEnded(connection, taskDirectory, file, state);
}

/** Undefined when it is gone, or when it is not this run's: nobody else's container is ever touched. */
async function ownContainer(
  connection: Connection,
  taskDirectory: string,
  file: ContainerFile,
): Promise<ContainerState | undefined> {
  const state = await inspectContainer(connection, file.container);
  return state?.Config.Labels["datmo.run"] === basename(taskDirectory) ? state : undefined;
}

async function withEngine<T>(
  options: DockerDriverOptions,
  engine: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(options, engine);
  try {
    return await work(connection);
  } catch (error) {
    throw engineError(error, { endpoint: connection.endpoint.name });
  } finally {
    connection.close();
  }
}
