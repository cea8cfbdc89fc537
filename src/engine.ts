import { join, resolve } from "node:path";
import { createSupervisorSpawner } from "./drivers/host/supervisor-process.ts";
import { builtinParts } from "./engine-builtins.ts";
import { driverParts } from "./engine-drivers.ts";
import { eventsOf, SILENT } from "./engine-events.ts";
import {
  engineBeside,
  methodCaller,
  type PluginPlaces,
  pluginParts,
  pluginTools,
  projectHooks,
} from "./engine-plugins.ts";
import { createHandlers } from "./methods/handlers.ts";
import { errors } from "./protocol/errors.ts";
import { methodInfo } from "./protocol/methods.ts";
import { validateParams } from "./protocol/validators.js";
import type { EngineParts } from "./rpc/dispatch.ts";
import type { Session } from "./rpc/server.ts";
import { deliverEvents } from "./services/hooks/deliver.ts";
import type { Capture } from "./services/ports/capture.ts";
import type { Collector } from "./services/ports/collecting.ts";
import type { ContainerEngine } from "./services/ports/containers.ts";
import type { DataContents } from "./services/ports/data.ts";
import type { ShareParts } from "./services/ports/sharing.ts";
import type { SnapshotStore } from "./services/ports/snapshots.ts";
import type { GpuMeter } from "./services/ports/usage.ts";
import type { Venvs } from "./services/ports/venvs.ts";
import type { OpenProject, ProjectFactory } from "./services/project/open-project.ts";
import { closeProject } from "./services/project/project-access.ts";
import type { ExecutionContext } from "./services/runs/execution.ts";
import { answerJournalRequest } from "./services/runs/journal-requests.ts";
import { createDetach, superviseRun } from "./services/runs/supervisor.ts";
import { createUnfinishedRuns } from "./services/runs/unfinished-runs.ts";
import { createServices } from "./services/services.ts";
import { createStoreLayout, readLayout } from "./store/db/layout.ts";
import { openRecordStore } from "./store/db/record-store.ts";
import { openRuns } from "./store/journal/open-runs.ts";
import { openQueue } from "./store/journal/queue-folder.ts";
import { openTaskFolder } from "./store/journal/task-folder.ts";
import { openWorkspaceNotes } from "./store/journal/workspace-notes.ts";
import { openSeriesStore } from "./store/series/series-store.ts";
import { openContentKeys } from "./store/snapshots/content-keys.ts";
import type { SnapshotStoreOptions } from "./store/snapshots/snapshot-store.ts";
import type { JsonObject } from "./util/json.ts";
import { lazyObject } from "./util/lazy-object.ts";
import { identityOf, thisProcess } from "./util/process-identity.ts";
import { findProjectRoot } from "./util/project-root.ts";
import { cacheFolder } from "./util/user-folders.ts";

/** The engine's environment: everything that is read from outside comes in here. */
export interface EngineEnvironment {
  readonly directory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The engine's own entry file, for supervisors. */
  readonly engineFile: string;
  /** The process's standard streams are the user's, so that an interactive command may have them. Absent: no. */
  readonly hasTerminal?: boolean;
  /** Absent: the one that answers on this machine. */
  readonly containers?: ContainerEngine;
}

/**
 * The composition root: builds what serves one connection. Everything in here wakes up on first use; a
 * training script's engine never opens the database, a listing never opens the git store.
 */
export async function openEngine(session: Session, environment: EngineEnvironment): Promise<EngineParts> {
  const { initialize } = session;
  // Plugins call back what is made after them.
  let callMethod: PluginPlaces["callMethod"] | undefined;
  const services = createServices({
    start: resolve(environment.directory, initialize.projectDir ?? "."),
    factory: projectFactory(environment, session.log, {
      callMethod: async (...call) => callMethod!(...call),
      ...(session.wants("plugin.output")
        ? { heard: (name: string, text: string) => session.notify("plugin.output", { name, text }) }
        : {}),
    }),
    events: eventsOf(session),
    environment: environment.variables,
    hasTerminal: environment.hasTerminal === true,
    findTools: async (variables) => (await import("./drivers/capture/doctor.ts")).findTools(variables),
    findGpus: async (variables) => (await import("./drivers/capture/doctor.ts")).findMachineGpus(variables),
    detach: createDetach(createSupervisorSpawner(environment.engineFile)),
    ...pluginTools(environment.variables),
    makeThrowAways: async () =>
      (await import("./engine-throw-away.ts")).makeThrowAways(openEngine, environment),
    clientProcess: async () => (await identityOf(initialize.processId ?? process.ppid)) ?? thisProcess(),
  });
  const handlers = createHandlers(services) as unknown as EngineParts["handlers"];
  callMethod = methodCaller({ handlers, validateParams }, session.log);
  return {
    handlers,
    validateParams,
    methodInfo,
    close: () => services.close(),
  };
}

/** The life of a supervisor process: owns one detached run to its end. */
export async function supervise(
  order: { readonly runId: string; readonly projectDirectory: string },
  environment: EngineEnvironment,
  started: () => void,
): Promise<void> {
  // It has no methods of its own: plugins that call back are answered by an engine beside it.
  const directory = order.projectDirectory;
  const beside = engineBeside((session) => openEngine(session, { ...environment, directory }));
  const project = await openProject(directory, environment, () => undefined, beside);
  const context: ExecutionContext = {
    project,
    events: SILENT,
    environment: environment.variables,
    hasTerminal: false,
    answer: (runId, method, params, asker) => answerJournalRequest(project, asker, runId, method, params),
    unfinished: createUnfinishedRuns(),
    // A supervisor owns no recorded run, and only those leave work behind.
    beforeLeaving: () => undefined,
  };
  await superviseRun(context, order.runId, started);
  await closeProject(project);
  await beside.close();
}

/** The life of a deliverer process. What plugins do in it fires no hooks: it could go on for ever. */
export async function deliverHooks(directory: string, outer: EngineEnvironment): Promise<void> {
  const environment = { ...outer, directory, variables: { ...outer.variables, DATMO_HOOKS: "off" } };
  const beside = engineBeside((session) => openEngine(session, environment));
  const project = await openProject(directory, environment, () => undefined, beside);
  await deliverEvents(project);
  await closeProject(project);
  await beside.close();
}

function projectFactory(
  environment: EngineEnvironment,
  log: Session["log"],
  plugins: Pick<PluginPlaces, "callMethod" | "heard">,
): ProjectFactory {
  return {
    find: findProjectRoot,
    open: (directory) => openProject(directory, environment, log, plugins),
    async createLayout(directory) {
      try {
        await createStoreLayout(join(directory, ".datmo"));
      } catch (error) {
        const full = ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
        if (full) throw errors.DISK_FULL({ operation: "the project", directory }, { cause: error });
        throw errors.PROJECT_UNWRITABLE({ directory, reason: (error as Error).message }, { cause: error });
      }
    },
  };
}

async function openProject(
  directory: string,
  environment: EngineEnvironment,
  log: Session["log"],
  calls: Pick<PluginPlaces, "callMethod" | "heard">,
): Promise<OpenProject> {
  const datmo = join(directory, ".datmo");
  const layout = await readLayout(datmo).catch((error: Error) => {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    throw errors.STORE_UNREADABLE({ reason: error.message }, { cause: error });
  });
  const onProblem = (problem: { kind: string; message: string; details: JsonObject }): void =>
    log("warn", problem.message, { kind: problem.kind, ...problem.details });
  const { variables } = environment;
  const plugins = pluginParts({ ...calls, projectId: layout.project, directory, datmo, variables });
  const taskDirectory = (runId: string): string => join(datmo, "tasks", runId);
  return {
    id: layout.project,
    directory,
    datmo,
    taskDirectory,
    records: openRecordStore({ directory: datmo, onProblem }),
    series: openSeriesStore({ directory: datmo, onProblem }),
    snapshots: lazySnapshots({ projectDirectory: directory, datmoDirectory: datmo }),
    collector: lazyObject<Collector>(
      async () =>
        (await import("./store/snapshots/collect/collector.ts")).openCollector({ datmoDirectory: datmo }),
      {},
    ),
    snapshotsAt: (other, exclude) =>
      lazySnapshots({ projectDirectory: other, datmoDirectory: datmo, exclude, separate: true }),
    share: shareParts(datmo, environment),
    capture: lazyObject<Capture>(
      async () =>
        (await import("./drivers/capture/capture.ts")).createCapture({
          projectDirectory: directory,
          cacheDirectory: join(datmo, "cache"),
          environment: environment.variables,
        }),
      {},
    ),
    data: lazyObject<DataContents>(
      async () => (await import("./store/data/data-contents.ts")).openDataContents({ datmoDirectory: datmo }),
      {},
    ),
    openRuns: openRuns(join(datmo, "open")),
    queue: openQueue(join(datmo, "queue")),
    contentKeys: openContentKeys(join(datmo, "git")),
    plugins,
    hooks: projectHooks(directory, plugins, environment),
    ...driverParts(environment),
    containers: environment.containers ?? containerEngine(environment),
    gpuMeter: lazyObject<GpuMeter>(
      async () =>
        (await import("./drivers/gpu/gpu-meter.ts")).createGpuMeter({ variables: environment.variables }),
      {},
    ),
    venvs: lazyObject<Venvs>(
      async () => (await import("./drivers/venv/venvs.ts")).createVenvs({ variables: environment.variables }),
      {},
    ),
    ...builtinParts(),
    loopback: lazyObject<OpenProject["loopback"]>(
      async () =>
        (await import("./drivers/loopback/loopback.ts")).createLoopback(
          join(cacheFolder(environment.variables), "ports"),
        ),
      {},
    ),
    workspaces: openWorkspaceNotes(join(datmo, "workspaces")),
    taskFolder: (runId, spoolDirectory) =>
      openTaskFolder({
        taskDirectory: taskDirectory(runId),
        runId,
        ...(spoolDirectory === undefined ? {} : { spoolDirectory }),
        onProblem: (problem) => log("warn", problem),
      }),
  };
}

function lazySnapshots(options: SnapshotStoreOptions): SnapshotStore {
  return lazyObject<SnapshotStore>(
    async () => (await import("./store/snapshots/snapshot-store.ts")).openSnapshotStore(options),
    {},
  );
}

function containerEngine({ variables }: EngineEnvironment): ContainerEngine {
  return lazyObject<ContainerEngine>(
    async () =>
      (await import("./drivers/docker/container-engine.ts")).openContainerEngine({
        environment: variables,
      }),
    {},
  );
}

/** The parts of sharing are loaded by the first push or pull. */
function shareParts(datmo: string, environment: EngineEnvironment): ShareParts {
  return {
    store: lazyObject<ShareParts["store"]>(
      async () =>
        (await import("./store/snapshots/share/share-store.ts")).openShareStore({ datmoDirectory: datmo }),
      {},
    ),
    images: lazyObject<ShareParts["images"]>(
      async () => (await import("./store/series/series-images.ts")).openSeriesImages({ directory: datmo }),
      {},
    ),
    transport: lazyObject<ShareParts["transport"]>(
      async () =>
        (await import("./store/snapshots/transfer/transport.ts")).openTransport({
          datmoDirectory: datmo,
          environment: environment.variables,
        }),
      {},
    ),
  };
}
