// generated from protocol/, do not edit; npm run generate
import type { ErrorKind } from "./errors.ts";
import type {
  CancelRequestParams,
  CommandCallParams,
  CommandCallResult,
  ConfigLogParams,
  ConfigLogResult,
  DriverFetchParams,
  DriverFetchResult,
  DriverPollParams,
  DriverPollResult,
  DriverRemoveParams,
  DriverRemoveResult,
  DriverSignalParams,
  DriverSignalResult,
  DriverStartParams,
  DriverStartResult,
  EnvironmentBuildOutputParams,
  EnvironmentBuildParams,
  EnvironmentBuildResult,
  EnvironmentCatalogParams,
  EnvironmentCatalogResult,
  EnvironmentCreateParams,
  EnvironmentCreateResult,
  EnvironmentDeleteParams,
  EnvironmentDeleteResult,
  EnvironmentEntriesParams,
  EnvironmentEntriesResult,
  EnvironmentExportParams,
  EnvironmentExportResult,
  EnvironmentFilesParams,
  EnvironmentFilesResult,
  EnvironmentGetParams,
  EnvironmentGetResult,
  EnvironmentListParams,
  EnvironmentListResult,
  EnvironmentSetupParams,
  EnvironmentSetupResult,
  EnvironmentUpdateParams,
  EnvironmentUpdateResult,
  EnvironmentUseParams,
  EnvironmentUseResult,
  ExitParams,
  ExporterRunParams,
  ExporterRunResult,
  ExporterTakeParams,
  ExporterTakeResult,
  FileGetParams,
  FileGetResult,
  FileListParams,
  FileListResult,
  FileLogParams,
  FileLogResult,
  GraphGetParams,
  GraphGetResult,
  HookDeliverParams,
  HookDeliverResult,
  ImporterDetectParams,
  ImporterDetectResult,
  ImporterPageParams,
  ImporterPageResult,
  ImporterRunParams,
  ImporterRunResult,
  InitializeParams,
  InitializeResult,
  InitializedParams,
  LogMessageParams,
  MetricHistoryParams,
  MetricHistoryResult,
  MetricListParams,
  MetricListResult,
  MetricLogParams,
  MetricLogResult,
  MetricLoggedParams,
  ParserParseParams,
  ParserParseResult,
  PluginCallParams,
  PluginCallResult,
  PluginCreateParams,
  PluginCreateResult,
  PluginGetParams,
  PluginGetResult,
  PluginGrantParams,
  PluginGrantResult,
  PluginInstallParams,
  PluginInstallResult,
  PluginListParams,
  PluginListResult,
  PluginOutputParams,
  PluginRemoveParams,
  PluginRemoveResult,
  PluginRevokeParams,
  PluginRevokeResult,
  PluginStartParams,
  PluginStartResult,
  PluginTestParams,
  PluginTestResult,
  ProgressParams,
  ProjectCreateParams,
  ProjectCreateResult,
  ProjectDeleteParams,
  ProjectDeleteResult,
  ProjectDoctorParams,
  ProjectDoctorResult,
  ProjectGetParams,
  ProjectGetResult,
  ProjectStatusParams,
  ProjectStatusResult,
  ProjectUpdateParams,
  ProjectUpdateResult,
  QueueAddParams,
  QueueAddResult,
  QueueCancelParams,
  QueueCancelResult,
  QueueClaimParams,
  QueueClaimResult,
  QueueListParams,
  QueueListResult,
  RunCreateParams,
  RunCreateResult,
  RunDeleteParams,
  RunDeleteResult,
  RunDiffParams,
  RunDiffResult,
  RunFinishParams,
  RunFinishResult,
  RunGetParams,
  RunGetResult,
  RunListParams,
  RunListResult,
  RunLogsParams,
  RunLogsResult,
  RunNoteParams,
  RunOutputParams,
  RunRerunParams,
  RunRerunResult,
  RunStartParams,
  RunStartResult,
  RunStatusChangedParams,
  RunStopParams,
  RunStopResult,
  RunUndeleteParams,
  RunUndeleteResult,
  RunUpdateParams,
  RunUpdateResult,
  RunVerifyParams,
  RunVerifyResult,
  RunWaitParams,
  RunWaitResult,
  ShutdownParams,
  ShutdownResult,
  SnapshotCheckoutParams,
  SnapshotCheckoutResult,
  SnapshotCreateParams,
  SnapshotCreateResult,
  SnapshotDeleteParams,
  SnapshotDeleteResult,
  SnapshotDiffParams,
  SnapshotDiffResult,
  SnapshotExportParams,
  SnapshotExportResult,
  SnapshotGetParams,
  SnapshotGetResult,
  SnapshotListParams,
  SnapshotListResult,
  SnapshotUpdateParams,
  SnapshotUpdateResult,
  StoreFsckParams,
  StoreFsckResult,
  StoreGcParams,
  StoreGcResult,
  StorePullParams,
  StorePullResult,
  StorePurgeParams,
  StorePurgeResult,
  StorePushParams,
  StorePushResult,
  StoreSyncParams,
  StoreSyncResult,
  StoreUsageParams,
  StoreUsageResult,
  SweepGetParams,
  SweepGetResult,
  SweepListParams,
  SweepListResult,
  SweepStartParams,
  SweepStartResult,
  TaskCreateParams,
  TaskCreateResult,
  TaskGetParams,
  TaskGetResult,
  TaskListParams,
  TaskListResult,
  TaskRunParams,
  TaskRunResult,
  WorkspaceListParams,
  WorkspaceListResult,
  WorkspaceStartParams,
  WorkspaceStartResult,
  WorkspaceStopParams,
  WorkspaceStopResult,
} from "./types.ts";

/** Version of the protocol; a client and an engine with different ones do not talk. */
export const protocolVersion = 1;

/** Every method. */
export interface MethodMap {
  /** Deep-merges values into a run's config. */
  readonly "config.log": { readonly params: ConfigLogParams; readonly result: ConfigLogResult };
  /** Environments that can be set up. */
  readonly "environment.catalog": { readonly params: EnvironmentCatalogParams; readonly result: EnvironmentCatalogResult };
  /** Writes an environment of the catalogue into `datmo_environment/` and records it. */
  readonly "environment.setup": { readonly params: EnvironmentSetupParams; readonly result: EnvironmentSetupResult };
  /** Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the root, or the packages that the project's scripts import, in this order. */
  readonly "environment.create": { readonly params: EnvironmentCreateParams; readonly result: EnvironmentCreateResult };
  /** One environment: files, packages, builds, and what uses it. */
  readonly "environment.get": { readonly params: EnvironmentGetParams; readonly result: EnvironmentGetResult };
  /** Environments, newest first; the last one is the host. */
  readonly "environment.list": { readonly params: EnvironmentListParams; readonly result: EnvironmentListResult };
  /** Changes name or description. */
  readonly "environment.update": { readonly params: EnvironmentUpdateParams; readonly result: EnvironmentUpdateResult };
  /** Makes an environment the one that runs use when nothing else is said, on this machine. */
  readonly "environment.use": { readonly params: EnvironmentUseParams; readonly result: EnvironmentUseResult };
  /** Makes what an environment needs to run: an image, or a venv. */
  readonly "environment.build": { readonly params: EnvironmentBuildParams; readonly result: EnvironmentBuildResult };
  /** Deletes environments. Their images and venvs stay unless asked for. */
  readonly "environment.delete": { readonly params: EnvironmentDeleteParams; readonly result: EnvironmentDeleteResult };
  /** Writes a folder that `docker build` builds anywhere. */
  readonly "environment.export": { readonly params: EnvironmentExportParams; readonly result: EnvironmentExportResult };
  /** Writes runs as the files of another tool. */
  readonly "exporter.run": { readonly params: ExporterRunParams; readonly result: ExporterRunResult };
  /** Keeps a file with a run. */
  readonly "file.log": { readonly params: FileLogParams; readonly result: FileLogResult };
  /** Files of a run or snapshot. */
  readonly "file.list": { readonly params: FileListParams; readonly result: FileListResult };
  /** One kept file. */
  readonly "file.get": { readonly params: FileGetParams; readonly result: FileGetResult };
  /** Snapshots as nodes, runs as edges, newest first. */
  readonly "graph.get": { readonly params: GraphGetParams; readonly result: GraphGetResult };
  /** Takes over the runs of another tool. */
  readonly "importer.run": { readonly params: ImporterRunParams; readonly result: ImporterRunResult };
  /** Opens the connection; must be the first request. */
  readonly initialize: { readonly params: InitializeParams; readonly result: InitializeResult };
  /** Asks the engine to finish what it began; `exit` follows. */
  readonly shutdown: { readonly params: ShutdownParams; readonly result: ShutdownResult };
  /** Logs points: inline columns, or a stretch of a spool file. */
  readonly "metric.log": { readonly params: MetricLogParams; readonly result: MetricLogResult };
  /** The metrics of a run. */
  readonly "metric.list": { readonly params: MetricListParams; readonly result: MetricListResult };
  /** The points of one metric, in order of step. */
  readonly "metric.history": { readonly params: MetricHistoryParams; readonly result: MetricHistoryResult };
  /** Installs a plugin from a folder, or replaces the one of the same name. */
  readonly "plugin.install": { readonly params: PluginInstallParams; readonly result: PluginInstallResult };
  /** The installed plugins, by name, then those that are part of datmo. */
  readonly "plugin.list": { readonly params: PluginListParams; readonly result: PluginListResult };
  /** One plugin, and what it asks for in words. */
  readonly "plugin.get": { readonly params: PluginGetParams; readonly result: PluginGetResult };
  /** Grants permissions to a plugin, for this project and exactly its present content. */
  readonly "plugin.grant": { readonly params: PluginGrantParams; readonly result: PluginGrantResult };
  /** Takes back everything that was granted to a plugin; it is not run any more. */
  readonly "plugin.revoke": { readonly params: PluginRevokeParams; readonly result: PluginRevokeResult };
  /** Removes a plugin and what was granted to it. */
  readonly "plugin.remove": { readonly params: PluginRemoveParams; readonly result: PluginRemoveResult };
  /** Calls a command of a plugin. */
  readonly "plugin.call": { readonly params: PluginCallParams; readonly result: PluginCallResult };
  /** Writes the folder of a new plugin that works: manifest, code, tests. */
  readonly "plugin.create": { readonly params: PluginCreateParams; readonly result: PluginCreateResult };
  /** Starts a plugin's process and shakes hands, so that what is wrong shows before it is needed. */
  readonly "plugin.start": { readonly params: PluginStartParams; readonly result: PluginStartResult };
  /** Tests a plugin's folder against projects that are made for it and thrown away. */
  readonly "plugin.test": { readonly params: PluginTestParams; readonly result: PluginTestResult };
  /** Creates a project, or updates the one that is there. */
  readonly "project.create": { readonly params: ProjectCreateParams; readonly result: ProjectCreateResult };
  /** The connection's project. */
  readonly "project.get": { readonly params: ProjectGetParams; readonly result: ProjectGetResult };
  /** Changes name or description. */
  readonly "project.update": { readonly params: ProjectUpdateParams; readonly result: ProjectUpdateResult };
  /** Is anything unsaved, and against what. */
  readonly "project.status": { readonly params: ProjectStatusParams; readonly result: ProjectStatusResult };
  /** Removes `.datmo` and everything datmo keeps of the project. The project's own files stay. */
  readonly "project.delete": { readonly params: ProjectDeleteParams; readonly result: ProjectDeleteResult };
  /** What datmo found on this machine, and how to get what is missing. Works without a project. */
  readonly "project.doctor": { readonly params: ProjectDoctorParams; readonly result: ProjectDoctorResult };
  /** Records a run as queued and takes its before-snapshot; a worker executes it later. */
  readonly "queue.add": { readonly params: QueueAddParams; readonly result: QueueAddResult };
  /** Runs that wait, in the order in which workers take them. */
  readonly "queue.list": { readonly params: QueueListParams; readonly result: QueueListResult };
  /** Takes the oldest queued run that can be started and starts it in this engine. */
  readonly "queue.claim": { readonly params: QueueClaimParams; readonly result: QueueClaimResult };
  /** Takes queued runs out of the queue; they end as stopped. */
  readonly "queue.cancel": { readonly params: QueueCancelParams; readonly result: QueueCancelResult };
  /** Executes a command; answers when the run is durable and its process has started. */
  readonly "run.start": { readonly params: RunStartParams; readonly result: RunStartResult };
  /** Begins a recorded run: the caller is the run. */
  readonly "run.create": { readonly params: RunCreateParams; readonly result: RunCreateResult };
  /** Ends a recorded run. */
  readonly "run.finish": { readonly params: RunFinishParams; readonly result: RunFinishResult };
  /** One run with everything that is known of it. */
  readonly "run.get": { readonly params: RunGetParams; readonly result: RunGetResult };
  /** Runs, by default the newest first. */
  readonly "run.list": { readonly params: RunListParams; readonly result: RunListResult };
  /** Changes name, tags, note or group. */
  readonly "run.update": { readonly params: RunUpdateParams; readonly result: RunUpdateResult };
  /** Deletes runs that have ended; undone by `run.undelete` until `gc`. */
  readonly "run.delete": { readonly params: RunDeleteParams; readonly result: RunDeleteResult };
  /** Takes a deletion back. */
  readonly "run.undelete": { readonly params: RunUndeleteParams; readonly result: RunUndeleteResult };
  /** Answers when the run has ended and its after-snapshot is taken. Cancelling does not stop the run. */
  readonly "run.wait": { readonly params: RunWaitParams; readonly result: RunWaitResult };
  /** Stops a run, or all active ones: graceful, then killed. */
  readonly "run.stop": { readonly params: RunStopParams; readonly result: RunStopResult };
  /** Output of a run. */
  readonly "run.logs": { readonly params: RunLogsParams; readonly result: RunLogsResult };
  /** What differs between two runs. */
  readonly "run.diff": { readonly params: RunDiffParams; readonly result: RunDiffResult };
  /** A new run of the same task on the run's before-snapshot, in an isolated copy. */
  readonly "run.rerun": { readonly params: RunRerunParams; readonly result: RunRerunResult };
  /** Compares a repetition with its original, and says what differs and why. */
  readonly "run.verify": { readonly params: RunVerifyParams; readonly result: RunVerifyResult };
  /** Takes all five components in one step. Nothing changed: the same snapshot. */
  readonly "snapshot.create": { readonly params: SnapshotCreateParams; readonly result: SnapshotCreateResult };
  /** One snapshot with its environment. */
  readonly "snapshot.get": { readonly params: SnapshotGetParams; readonly result: SnapshotGetResult };
  /** Snapshots, newest first. */
  readonly "snapshot.list": { readonly params: SnapshotListParams; readonly result: SnapshotListResult };
  /** Changes message, label, visibility; merges config and metrics. */
  readonly "snapshot.update": { readonly params: SnapshotUpdateParams; readonly result: SnapshotUpdateResult };
  /** Deletes snapshots; content goes with `gc`. */
  readonly "snapshot.delete": { readonly params: SnapshotDeleteParams; readonly result: SnapshotDeleteResult };
  /** Brings a snapshot's code back into the project's folder. */
  readonly "snapshot.checkout": { readonly params: SnapshotCheckoutParams; readonly result: SnapshotCheckoutResult };
  /** What differs between two snapshots, or between a snapshot and the project's folder. */
  readonly "snapshot.diff": { readonly params: SnapshotDiffParams; readonly result: SnapshotDiffResult };
  /** Puts a snapshot's code and files into a folder outside `.datmo`. */
  readonly "snapshot.export": { readonly params: SnapshotExportParams; readonly result: SnapshotExportResult };
  /** Folds the journal and refreshes `datmo.sqlite` for stock sqlite3. */
  readonly "store.sync": { readonly params: StoreSyncParams; readonly result: StoreSyncResult };
  /** Reads everything the project keeps and says what is damaged. Changes nothing. */
  readonly "store.fsck": { readonly params: StoreFsckParams; readonly result: StoreFsckResult };
  /** Sends what a remote does not have: snapshots, runs, tasks and metrics. */
  readonly "store.push": { readonly params: StorePushParams; readonly result: StorePushResult };
  /** Takes in what a remote has and this project has not. */
  readonly "store.pull": { readonly params: StorePullParams; readonly result: StorePullResult };
  /** Removes what nothing needs any more: deleted runs and snapshots, and what only they used. */
  readonly "store.gc": { readonly params: StoreGcParams; readonly result: StoreGcResult };
  /** Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first. */
  readonly "store.usage": { readonly params: StoreUsageParams; readonly result: StoreUsageResult };
  /** Removes a recorded secret for good: files in everything that was recorded, or whole snapshots. */
  readonly "store.purge": { readonly params: StorePurgeParams; readonly result: StorePurgeResult };
  /** Queues a run for every combination that has none yet. */
  readonly "sweep.start": { readonly params: SweepStartParams; readonly result: SweepStartResult };
  /** A sweep with its runs. */
  readonly "sweep.get": { readonly params: SweepGetParams; readonly result: SweepGetResult };
  /** All sweeps, newest first. */
  readonly "sweep.list": { readonly params: SweepListParams; readonly result: SweepListResult };
  /** Keeps a task; the same definition is the same task. */
  readonly "task.create": { readonly params: TaskCreateParams; readonly result: TaskCreateResult };
  /** One task. */
  readonly "task.get": { readonly params: TaskGetParams; readonly result: TaskGetResult };
  /** All tasks, newest first. */
  readonly "task.list": { readonly params: TaskListParams; readonly result: TaskListResult };
  /** A new run of the task on a state, in an isolated copy. */
  readonly "task.run": { readonly params: TaskRunParams; readonly result: TaskRunResult };
  /** Starts a workspace; answers when its program answers. */
  readonly "workspace.start": { readonly params: WorkspaceStartParams; readonly result: WorkspaceStartResult };
  /** The workspaces that run. */
  readonly "workspace.list": { readonly params: WorkspaceListParams; readonly result: WorkspaceListResult };
  /** Ends workspaces gracefully; answers when their after-snapshots are taken. */
  readonly "workspace.stop": { readonly params: WorkspaceStopParams; readonly result: WorkspaceStopResult };
}

/** Every notification, whichever way it goes. */
export interface NotificationMap {
  /** Output of a build. */
  readonly "environment.buildOutput": { readonly params: EnvironmentBuildOutputParams };
  /** The client has taken in the answer to `initialize`. */
  readonly initialized: { readonly params: InitializedParams };
  /** The engine leaves. */
  readonly exit: { readonly params: ExitParams };
  /** Cancels a request; it still answers, with -32800 unless it was faster. */
  readonly "$/cancelRequest": { readonly params: CancelRequestParams };
  /** How far a request has come. */
  readonly "$/progress": { readonly params: ProgressParams };
  /** One record of the engine's log, for clients whose users cannot see a child's stderr. */
  readonly "$/logMessage": { readonly params: LogMessageParams };
  /** Points of a run were taken in; ask `metric.history` for them. Sent in batches to those who asked for it. */
  readonly "metric.logged": { readonly params: MetricLoggedParams };
  /** What a plugin of this connection's engine printed. Sent to those who asked for it. */
  readonly "plugin.output": { readonly params: PluginOutputParams };
  /** Output of a run. */
  readonly "run.output": { readonly params: RunOutputParams };
  /** A run has a new status. */
  readonly "run.statusChanged": { readonly params: RunStatusChangedParams };
  /** Something to know of a run before its command starts: where it runs and why, what was left out. */
  readonly "run.note": { readonly params: RunNoteParams };
}

/** What the engine asks plugins that provide something. */
export interface PluginCallMap {
  /** Carries out one of the plugin's commands. */
  readonly "command.call": { readonly params: CommandCallParams; readonly result: CommandCallResult };
  /** Starts a command somewhere else. */
  readonly "driver.start": { readonly params: DriverStartParams; readonly result: DriverStartResult };
  /** What came of a command since. */
  readonly "driver.poll": { readonly params: DriverPollParams; readonly result: DriverPollResult };
  /** Sends a signal to a command and everything that it started. */
  readonly "driver.signal": { readonly params: DriverSignalParams; readonly result: DriverSignalResult };
  /** Files that a command which has ended left. */
  readonly "driver.fetch": { readonly params: DriverFetchParams; readonly result: DriverFetchResult };
  /** Forgets a command: nothing of it is needed any more. */
  readonly "driver.remove": { readonly params: DriverRemoveParams; readonly result: DriverRemoveResult };
  /** What can be set up from a plugin's catalogue. */
  readonly "environment.entries": { readonly params: EnvironmentEntriesParams; readonly result: EnvironmentEntriesResult };
  /** The definition files of one choice. */
  readonly "environment.files": { readonly params: EnvironmentFilesParams; readonly result: EnvironmentFilesResult };
  /** Hands the next part of an export to the plugin, and takes pieces of files. */
  readonly "exporter.take": { readonly params: ExporterTakeParams; readonly result: ExporterTakeResult };
  /** Tells of events of one sort, in order. */
  readonly "hook.deliver": { readonly params: HookDeliverParams; readonly result: HookDeliverResult };
  /** Whether the importer can read something. */
  readonly "importer.detect": { readonly params: ImporterDetectParams; readonly result: ImporterDetectResult };
  /** The next pieces of what is imported. */
  readonly "importer.page": { readonly params: ImporterPageParams; readonly result: ImporterPageResult };
  /** Finds the metrics in the next lines of a run's output. */
  readonly "parser.parse": { readonly params: ParserParseParams; readonly result: ParserParseResult };
}

export type PluginCall = keyof PluginCallMap;

export type Method = keyof MethodMap;

/** Methods of the connection itself: answered by `rpc/`, no handler of a service. */
export type PlumbingMethod = "initialize" | "shutdown";

export type ServiceMethod = Exclude<Method, PlumbingMethod>;

/** Notifications that the engine sends. */
export type EngineNotification = "environment.buildOutput" | "$/cancelRequest" | "$/progress" | "$/logMessage" | "metric.logged" | "plugin.output" | "run.output" | "run.statusChanged" | "run.note";

/** Notifications that the engine takes. */
export type ClientNotification = "initialized" | "exit" | "$/cancelRequest";

/** A handler for each method of a service; one missing or too many does not compile. */
export type Handlers<Ctx> = {
  readonly [M in ServiceMethod]: (
    params: MethodMap[M]["params"],
    ctx: Ctx,
  ) => Promise<MethodMap[M]["result"]> | MethodMap[M]["result"];
};

export interface MethodInfo {
  readonly cancellable: boolean;
  /** It sends `$/progress` when its params hold a `progressToken`. */
  readonly progress: boolean;
  /** What a plugin or agent needs to be granted to call it. */
  readonly pluginAccess: "never" | "read" | "write" | "exec";
  readonly plumbing: boolean;
  /** Errors a caller should expect, besides those that any method may have. */
  readonly errors: readonly ErrorKind[];
}

export const methodInfo = {
  "config.log": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND"] },
  "environment.catalog": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: [] },
  "environment.setup": { cancellable: true, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "CATALOGUE_UNKNOWN", "ENVIRONMENT_FOLDER_CHANGED", "ENVIRONMENT_NAME_TAKEN", "ENVIRONMENT_INVALID", "DISK_FULL", "PLUGIN_NOT_GRANTED", "PLUGIN_OFF", "PLUGIN_CRASHED", "PLUGIN_TIMEOUT", "PLUGIN_FAILED", "PLUGIN_LIMIT", "PLUGIN_ANSWER"] },
  "environment.create": { cancellable: true, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PATH_NOT_FOUND", "PATH_INVALID", "PATH_DUPLICATE", "ENVIRONMENT_INVALID", "ENVIRONMENT_CONFLICT", "ENVIRONMENT_NAME_TAKEN", "DISK_FULL"] },
  "environment.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS"] },
  "environment.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "environment.update": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_NAME_TAKEN"] },
  "environment.use": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS"] },
  "environment.build": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_NEEDS_ENGINE", "ENVIRONMENT_INVALID", "PYTHON_NOT_FOUND", "PACKAGES_UNAVAILABLE", "VENV_FAILED", "R_NOT_AVAILABLE", "LOCK_FILE_INVALID", "DISK_FULL", "CANCELLED"] },
  "environment.delete": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_IN_USE", "ENVIRONMENT_NEEDS_ENGINE"] },
  "environment.export": { cancellable: true, progress: true, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_INVALID", "PATH_INVALID", "DISK_FULL"] },
  "exporter.run": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "RUN_NOT_FOUND", "RUN_AMBIGUOUS", "FILTER_INVALID", "EXPORT_FORMAT_UNKNOWN", "EXPORT_IN_THE_WAY", "PATH_INVALID", "PLUGIN_NOT_GRANTED", "PLUGIN_INVALID", "PLUGIN_FAILED", "PLUGIN_CRASHED", "PLUGIN_TIMEOUT", "PLUGIN_ANSWER", "DISK_FULL", "CANCELLED"] },
  "file.log": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "FILE_NOT_FOUND", "PATH_INVALID", "DISK_FULL"] },
  "file.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "SNAPSHOT_NOT_FOUND"] },
  "file.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "SNAPSHOT_NOT_FOUND", "FILE_NOT_FOUND", "PATH_INVALID"] },
  "graph.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "importer.run": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PATH_NOT_FOUND", "IMPORT_FORMAT_UNKNOWN", "IMPORT_SOURCE_UNKNOWN", "IMPORT_SOURCE_INVALID", "PLUGIN_NOT_GRANTED", "PLUGIN_FAILED", "DISK_FULL"] },
  initialize: { cancellable: false, progress: false, pluginAccess: "never", plumbing: true, errors: ["PROTOCOL_VERSION_UNSUPPORTED"] },
  shutdown: { cancellable: false, progress: false, pluginAccess: "never", plumbing: true, errors: [] },
  "metric.log": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "SPOOL_INVALID", "DISK_FULL"] },
  "metric.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS"] },
  "metric.history": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "METRIC_NOT_FOUND"] },
  "plugin.install": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "DIRECTORY_NOT_FOUND", "PLUGIN_INVALID", "PLUGIN_TOO_NEW", "PLUGIN_CONFLICT", "DENO_NOT_FOUND", "DISK_FULL", "READ_ONLY", "PLUGIN_BUILT_IN"] },
  "plugin.list": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "plugin.get": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND"] },
  "plugin.grant": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND", "PLUGIN_INVALID", "PLUGIN_NOT_ASKED", "DISK_FULL", "READ_ONLY", "PLUGIN_BUILT_IN"] },
  "plugin.revoke": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND", "PLUGIN_BUILT_IN"] },
  "plugin.remove": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND", "PLUGIN_BUILT_IN"] },
  "plugin.call": { cancellable: true, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND", "PLUGIN_INVALID", "PLUGIN_NOT_GRANTED", "PLUGIN_COMMAND_UNKNOWN", "PLUGIN_FAILED", "PLUGIN_CRASHED", "PLUGIN_TIMEOUT", "PLUGIN_OFF", "PLUGIN_LIMIT", "PLUGIN_ANSWER", "DENO_NOT_FOUND", "CANCELLED"] },
  "plugin.create": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["INVALID_PARAMS", "PATH_INVALID", "DISK_FULL", "READ_ONLY"] },
  "plugin.start": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "PLUGIN_NOT_FOUND", "PLUGIN_INVALID", "PLUGIN_NOT_GRANTED", "PLUGIN_CRASHED", "PLUGIN_TIMEOUT", "PLUGIN_FAILED", "DENO_NOT_FOUND"] },
  "plugin.test": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["DIRECTORY_NOT_FOUND", "PLUGIN_INVALID", "PLUGIN_TOO_NEW", "PLUGIN_NOT_GRANTED", "DENO_NOT_FOUND", "CANCELLED", "DISK_FULL"] },
  "project.create": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_UNWRITABLE", "DIRECTORY_NOT_FOUND", "FORMAT_NEWER"] },
  "project.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "project.update": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "project.status": { cancellable: true, progress: true, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "project.delete": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "RUN_ACTIVE"] },
  "project.doctor": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: [] },
  "queue.add": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "DRIVER_UNKNOWN", "PATH_INVALID", "SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "QUEUE_REFUSED", "DISK_FULL", "READ_ONLY", "SNAPSHOT_TRUST_NEEDED", "SECRET_MISSING", "ENV_FILE_INVALID", "PARSER_UNKNOWN", "PLUGIN_NOT_GRANTED", "PLUGIN_INVALID"] },
  "queue.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "queue.claim": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "SWEEP_NOT_FOUND", "SWEEP_AMBIGUOUS", "DISK_FULL", "READ_ONLY", "STORAGE_IO"] },
  "queue.cancel": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_NOT_ACTIVE", "RUN_ACTIVE"] },
  "run.start": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "DRIVER_UNKNOWN", "PATH_INVALID", "DISK_FULL", "READ_ONLY", "COMMAND_NOT_STARTED", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_CONFLICT", "ENVIRONMENT_INVALID", "ENVIRONMENT_NEEDS_CONTAINER", "ENVIRONMENT_NOT_CONTAINER", "ENVIRONMENT_NEEDS_ENGINE", "IMAGE_BUILD_FAILED", "DOCKERFILE_INVALID", "IMAGE_MISSING", "COMMAND_NOT_IN_IMAGE", "PORT_TAKEN", "MOUNT_SOURCE_MISSING", "MEMORY_TOO_SMALL", "CPUS_UNAVAILABLE", "GPU_NOT_AVAILABLE", "GPU_MISMATCH", "PACKAGES_UNAVAILABLE", "PYTHON_NOT_FOUND", "VENV_FAILED", "CONTAINER_ENGINE_FAILED", "SECRET_MISSING", "ENV_FILE_INVALID", "PARSER_UNKNOWN", "PLUGIN_NOT_GRANTED", "PLUGIN_INVALID"] },
  "run.create": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "RUN_NOT_ACTIVE", "DISK_FULL", "READ_ONLY"] },
  "run.finish": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_NOT_ACTIVE"] },
  "run.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_COLLECTED"] },
  "run.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["FILTER_INVALID", "SORT_INVALID"] },
  "run.update": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS"] },
  "run.delete": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_ACTIVE"] },
  "run.undelete": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_COLLECTED"] },
  "run.wait": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS"] },
  "run.stop": { cancellable: true, progress: false, pluginAccess: "write", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_NOT_ACTIVE"] },
  "run.logs": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_COLLECTED"] },
  "run.diff": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "SNAPSHOT_CORRUPT", "PATH_NOT_FOUND", "PATH_INVALID"] },
  "run.rerun": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_NOT_RERUNNABLE", "SNAPSHOT_NOT_FOUND", "RUN_TRUST_NEEDED", "COMMAND_NOT_STARTED", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_CONFLICT", "ENVIRONMENT_INVALID", "ENVIRONMENT_NEEDS_CONTAINER", "ENVIRONMENT_NOT_CONTAINER", "ENVIRONMENT_NEEDS_ENGINE", "IMAGE_BUILD_FAILED", "DOCKERFILE_INVALID", "IMAGE_MISSING", "COMMAND_NOT_IN_IMAGE", "PORT_TAKEN", "MOUNT_SOURCE_MISSING", "MEMORY_TOO_SMALL", "CPUS_UNAVAILABLE", "GPU_NOT_AVAILABLE", "GPU_MISMATCH", "PACKAGES_UNAVAILABLE", "PYTHON_NOT_FOUND", "VENV_FAILED", "CONTAINER_ENGINE_FAILED", "SECRET_MISSING", "ENV_FILE_INVALID"] },
  "run.verify": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: ["RUN_NOT_FOUND", "RUN_AMBIGUOUS", "RUN_ACTIVE"] },
  "snapshot.create": { cancellable: true, progress: true, pluginAccess: "write", plumbing: false, errors: ["PROJECT_NOT_FOUND", "RUN_NOT_FOUND", "PATH_NOT_FOUND", "PATH_INVALID", "PATH_DUPLICATE", "CONFIG_INVALID", "DISK_FULL", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_INVALID", "ENVIRONMENT_NEEDS_ENGINE", "ENVIRONMENT_CONFLICT"] },
  "snapshot.get": { cancellable: true, progress: true, pluginAccess: "read", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "SNAPSHOT_CORRUPT"] },
  "snapshot.list": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: [] },
  "snapshot.update": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS"] },
  "snapshot.delete": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "SNAPSHOT_IN_USE"] },
  "snapshot.checkout": { cancellable: true, progress: true, pluginAccess: "write", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "SNAPSHOT_CORRUPT", "WORKING_TREE_DIRTY", "PATH_IN_THE_WAY", "DISK_FULL", "CHECKOUT_INTERRUPTED"] },
  "snapshot.diff": { cancellable: true, progress: false, pluginAccess: "read", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "SNAPSHOT_NONE", "SNAPSHOT_CORRUPT", "PATH_NOT_FOUND", "PATH_INVALID"] },
  "snapshot.export": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "SNAPSHOT_CORRUPT", "PATH_INVALID"] },
  "store.sync": { cancellable: true, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "DISK_FULL"] },
  "store.fsck": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "store.push": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "REMOTE_NEEDED", "REMOTE_INVALID", "REMOTE_NOT_FOUND", "REMOTE_REFUSED", "REMOTE_BROKEN", "REMOTE_NEWER", "SHARE_REFUSED", "GIT_NEEDED", "DISK_FULL", "SHARE_BUSY"] },
  "store.pull": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "REMOTE_NEEDED", "REMOTE_INVALID", "REMOTE_NOT_FOUND", "REMOTE_REFUSED", "REMOTE_BROKEN", "REMOTE_NEWER", "SHARE_REFUSED", "GIT_NEEDED", "DISK_FULL"] },
  "store.gc": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "STORE_DAMAGED", "SNAPSHOT_CORRUPT", "DISK_FULL", "READ_ONLY"] },
  "store.usage": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "STORE_DAMAGED"] },
  "store.purge": { cancellable: true, progress: true, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND", "NOTHING_TO_PURGE", "SNAPSHOT_AMBIGUOUS", "PATH_INVALID", "RUN_ACTIVE", "STORE_DAMAGED", "SNAPSHOT_CORRUPT", "DISK_FULL", "READ_ONLY"] },
  "sweep.start": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "SWEEP_NOT_FOUND", "SWEEP_AMBIGUOUS", "SWEEP_INVALID", "DRIVER_UNKNOWN", "PATH_INVALID", "CONFIG_INVALID", "QUEUE_REFUSED", "DISK_FULL", "READ_ONLY", "SECRET_MISSING", "ENV_FILE_INVALID", "PARSER_UNKNOWN", "PLUGIN_NOT_GRANTED", "PLUGIN_INVALID"] },
  "sweep.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["SWEEP_NOT_FOUND", "SWEEP_AMBIGUOUS"] },
  "sweep.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: [] },
  "task.create": { cancellable: false, progress: false, pluginAccess: "write", plumbing: false, errors: ["PATH_INVALID"] },
  "task.get": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: ["TASK_NOT_FOUND", "TASK_AMBIGUOUS"] },
  "task.list": { cancellable: false, progress: false, pluginAccess: "read", plumbing: false, errors: [] },
  "task.run": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["TASK_NOT_FOUND", "TASK_AMBIGUOUS", "TASK_NOT_RUNNABLE", "TASK_TRUST_NEEDED", "SNAPSHOT_NOT_FOUND", "SNAPSHOT_AMBIGUOUS", "COMMAND_NOT_STARTED", "SECRET_MISSING", "ENV_FILE_INVALID", "PARSER_UNKNOWN", "PLUGIN_NOT_GRANTED", "PLUGIN_INVALID"] },
  "workspace.start": { cancellable: true, progress: true, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "DRIVER_UNKNOWN", "PATH_INVALID", "DISK_FULL", "READ_ONLY", "COMMAND_NOT_STARTED", "ENVIRONMENT_NOT_FOUND", "ENVIRONMENT_AMBIGUOUS", "ENVIRONMENT_CONFLICT", "ENVIRONMENT_INVALID", "ENVIRONMENT_NEEDS_CONTAINER", "ENVIRONMENT_NOT_CONTAINER", "ENVIRONMENT_NEEDS_ENGINE", "IMAGE_BUILD_FAILED", "DOCKERFILE_INVALID", "IMAGE_MISSING", "COMMAND_NOT_IN_IMAGE", "PORT_TAKEN", "MOUNT_SOURCE_MISSING", "MEMORY_TOO_SMALL", "CPUS_UNAVAILABLE", "GPU_NOT_AVAILABLE", "GPU_MISMATCH", "PACKAGES_UNAVAILABLE", "PYTHON_NOT_FOUND", "VENV_FAILED", "CONTAINER_ENGINE_FAILED", "SECRET_MISSING", "ENV_FILE_INVALID", "WORKSPACE_FAILED", "WORKSPACE_NOT_READY", "WORKSPACE_PROGRAM_MISSING", "RUN_NOT_FOUND", "RUN_NOT_RERUNNABLE", "RUN_TRUST_NEEDED"] },
  "workspace.list": { cancellable: false, progress: false, pluginAccess: "never", plumbing: false, errors: ["PROJECT_NOT_FOUND"] },
  "workspace.stop": { cancellable: true, progress: false, pluginAccess: "exec", plumbing: false, errors: ["PROJECT_NOT_FOUND", "RUN_NOT_FOUND", "RUN_NOT_ACTIVE", "WORKSPACE_NOT_FOUND"] },
} as const satisfies Record<Method, MethodInfo>;
