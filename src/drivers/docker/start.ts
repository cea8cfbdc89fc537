import { posix, relative, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { DatmoError, errors } from "../../protocol/errors.ts";
import type { ContainerFacts, ContainerSpec } from "../../services/ports/containers.ts";
import type { ExitFact, StartedProcess, StartSpec } from "../../services/ports/drivers.ts";
import type { JsonObject } from "../../util/json.ts";
import { commandWords, programOf } from "./command-line.ts";
import type { Connection } from "./connection.ts";
import { containerOptions, type ImageDefaults, type Streams } from "./container-options.ts";
import {
  type ContainerState,
  createContainer,
  inspectContainer,
  isRunning,
  removeContainer,
  waitForEnd,
} from "./container-state.ts";
import { copyOutput } from "./copy-output.ts";
import { engineError, isGpuRefusal, reasonOf } from "./engine-errors.ts";
import { leaveExit, recoverOutput, removeEnded } from "./finish.ts";
import { checkedWords, seenGpus } from "./gpu-check.ts";
import { gpuNotAvailable } from "./gpu-errors.ts";
import type { GpuPlaces } from "./gpu-places.ts";
import { planGpus } from "./gpu-ways.ts";
import { inspectImage, isImageName, noName } from "./images.ts";
import { openOutputLog } from "./output-log.ts";
import { checkCpus, checkProgram, checkSpec } from "./preflight.ts";
import { upgrade } from "./raw-http.ts";
import { prepareTaskFolder, removeContainerFile, writeContainerFile } from "./task-folder.ts";
import { isTerminal, joinTerminal, openTranscript, passInput, type Terminal } from "./terminal.ts";

/** What a driver keeps from one start to the next. */
export interface StartContext {
  readonly connection: Connection;
  readonly terminal: Terminal;
  /** By image: what never changes for a content id. */
  readonly images: Map<string, ImageDefaults>;
  /** Programs that were found in images. */
  readonly programs: Set<string>;
  /** Where this machine shows its GPUs; default where every machine does. */
  readonly gpuPlaces?: GpuPlaces | undefined;
}

/** A container that was created and whose output is listened to, before and after its start. */
interface Attached {
  readonly id: string;
  /** Called right after the start. */
  begin(): Promise<void>;
  /** Resolves when all output is in output.log. Rejects when some of it is not. */
  readonly output: Promise<void>;
  /** Lets go of a container that was not started. */
  drop(): Promise<void>;
}

/** Starts a command in a container of its own. When it cannot be started nothing is left behind. */
export async function startContainer(context: StartContext, spec: StartSpec): Promise<StartedProcess> {
  const container = spec.container;
  if (!container) throw errors.COMMAND_NOT_STARTED({ reason: "no image was given" });
  if (spec.command.kind === "argv" && !spec.command.argv[0]) {
    throw errors.COMMAND_NOT_STARTED({ reason: "no command was given" });
  }
  await checkSpec(container, resolve(spec.directory));
  await prepareTaskFolder(spec.taskDirectory, container.user).catch((error: unknown) => {
    throw folderError(error, spec.taskDirectory);
  });
  const { connection } = context;
  try {
    await checkCpus(connection, container);
    const image = await imageDefaults(context, container.image);
    const attached = await startSomeWay(context, spec, container, image);
    return await running(connection, spec, container, attached);
  } catch (error) {
    await removeContainerFile(spec.taskDirectory);
    throw engineError(error, {
      endpoint: connection.endpoint.name,
      image: container.image,
      command: programOf(commandWords(spec.command, connection.product)),
      ...(container.memoryBytes === undefined ? {} : { memoryBytes: container.memoryBytes }),
      ...(container.cpus === undefined ? {} : { cpus: container.cpus }),
    });
  }
}

/** With GPUs there are several ways to ask for them; the first that the engine does not refuse is taken. */
async function startSomeWay(
  context: StartContext,
  spec: StartSpec,
  container: ContainerSpec,
  image: ImageDefaults,
): Promise<Attached> {
  const { connection, gpuPlaces } = context;
  if (!container.gpus) return createAndStart(context, spec, container, image, {});
  const plan = await planGpus(connection, container.gpus, gpuPlaces);
  const refusals: string[] = [];
  for (const gpus of plan.attempts) {
    try {
      return await createAndStart(context, spec, container, image, gpus);
    } catch (error) {
      if (!isGpuRefusal(error)) throw error;
      refusals.push(reasonOf(error));
    }
  }
  throw gpuNotAvailable(plan, container.gpus, refusals.join("; "), gpuPlaces);
}

async function createAndStart(
  context: StartContext,
  spec: StartSpec,
  container: ContainerSpec,
  image: ImageDefaults,
  gpus: object,
): Promise<Attached> {
  const { connection, terminal } = context;
  const streams = !spec.interactive ? "recorded" : isTerminal(terminal) ? "terminal" : "input";
  const command = commandWords(spec.command, connection.product);
  const words = container.gpus ? checkedWords(container.gpus, command) : command;
  const logDriver = { Type: connection.product === "podman" ? "k8s-file" : "local", Config: {} };
  // Nothing may be thrown away before it is in output.log.
  if (logDriver.Type === "local") {
    logDriver.Config = { "max-size": "1000g", "max-file": "1", compress: "false" };
  }
  const options = await containerOptions({ spec, container, image, words, streams, logDriver, gpus });
  const id = await createContainer(connection, options);
  let attached: Attached | undefined;
  try {
    await writeContainerFile(spec.taskDirectory, { container: id, engine: connection.endpoint.name });
    const path = spec.environment["PATH"] ?? image.environment["PATH"];
    const directory = posix.join("/home", relative(container.root, spec.directory));
    const where = { id, image: container.image, directory };
    // With GPUs come programs that no image has, such as nvidia-smi: they are there once it is started.
    const checked = container.gpus
      ? Promise.resolve()
      : checkProgram(connection, where, programOf(command), path, context.programs);
    checked.catch(() => {});
    attached = await attach(context, spec, id, streams);
    await checked;
    await connection.ask("POST", `/containers/${id}/start`);
    await attached.begin();
    return attached;
  } catch (error) {
    await attached?.drop();
    await removeContainer(connection, id).catch(() => {});
    throw error;
  }
}

async function attach(
  context: StartContext,
  spec: StartSpec,
  id: string,
  streams: Streams,
): Promise<Attached> {
  const { connection, terminal } = context;
  const log = await openOutputLog(spec.taskDirectory);
  const query = ["stream=1", "stdout=1", "stderr=1"];
  if (streams !== "recorded") query.push("stdin=1");
  // The engine's own keys for leaving would swallow Ctrl-P.
  if (streams === "terminal") query.push(`detachKeys=${encodeURIComponent("ctrl-@,ctrl-@,ctrl-@,ctrl-@")}`);
  const path = `/v${connection.apiVersion}/containers/${id}/attach?${query.join("&")}`;
  let stream: Duplex;
  try {
    stream = await upgrade(connection.endpoint, path);
  } catch (error) {
    await log.close();
    throw error;
  }
  if (streams === "terminal") {
    await log.close();
    const cast = spec.transcript === undefined ? undefined : await openTranscript(spec.transcript, terminal);
    const joined = joinTerminal(connection, id, stream, terminal, cast);
    return { id, begin: joined.begin, output: joined.done, drop: () => drop(stream, joined.done) };
  }
  const stopInput = streams === "input" ? passInput(stream, terminal.stdin) : undefined;
  const output = copyOutput(stream, log)
    .finally(() => log.close())
    .finally(() => {
      stopInput?.();
      stream.destroy();
    });
  output.catch(() => {});
  return { id, begin: async () => {}, output, drop: () => drop(stream, output) };
}

async function drop(stream: Duplex, output: Promise<void>): Promise<void> {
  stream.destroy();
  await output.catch(() => {});
}

/** What a started container is: its facts are told, GPUs included, before anybody says that the command runs. */
async function running(
  connection: Connection,
  spec: StartSpec,
  container: ContainerSpec,
  attached: Attached,
): Promise<StartedProcess> {
  const { id } = attached;
  try {
    const gpus = container.gpus
      ? await checkGpus(connection, spec.taskDirectory, container.gpus, id)
      : undefined;
    const state = await inspectContainer(connection, id);
    const ended = follow(connection, spec.taskDirectory, attached, state);
    const exited = ended.then(async (exit) => {
      await removeEnded(connection, spec.taskDirectory, id);
      return exit;
    });
    exited.catch(() => {});
    return { pid: state?.State.Pid ?? 0, container: factsOf(id, container, state, gpus), ended, exited };
  } catch (error) {
    await removeContainer(connection, id).catch(() => {});
    await attached.drop();
    throw error;
  }
}

function checkGpus(
  connection: Connection,
  taskDirectory: string,
  request: NonNullable<ContainerSpec["gpus"]>,
  id: string,
): Promise<readonly JsonObject[]> {
  return seenGpus(taskDirectory, request, async () => {
    const state = await inspectContainer(connection, id);
    return !state || !isRunning(state);
  });
}

function factsOf(
  containerId: string,
  { image, ports: asked }: ContainerSpec,
  state: ContainerState | undefined,
  gpus: readonly JsonObject[] | undefined,
): ContainerFacts {
  const bound = Object.entries(state?.NetworkSettings.Ports ?? {}).flatMap(([name, found]) =>
    (found ?? []).map((port) => ({ host: Number(port.HostPort), container: Number.parseInt(name, 10) })),
  );
  const ports = bound.length > 0 ? bound : asked;
  return { containerId, imageId: image, ...(gpus && { gpus }), ...(ports.length > 0 && { ports }) };
}

/** Waits for output and end. What the connection lost is taken from the engine's record before the end is told. */
async function follow(
  connection: Connection,
  taskDirectory: string,
  attached: Attached,
  begun: ContainerState | undefined,
): Promise<ExitFact> {
  const [output, state] = await Promise.all([
    attached.output.then(
      () => undefined,
      (error: unknown) => error,
    ),
    // A quick one has ended when it is looked at for the first time.
    begun?.State.Status === "exited" ? begun : waitForEnd(connection, attached.id),
  ]);
  if (!state) throw errors.CONTAINER_ENGINE_FAILED({ reason: `container ${attached.id} was removed` });
  if (output !== undefined) {
    await recoverOutput(connection, taskDirectory, state).catch((error: unknown) => {
      throw folderError(error, taskDirectory);
    });
  }
  return leaveExit(taskDirectory, state);
}

async function imageDefaults(
  { connection, images }: StartContext,
  reference: string,
): Promise<ImageDefaults> {
  const known = images.get(reference);
  if (known) return known;
  if (!isImageName(reference)) throw noName(reference);
  const found = await inspectImage(connection, reference);
  const variables = (found.Config.Env ?? []).map((entry): [string, string] => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  const image = { id: found.Id, environment: Object.fromEntries(variables) };
  // A name can be given to another image.
  if (/^sha256:[0-9a-f]{64}$/.test(reference)) images.set(reference, image);
  return image;
}

function folderError(error: unknown, taskDirectory: string): Error {
  if (error instanceof DatmoError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return errors.DISK_FULL({ operation: "the run", directory: taskDirectory }, { cause: error });
  }
  if (code === "EROFS") return errors.READ_ONLY({ reason: message }, { cause: error });
  const reason = code === "EEXIST" ? `a command was started in ${taskDirectory} before` : message;
  return errors.COMMAND_NOT_STARTED({ reason }, { cause: error });
}
