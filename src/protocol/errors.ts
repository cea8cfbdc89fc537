// generated from protocol/, do not edit; npm run generate
import type { JsonObject } from "./types.ts";

export type ErrorCategory = "protocol" | "project" | "run" | "snapshot" | "environment" | "container" | "store" | "plugin";

/** Details of each kind of error, by kind. */
export interface ErrorDetails {
  readonly PARSE_ERROR: { readonly reason: string };
  readonly INVALID_REQUEST: { readonly reason: string };
  readonly METHOD_NOT_FOUND: { readonly method: string };
  readonly INVALID_PARAMS: { readonly summary: string; readonly problems: readonly { readonly path: string; readonly message: string }[] };
  readonly INTERNAL_ERROR: { readonly reference: string; readonly reason: string };
  readonly NOT_INITIALIZED: { readonly [name: string]: never };
  readonly CANCELLED: { readonly [name: string]: never };
  readonly PROJECT_NOT_FOUND: { readonly directory: string };
  readonly PROJECT_TOO_LARGE: { readonly megabytes: number; readonly limitMegabytes: number };
  readonly FORMAT_NEWER: { readonly found: number; readonly known: number };
  readonly PROJECT_UNWRITABLE: { readonly directory: string; readonly reason: string };
  readonly DIRECTORY_NOT_FOUND: { readonly directory: string };
  readonly PROJECT_MOVED: { readonly directory: string; readonly id: string; readonly exitCode: number };
  readonly RUN_NOT_FOUND: { readonly id: string };
  readonly RUN_AMBIGUOUS: { readonly id: string; readonly count: number; readonly list: string; readonly candidates: readonly string[] };
  readonly RUN_NOT_ACTIVE: { readonly id: string; readonly status: string };
  readonly RUN_ACTIVE: { readonly id: string; readonly status: string };
  readonly TASK_NOT_FOUND: { readonly id: string };
  readonly TASK_AMBIGUOUS: { readonly id: string; readonly count: number; readonly list: string; readonly candidates: readonly string[] };
  readonly COMMAND_NOT_STARTED: { readonly reason: string };
  readonly FILTER_INVALID: { readonly position: number; readonly reason: string; readonly filter: string };
  readonly SORT_INVALID: { readonly key: string };
  readonly METRIC_NOT_FOUND: { readonly id: string; readonly name: string };
  readonly FILE_NOT_FOUND: { readonly path: string };
  readonly RUN_NOT_RERUNNABLE: { readonly id: string; readonly reason: string; readonly workspace?: string };
  readonly TIMEOUT: { readonly seconds: number };
  readonly DRIVER_UNKNOWN: { readonly name: string; readonly available: string };
  readonly PARSER_UNKNOWN: { readonly name: string; readonly available: string };
  readonly RUN_LOST: { readonly id: string };
  readonly RUN_TRUST_NEEDED: { readonly id: string; readonly from: string; readonly command: string; readonly directory: string; readonly variables: string; readonly place: string };
  readonly RUN_NOT_STOPPABLE: { readonly id: string; readonly reason: string };
  readonly RUN_COLLECTED: { readonly id: string; readonly at: string };
  readonly QUEUE_REFUSED: { readonly reason: string };
  readonly TASK_NOT_RUNNABLE: { readonly id: string; readonly reason: string };
  readonly TASK_TRUST_NEEDED: { readonly id: string; readonly from: string; readonly command: string; readonly directory: string; readonly variables: string; readonly place: string };
  readonly SWEEP_INVALID: { readonly reason: string };
  readonly SWEEP_NOT_FOUND: { readonly id: string };
  readonly SWEEP_AMBIGUOUS: { readonly id: string; readonly count: number; readonly list: string; readonly candidates: readonly string[] };
  readonly SECRET_MISSING: { readonly names: string; readonly list: readonly string[] };
  readonly ENV_FILE_INVALID: { readonly path: string; readonly reason: string };
  readonly WORKSPACE_FAILED: { readonly program: string; readonly reason: string; readonly log: string; readonly id: string };
  readonly WORKSPACE_NOT_READY: { readonly program: string; readonly seconds: number; readonly log: string; readonly id: string };
  readonly WORKSPACE_NOT_FOUND: { readonly id: string };
  readonly IMPORT_SOURCE_UNKNOWN: { readonly path: string; readonly known: string };
  readonly IMPORT_FORMAT_UNKNOWN: { readonly format: string; readonly known: string };
  readonly IMPORT_SOURCE_INVALID: { readonly path: string; readonly format: string; readonly reason: string };
  readonly SNAPSHOT_NOT_FOUND: { readonly id: string };
  readonly SNAPSHOT_AMBIGUOUS: { readonly id: string; readonly count: number; readonly list: string; readonly candidates: readonly string[] };
  readonly WORKING_TREE_DIRTY: { readonly list: string; readonly paths: readonly string[] };
  readonly SNAPSHOT_CORRUPT: { readonly id: string; readonly reason: string };
  readonly PATH_NOT_FOUND: { readonly path: string };
  readonly PATH_INVALID: { readonly path: string; readonly reason: string };
  readonly PATH_DUPLICATE: { readonly name: string };
  readonly PATH_IN_THE_WAY: { readonly count: number; readonly list: string; readonly paths: readonly string[] };
  readonly SNAPSHOT_IN_USE: { readonly id: string; readonly runId: string };
  readonly CHECKOUT_INTERRUPTED: { readonly id: string; readonly heldId: string };
  readonly CONFIG_INVALID: { readonly source: string; readonly reason: string };
  readonly SNAPSHOT_NONE: { readonly [name: string]: never };
  readonly SNAPSHOT_TRUST_NEEDED: { readonly id: string; readonly from: string; readonly command: string };
  readonly ENVIRONMENT_NOT_FOUND: { readonly id: string };
  readonly ENVIRONMENT_AMBIGUOUS: { readonly id: string; readonly count: number; readonly list: string; readonly candidates: readonly string[] };
  readonly ENVIRONMENT_NAME_TAKEN: { readonly name: string; readonly reason: string };
  readonly ENVIRONMENT_IN_USE: { readonly name: string; readonly runs: number; readonly snapshots: number };
  readonly ENVIRONMENT_CONFLICT: { readonly first: string; readonly second: string };
  readonly ENVIRONMENT_NEEDS_CONTAINER: { readonly name: string; readonly reason: string; readonly driver: string };
  readonly ENVIRONMENT_NEEDS_ENGINE: { readonly name: string; readonly why: string; readonly reason: string };
  readonly ENVIRONMENT_NOT_CONTAINER: { readonly name: string; readonly reason: string; readonly driver: string };
  readonly ENVIRONMENT_INVALID: { readonly source: string; readonly reason: string };
  readonly CATALOGUE_UNKNOWN: { readonly what: string; readonly value: string; readonly known: string };
  readonly ENVIRONMENT_FOLDER_CHANGED: { readonly directory: string; readonly list: string };
  readonly PYTHON_NOT_FOUND: { readonly wanted: string; readonly found: string };
  readonly PACKAGES_UNAVAILABLE: { readonly count: number; readonly list: string; readonly packages: readonly { readonly requirement: string; readonly problem: string; readonly reason: string }[] };
  readonly VENV_FAILED: { readonly reason: string; readonly log: string };
  readonly R_NOT_AVAILABLE: { readonly reason: string };
  readonly LOCK_FILE_INVALID: { readonly file: string; readonly reason: string };
  readonly WORKSPACE_PROGRAM_MISSING: { readonly program: string; readonly name: string; readonly reason: string; readonly how: string; readonly log: string };
  readonly CONTAINER_ENGINE_MISSING: { readonly reason: string };
  readonly CONTAINER_ENGINE_STOPPED: { readonly endpoint: string; readonly reason: string };
  readonly CONTAINER_ENGINE_DENIED: { readonly endpoint: string };
  readonly CONTAINER_ENGINE_UNUSABLE: { readonly endpoint: string; readonly reason: string };
  readonly CONTAINER_ENGINE_FAILED: { readonly reason: string };
  readonly IMAGE_MISSING: { readonly image: string; readonly reason: string };
  readonly IMAGE_BUILD_FAILED: { readonly reason: string; readonly step: string; readonly output: string };
  readonly DOCKERFILE_INVALID: { readonly reason: string };
  readonly COMMAND_NOT_IN_IMAGE: { readonly command: string; readonly image: string };
  readonly PORT_TAKEN: { readonly port: number };
  readonly MOUNT_SOURCE_MISSING: { readonly path: string };
  readonly MEMORY_TOO_SMALL: { readonly asked: number; readonly minimum: string };
  readonly CPUS_UNAVAILABLE: { readonly asked: number; readonly reason: string };
  readonly GPU_NOT_AVAILABLE: { readonly missing: string; readonly how: string; readonly reason: string };
  readonly GPU_MISMATCH: { readonly asked: string; readonly seen: string };
  readonly REGISTRY_DENIED: { readonly image: string; readonly registry: string; readonly reason: string };
  readonly DISK_FULL: { readonly operation: string; readonly directory: string; readonly neededBytes?: number; readonly freeBytes?: number };
  readonly STORAGE_IO: { readonly reason: string };
  readonly READ_ONLY: { readonly reason: string };
  readonly JOURNAL_DAMAGED: { readonly file: string; readonly offset: number; readonly salvageable: number };
  readonly JOURNAL_GAP: { readonly file: string };
  readonly SNAPSHOT_BAD: { readonly file: string };
  readonly PROJECT_DAMAGED: { readonly reason: string };
  readonly QUERY_TOO_LARGE: { readonly [name: string]: never };
  readonly INDEX_NOT_REFRESHED: { readonly reason: string };
  readonly NETWORK_DRIVE: { readonly [name: string]: never };
  readonly STORE_CLOSED: { readonly [name: string]: never };
  readonly SPOOL_INVALID: { readonly file: string; readonly reason: string };
  readonly GIT_STORE_IO: { readonly reason: string };
  readonly TASK_FILE_INVALID: { readonly file: string; readonly runId: string; readonly reason: string };
  readonly STORE_UNREADABLE: { readonly reason: string };
  readonly CLOCK_AHEAD: { readonly hours: number };
  readonly NOTHING_TO_PURGE: { readonly target: string };
  readonly STORE_DAMAGED: { readonly reason: string };
  readonly REMOTE_NOT_FOUND: { readonly remote: string; readonly reason: string };
  readonly REMOTE_REFUSED: { readonly remote: string; readonly reason: string };
  readonly REMOTE_INVALID: { readonly remote: string; readonly reason: string };
  readonly REMOTE_BROKEN: { readonly remote: string; readonly reason: string };
  readonly GIT_NEEDED: { readonly remote: string; readonly reason: string };
  readonly REMOTE_NEWER: { readonly remote: string; readonly found: number; readonly known: number };
  readonly REMOTE_NEEDED: { readonly [name: string]: never };
  readonly SHARE_REFUSED: { readonly remote: string; readonly ref: string; readonly reason: string };
  readonly SHARE_BUSY: { readonly remote: string; readonly ref: string; readonly reason: string };
  readonly PLUGIN_NOT_FOUND: { readonly name: string };
  readonly PLUGIN_INVALID: { readonly name: string; readonly reason: string };
  readonly PLUGIN_TOO_NEW: { readonly name: string; readonly wanted: string; readonly engine: number };
  readonly PLUGIN_CONFLICT: { readonly name: string; readonly what: string; readonly other: string };
  readonly PLUGIN_NOT_GRANTED: { readonly name: string; readonly asks: string };
  readonly PLUGIN_PERMISSION_DENIED: { readonly name: string; readonly act: string };
  readonly PLUGIN_NOT_ASKED: { readonly name: string; readonly permission: string };
  readonly PLUGIN_CRASHED: { readonly name: string; readonly reason: string };
  readonly PLUGIN_TIMEOUT: { readonly name: string; readonly what: string; readonly seconds: number };
  readonly PLUGIN_OFF: { readonly name: string; readonly failures: number; readonly reason: string };
  readonly PLUGIN_COMMAND_UNKNOWN: { readonly name: string; readonly command: string };
  readonly PLUGIN_FAILED: { readonly name: string; readonly message: string };
  readonly PLUGIN_LIMIT: { readonly name: string; readonly reason: string };
  readonly DENO_NOT_FOUND: { readonly looked: string };
  readonly PLUGIN_ANSWER: { readonly name: string; readonly call: string; readonly problem: string };
  readonly PLUGIN_BUILT_IN: { readonly name: string; readonly act: string };
  readonly PROTOCOL_VERSION_UNSUPPORTED: { readonly engine: number; readonly client: number };
  readonly MESSAGE_TOO_LARGE: { readonly megabytes: number; readonly limitMegabytes: number };
  readonly ENGINE_BUSY: { readonly count: number };
  readonly ENGINE_GONE: { readonly reason: string };
  readonly METHOD_NOT_GRANTED: { readonly method: string; readonly reason: string };
  readonly ENGINE_NOT_FOUND: { readonly reason: string };
  readonly EXPORT_FORMAT_UNKNOWN: { readonly format: string; readonly known: string };
  readonly EXPORT_IN_THE_WAY: { readonly path: string };
}

export type ErrorKind = keyof ErrorDetails;

export interface ErrorInfo {
  /** Stable for ever, never reused. */
  readonly code: number;
  readonly category: ErrorCategory;
  /** With placeholders: `{name}` stands for a field of the details. */
  readonly message: string;
  /** With placeholders; empty when there is nothing to advise. */
  readonly hint: string;
  readonly exitCode: number;
  readonly retryable: boolean;
}

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Advice that fits the case better than the one in the table. */
  readonly hint?: string;
}

/** One factory per kind of error. */
export interface ErrorFactories {
  /** The bytes of a frame are not JSON. Answered with id null, then the engine closes. */
  PARSE_ERROR(details: ErrorDetails["PARSE_ERROR"], options?: ErrorOptions): DatmoError;
  /** A frame holds JSON that is no request, notification or response. */
  INVALID_REQUEST(details: ErrorDetails["INVALID_REQUEST"], options?: ErrorOptions): DatmoError;
  /** The method is not part of this engine's protocol. */
  METHOD_NOT_FOUND(details: ErrorDetails["METHOD_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** The params do not match the method's schema, or do not make sense together. */
  INVALID_PARAMS(details: ErrorDetails["INVALID_PARAMS"], options?: ErrorOptions): DatmoError;
  /** An error nobody foresaw. The stack is on the engine's stderr under the same reference. */
  INTERNAL_ERROR(details: ErrorDetails["INTERNAL_ERROR"], options?: ErrorOptions): DatmoError;
  /** A request came before the handshake. */
  NOT_INITIALIZED(details?: ErrorDetails["NOT_INITIALIZED"], options?: ErrorOptions): DatmoError;
  /** The caller cancelled the request, or the connection closed. */
  CANCELLED(details?: ErrorDetails["CANCELLED"], options?: ErrorOptions): DatmoError;
  /** No `.datmo` folder from the given folder upwards. */
  PROJECT_NOT_FOUND(details: ErrorDetails["PROJECT_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** The in-memory index would outgrow its engine. */
  PROJECT_TOO_LARGE(details: ErrorDetails["PROJECT_TOO_LARGE"], options?: ErrorOptions): DatmoError;
  /** A file of `.datmo` carries a higher format version. */
  FORMAT_NEWER(details: ErrorDetails["FORMAT_NEWER"], options?: ErrorOptions): DatmoError;
  /** Creating or changing `.datmo` failed; what was begun is removed again. */
  PROJECT_UNWRITABLE(details: ErrorDetails["PROJECT_UNWRITABLE"], options?: ErrorOptions): DatmoError;
  /** The project folder that was named does not exist. */
  DIRECTORY_NOT_FOUND(details: ErrorDetails["DIRECTORY_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** The project's folder went away under a running command. */
  PROJECT_MOVED(details: ErrorDetails["PROJECT_MOVED"], options?: ErrorOptions): DatmoError;
  /** No id, name or unique prefix matches. */
  RUN_NOT_FOUND(details: ErrorDetails["RUN_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A prefix or name fits several runs. */
  RUN_AMBIGUOUS(details: ErrorDetails["RUN_AMBIGUOUS"], options?: ErrorOptions): DatmoError;
  /** The request needs a run that has not ended. */
  RUN_NOT_ACTIVE(details: ErrorDetails["RUN_NOT_ACTIVE"], options?: ErrorOptions): DatmoError;
  /** The request needs a run that has ended. */
  RUN_ACTIVE(details: ErrorDetails["RUN_ACTIVE"], options?: ErrorOptions): DatmoError;
  /** No id or unique prefix matches. */
  TASK_NOT_FOUND(details: ErrorDetails["TASK_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A prefix fits several tasks. */
  TASK_AMBIGUOUS(details: ErrorDetails["TASK_AMBIGUOUS"], options?: ErrorOptions): DatmoError;
  /** The system refused to start the process. */
  COMMAND_NOT_STARTED(details: ErrorDetails["COMMAND_NOT_STARTED"], options?: ErrorOptions): DatmoError;
  /** The text is not a filter; see docs/filter.md for its grammar. */
  FILTER_INVALID(details: ErrorDetails["FILTER_INVALID"], options?: ErrorOptions): DatmoError;
  /** The sort key is unknown. */
  SORT_INVALID(details: ErrorDetails["SORT_INVALID"], options?: ErrorOptions): DatmoError;
  /** Nothing was logged under that name. */
  METRIC_NOT_FOUND(details: ErrorDetails["METRIC_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A file that was named does not exist or is not readable. */
  FILE_NOT_FOUND(details: ErrorDetails["FILE_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** The run has no command or no before-snapshot. */
  RUN_NOT_RERUNNABLE(details: ErrorDetails["RUN_NOT_RERUNNABLE"], options?: ErrorOptions): DatmoError;
  /** Recorded on a run whose time limit passed; never an error of `run.start`. */
  TIMEOUT(details: ErrorDetails["TIMEOUT"], options?: ErrorOptions): DatmoError;
  /** The driver that was named is not part of this engine. */
  DRIVER_UNKNOWN(details: ErrorDetails["DRIVER_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** No plugin of the project provides the parser that was named. */
  PARSER_UNKNOWN(details: ErrorDetails["PARSER_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** Recorded on a run that was reconciled as `lost`. */
  RUN_LOST(details: ErrorDetails["RUN_LOST"], options?: ErrorOptions): DatmoError;
  /** A run, task or snapshot that was pulled is executed only when told once to trust it; told again when it has changed since. */
  RUN_TRUST_NEEDED(details: ErrorDetails["RUN_TRUST_NEEDED"], options?: ErrorOptions): DatmoError;
  /** Its process is on another host, or does not end even when it is killed (stuck in the kernel). */
  RUN_NOT_STOPPABLE(details: ErrorDetails["RUN_NOT_STOPPABLE"], options?: ErrorOptions): DatmoError;
  /** `gc` removed what a deleted run had; only the fact that it is gone is left. */
  RUN_COLLECTED(details: ErrorDetails["RUN_COLLECTED"], options?: ErrorOptions): DatmoError;
  /** What a queued run needs is kept until a worker executes it, and credentials are not kept. */
  QUEUE_REFUSED(details: ErrorDetails["QUEUE_REFUSED"], options?: ErrorOptions): DatmoError;
  /** What was kept of the task is not enough to run it. */
  TASK_NOT_RUNNABLE(details: ErrorDetails["TASK_NOT_RUNNABLE"], options?: ErrorOptions): DatmoError;
  /** A task or snapshot that was pulled is executed only when told once to trust it; told again when it has changed since. */
  TASK_TRUST_NEEDED(details: ErrorDetails["TASK_TRUST_NEEDED"], options?: ErrorOptions): DatmoError;
  /** Keys without values, a range that is empty, too many combinations, or another specification than the sweep was started with. */
  SWEEP_INVALID(details: ErrorDetails["SWEEP_INVALID"], options?: ErrorOptions): DatmoError;
  /** No id or unique prefix matches. */
  SWEEP_NOT_FOUND(details: ErrorDetails["SWEEP_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A prefix fits several sweeps. */
  SWEEP_AMBIGUOUS(details: ErrorDetails["SWEEP_AMBIGUOUS"], options?: ErrorOptions): DatmoError;
  /** Values of secrets are asked for whenever a command is started. */
  SECRET_MISSING(details: ErrorDetails["SECRET_MISSING"], options?: ErrorOptions): DatmoError;
  /** A file of `--env-file` is not there, or not made of lines NAME=VALUE. */
  ENV_FILE_INVALID(details: ErrorDetails["ENV_FILE_INVALID"], options?: ErrorOptions): DatmoError;
  /** The program of a workspace ended by itself before it could be used. Its run is kept. */
  WORKSPACE_FAILED(details: ErrorDetails["WORKSPACE_FAILED"], options?: ErrorOptions): DatmoError;
  /** The program of a workspace ran but could not be used in time. Its run is kept. */
  WORKSPACE_NOT_READY(details: ErrorDetails["WORKSPACE_NOT_READY"], options?: ErrorOptions): DatmoError;
  /** Asked to stop or show what is none, or has ended. */
  WORKSPACE_NOT_FOUND(details: ErrorDetails["WORKSPACE_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** What is to be imported looks like nothing that can be read. */
  IMPORT_SOURCE_UNKNOWN(details: ErrorDetails["IMPORT_SOURCE_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** The named importer is neither built in nor of an installed plugin. */
  IMPORT_FORMAT_UNKNOWN(details: ErrorDetails["IMPORT_FORMAT_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** The source is damaged, of an unknown version, or something else. */
  IMPORT_SOURCE_INVALID(details: ErrorDetails["IMPORT_SOURCE_INVALID"], options?: ErrorOptions): DatmoError;
  /** No id, label or unique prefix matches. */
  SNAPSHOT_NOT_FOUND(details: ErrorDetails["SNAPSHOT_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A prefix or label fits several snapshots. */
  SNAPSHOT_AMBIGUOUS(details: ErrorDetails["SNAPSHOT_AMBIGUOUS"], options?: ErrorOptions): DatmoError;
  /** A checkout would replace changes that no snapshot holds. */
  WORKING_TREE_DIRTY(details: ErrorDetails["WORKING_TREE_DIRTY"], options?: ErrorOptions): DatmoError;
  /** An object of the snapshot is missing or does not match its hash. */
  SNAPSHOT_CORRUPT(details: ErrorDetails["SNAPSHOT_CORRUPT"], options?: ErrorOptions): DatmoError;
  /** A path that was given does not exist; in a comparison, on neither side. */
  PATH_NOT_FOUND(details: ErrorDetails["PATH_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A path is absolute where it must not be, leaves the project, or is not a legal name. */
  PATH_INVALID(details: ErrorDetails["PATH_INVALID"], options?: ErrorOptions): DatmoError;
  /** Two entries of --path have the same name. */
  PATH_DUPLICATE(details: ErrorDetails["PATH_DUPLICATE"], options?: ErrorOptions): DatmoError;
  /** A restore would overwrite untracked or ignored files. */
  PATH_IN_THE_WAY(details: ErrorDetails["PATH_IN_THE_WAY"], options?: ErrorOptions): DatmoError;
  /** Deleting it would leave the run without its state. */
  SNAPSHOT_IN_USE(details: ErrorDetails["SNAPSHOT_IN_USE"], options?: ErrorOptions): DatmoError;
  /** A crash left a checkout half done. */
  CHECKOUT_INTERRUPTED(details: ErrorDetails["CHECKOUT_INTERRUPTED"], options?: ErrorOptions): DatmoError;
  /** A config or metrics value or file is not what it should be. */
  CONFIG_INVALID(details: ErrorDetails["CONFIG_INVALID"], options?: ErrorOptions): DatmoError;
  /** The newest snapshot was asked for, and none was ever taken. */
  SNAPSHOT_NONE(details?: ErrorDetails["SNAPSHOT_NONE"], options?: ErrorOptions): DatmoError;
  /** A snapshot that was pulled is executed only when told once to trust it. */
  SNAPSHOT_TRUST_NEEDED(details: ErrorDetails["SNAPSHOT_TRUST_NEEDED"], options?: ErrorOptions): DatmoError;
  /** No id, name or unique prefix matches. */
  ENVIRONMENT_NOT_FOUND(details: ErrorDetails["ENVIRONMENT_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A prefix or name fits several environments. */
  ENVIRONMENT_AMBIGUOUS(details: ErrorDetails["ENVIRONMENT_AMBIGUOUS"], options?: ErrorOptions): DatmoError;
  /** Names are unique in a project, and some words mean something else. */
  ENVIRONMENT_NAME_TAKEN(details: ErrorDetails["ENVIRONMENT_NAME_TAKEN"], options?: ErrorOptions): DatmoError;
  /** Without it those runs cannot be run again as they were. */
  ENVIRONMENT_IN_USE(details: ErrorDetails["ENVIRONMENT_IN_USE"], options?: ErrorOptions): DatmoError;
  /** Only one environment can be used at a time. */
  ENVIRONMENT_CONFLICT(details: ErrorDetails["ENVIRONMENT_CONFLICT"], options?: ErrorOptions): DatmoError;
  /** A docker environment was to run on the host driver. */
  ENVIRONMENT_NEEDS_CONTAINER(details: ErrorDetails["ENVIRONMENT_NEEDS_CONTAINER"], options?: ErrorOptions): DatmoError;
  /** A docker environment was chosen while no container engine can be used. */
  ENVIRONMENT_NEEDS_ENGINE(details: ErrorDetails["ENVIRONMENT_NEEDS_ENGINE"], options?: ErrorOptions): DatmoError;
  /** A host or venv environment was to run on a container driver. */
  ENVIRONMENT_NOT_CONTAINER(details: ErrorDetails["ENVIRONMENT_NOT_CONTAINER"], options?: ErrorOptions): DatmoError;
  /** The files, image or packages that were given cannot make an environment. */
  ENVIRONMENT_INVALID(details: ErrorDetails["ENVIRONMENT_INVALID"], options?: ErrorOptions): DatmoError;
  /** A framework, type or language that cannot be set up. */
  CATALOGUE_UNKNOWN(details: ErrorDetails["CATALOGUE_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** Setting up an environment would replace them. */
  ENVIRONMENT_FOLDER_CHANGED(details: ErrorDetails["ENVIRONMENT_FOLDER_CHANGED"], options?: ErrorOptions): DatmoError;
  /** A venv asks for a version of Python that is not installed. */
  PYTHON_NOT_FOUND(details: ErrorDetails["PYTHON_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** Versions that are gone, made for another platform or another Python. */
  PACKAGES_UNAVAILABLE(details: ErrorDetails["PACKAGES_UNAVAILABLE"], options?: ErrorOptions): DatmoError;
  /** The tool that makes it failed for another reason than a missing package. */
  VENV_FAILED(details: ErrorDetails["VENV_FAILED"], options?: ErrorOptions): DatmoError;
  /** renv.lock needs R with the package renv. */
  R_NOT_AVAILABLE(details: ErrorDetails["R_NOT_AVAILABLE"], options?: ErrorOptions): DatmoError;
  /** A lock file is damaged, or of a form that is not known. */
  LOCK_FILE_INVALID(details: ErrorDetails["LOCK_FILE_INVALID"], options?: ErrorOptions): DatmoError;
  /** The program of a workspace is neither there nor to be had (no network, no pip). */
  WORKSPACE_PROGRAM_MISSING(details: ErrorDetails["WORKSPACE_PROGRAM_MISSING"], options?: ErrorOptions): DatmoError;
  /** No socket of Docker or Podman exists where one is looked for. */
  CONTAINER_ENGINE_MISSING(details: ErrorDetails["CONTAINER_ENGINE_MISSING"], options?: ErrorOptions): DatmoError;
  /** Its socket is left, or nothing listens at its address. */
  CONTAINER_ENGINE_STOPPED(details: ErrorDetails["CONTAINER_ENGINE_STOPPED"], options?: ErrorOptions): DatmoError;
  /** The user may not open the engine's socket. */
  CONTAINER_ENGINE_DENIED(details: ErrorDetails["CONTAINER_ENGINE_DENIED"], options?: ErrorOptions): DatmoError;
  /** It is too old, on another machine, or its address is not understood. */
  CONTAINER_ENGINE_UNUSABLE(details: ErrorDetails["CONTAINER_ENGINE_UNUSABLE"], options?: ErrorOptions): DatmoError;
  /** An error of the engine that has no kind of its own. */
  CONTAINER_ENGINE_FAILED(details: ErrorDetails["CONTAINER_ENGINE_FAILED"], options?: ErrorOptions): DatmoError;
  /** The engine does not have the image, and no registry gave it. */
  IMAGE_MISSING(details: ErrorDetails["IMAGE_MISSING"], options?: ErrorOptions): DatmoError;
  /** A step of the Dockerfile failed. */
  IMAGE_BUILD_FAILED(details: ErrorDetails["IMAGE_BUILD_FAILED"], options?: ErrorOptions): DatmoError;
  /** The builder does not understand the Dockerfile, or there is none. */
  DOCKERFILE_INVALID(details: ErrorDetails["DOCKERFILE_INVALID"], options?: ErrorOptions): DatmoError;
  /** The first word of the command is no program in the container. */
  COMMAND_NOT_IN_IMAGE(details: ErrorDetails["COMMAND_NOT_IN_IMAGE"], options?: ErrorOptions): DatmoError;
  /** Another process or container listens there. */
  PORT_TAKEN(details: ErrorDetails["PORT_TAKEN"], options?: ErrorOptions): DatmoError;
  /** A file or folder that the run's container was to see does not exist. */
  MOUNT_SOURCE_MISSING(details: ErrorDetails["MOUNT_SOURCE_MISSING"], options?: ErrorOptions): DatmoError;
  /** The limit is below what the engine accepts. */
  MEMORY_TOO_SMALL(details: ErrorDetails["MEMORY_TOO_SMALL"], options?: ErrorOptions): DatmoError;
  /** More CPUs were asked for than the engine has. */
  CPUS_UNAVAILABLE(details: ErrorDetails["CPUS_UNAVAILABLE"], options?: ErrorOptions): DatmoError;
  /** The driver, the container toolkit or the device specification is missing. */
  GPU_NOT_AVAILABLE(details: ErrorDetails["GPU_NOT_AVAILABLE"], options?: ErrorOptions): DatmoError;
  /** The engine accepted the request, but the container has other GPUs. */
  GPU_MISMATCH(details: ErrorDetails["GPU_MISMATCH"], options?: ErrorOptions): DatmoError;
  /** The registry wants a login, or the user's login may not have the image. */
  REGISTRY_DENIED(details: ErrorDetails["REGISTRY_DENIED"], options?: ErrorOptions): DatmoError;
  /** A write met ENOSPC; what was written of it is taken back. */
  DISK_FULL(details: ErrorDetails["DISK_FULL"], options?: ErrorOptions): DatmoError;
  /** A write or sync failed with EIO or the like. */
  STORAGE_IO(details: ErrorDetails["STORAGE_IO"], options?: ErrorOptions): DatmoError;
  /** No permission, a read-only file system, or a quota. */
  READ_ONLY(details: ErrorDetails["READ_ONLY"], options?: ErrorOptions): DatmoError;
  /** A bad frame with good ones after it. */
  JOURNAL_DAMAGED(details: ErrorDetails["JOURNAL_DAMAGED"], options?: ErrorOptions): DatmoError;
  /** A segment that others refer to is not there. */
  JOURNAL_GAP(details: ErrorDetails["JOURNAL_GAP"], options?: ErrorOptions): DatmoError;
  /** The newest folded journal is damaged; the previous one and the segments hold everything. */
  SNAPSHOT_BAD(details: ErrorDetails["SNAPSHOT_BAD"], options?: ErrorOptions): DatmoError;
  /** Both folded journals are damaged. */
  PROJECT_DAMAGED(details: ErrorDetails["PROJECT_DAMAGED"], options?: ErrorOptions): DatmoError;
  /** The in-memory database ran out of memory. */
  QUERY_TOO_LARGE(details?: ErrorDetails["QUERY_TOO_LARGE"], options?: ErrorOptions): DatmoError;
  /** A checkpoint failed; the journal goes on. */
  INDEX_NOT_REFRESHED(details: ErrorDetails["INDEX_NOT_REFRESHED"], options?: ErrorOptions): DatmoError;
  /** Told once when the file system is a network one. */
  NETWORK_DRIVE(details?: ErrorDetails["NETWORK_DRIVE"], options?: ErrorOptions): DatmoError;
  /** A request came while the engine was leaving. */
  STORE_CLOSED(details?: ErrorDetails["STORE_CLOSED"], options?: ErrorOptions): DatmoError;
  /** Not a regular file, of another run or user, or without a valid header. */
  SPOOL_INVALID(details: ErrorDetails["SPOOL_INVALID"], options?: ErrorOptions): DatmoError;
  /** Writing into the hidden git directory failed; nothing was published. */
  GIT_STORE_IO(details: ErrorDetails["GIT_STORE_IO"], options?: ErrorOptions): DatmoError;
  /** Something a run's own processes left is not what it should be; it is left out, the rest is taken. */
  TASK_FILE_INVALID(details: ErrorDetails["TASK_FILE_INVALID"], options?: ErrorOptions): DatmoError;
  /** The system refused to read the project's files (too many open files, no permission). */
  STORE_UNREADABLE(details: ErrorDetails["STORE_UNREADABLE"], options?: ErrorOptions): DatmoError;
  /** A writer's clock was wrong, or this machine's is. The change counts, but its date is not followed. */
  CLOCK_AHEAD(details: ErrorDetails["CLOCK_AHEAD"], options?: ErrorOptions): DatmoError;
  /** What is to be removed for good is in no snapshot and no run. */
  NOTHING_TO_PURGE(details: ErrorDetails["NOTHING_TO_PURGE"], options?: ErrorOptions): DatmoError;
  /** An object or a reference that has to be read is missing or not what it was, so nothing was changed. */
  STORE_DAMAGED(details: ErrorDetails["STORE_DAMAGED"], options?: ErrorOptions): DatmoError;
  /** The remote is not there, cannot be reached, or is something else. */
  REMOTE_NOT_FOUND(details: ErrorDetails["REMOTE_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** No permission, a wrong password, a hook that said no, or a service that the remote does not offer. */
  REMOTE_REFUSED(details: ErrorDetails["REMOTE_REFUSED"], options?: ErrorOptions): DatmoError;
  /** Only https, http, ssh, git and file addresses and paths are followed; nothing that git would execute. */
  REMOTE_INVALID(details: ErrorDetails["REMOTE_INVALID"], options?: ErrorOptions): DatmoError;
  /** The connection was cut, or what came was damaged or not allowed. No reference was changed here. */
  REMOTE_BROKEN(details: ErrorDetails["REMOTE_BROKEN"], options?: ErrorOptions): DatmoError;
  /** Without git only http, https and repositories on disk can be used. */
  GIT_NEEDED(details: ErrorDetails["GIT_NEEDED"], options?: ErrorOptions): DatmoError;
  /** What lies on the remote carries a higher format version. */
  REMOTE_NEWER(details: ErrorDetails["REMOTE_NEWER"], options?: ErrorOptions): DatmoError;
  /** Push or pull without a remote goes to the one of the last time. */
  REMOTE_NEEDED(details?: ErrorDetails["REMOTE_NEEDED"], options?: ErrorOptions): DatmoError;
  /** What was fetched is checked before any of it is taken in; nothing was taken in. */
  SHARE_REFUSED(details: ErrorDetails["SHARE_REFUSED"], options?: ErrorOptions): DatmoError;
  /** A reference was refused again and again: others push at the same time, or the remote does not allow it. */
  SHARE_BUSY(details: ErrorDetails["SHARE_BUSY"], options?: ErrorOptions): DatmoError;
  /** No plugin of this name is installed. */
  PLUGIN_NOT_FOUND(details: ErrorDetails["PLUGIN_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** Its manifest, its files or its imports are not what a plugin may have. */
  PLUGIN_INVALID(details: ErrorDetails["PLUGIN_INVALID"], options?: ErrorOptions): DatmoError;
  /** The manifest's `engine` does not cover this engine. */
  PLUGIN_TOO_NEW(details: ErrorDetails["PLUGIN_TOO_NEW"], options?: ErrorOptions): DatmoError;
  /** Two plugins of a project cannot provide the same thing under the same name. */
  PLUGIN_CONFLICT(details: ErrorDetails["PLUGIN_CONFLICT"], options?: ErrorOptions): DatmoError;
  /** This content of the plugin has no grant in this project, and nothing of it is run without one. */
  PLUGIN_NOT_GRANTED(details: ErrorDetails["PLUGIN_NOT_GRANTED"], options?: ErrorOptions): DatmoError;
  /** A plugin asked the engine for something that was not granted. Answered to the plugin. */
  PLUGIN_PERMISSION_DENIED(details: ErrorDetails["PLUGIN_PERMISSION_DENIED"], options?: ErrorOptions): DatmoError;
  /** Only what the manifest asks for can be granted. */
  PLUGIN_NOT_ASKED(details: ErrorDetails["PLUGIN_NOT_ASKED"], options?: ErrorOptions): DatmoError;
  /** Its process died, or was killed because of what it sent. */
  PLUGIN_CRASHED(details: ErrorDetails["PLUGIN_CRASHED"], options?: ErrorOptions): DatmoError;
  /** A call took longer than it may. */
  PLUGIN_TIMEOUT(details: ErrorDetails["PLUGIN_TIMEOUT"], options?: ErrorOptions): DatmoError;
  /** It is not started again before some time has passed. */
  PLUGIN_OFF(details: ErrorDetails["PLUGIN_OFF"], options?: ErrorOptions): DatmoError;
  /** Its manifest provides no such command. */
  PLUGIN_COMMAND_UNKNOWN(details: ErrorDetails["PLUGIN_COMMAND_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** The plugin's own code answered with an error. */
  PLUGIN_FAILED(details: ErrorDetails["PLUGIN_FAILED"], options?: ErrorOptions): DatmoError;
  /** What it sent is larger or deeper than it may be. */
  PLUGIN_LIMIT(details: ErrorDetails["PLUGIN_LIMIT"], options?: ErrorOptions): DatmoError;
  /** Plugins run in Deno; everything else works without it. */
  DENO_NOT_FOUND(details: ErrorDetails["DENO_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** A plugin's answer does not fit the protocol's schema of that call. */
  PLUGIN_ANSWER(details: ErrorDetails["PLUGIN_ANSWER"], options?: ErrorOptions): DatmoError;
  /** Plugins that are part of datmo are always on, with what they may do fixed. */
  PLUGIN_BUILT_IN(details: ErrorDetails["PLUGIN_BUILT_IN"], options?: ErrorOptions): DatmoError;
  /** The versions in `initialize` differ. */
  PROTOCOL_VERSION_UNSUPPORTED(details: ErrorDetails["PROTOCOL_VERSION_UNSUPPORTED"], options?: ErrorOptions): DatmoError;
  /** The frame is skipped unread. */
  MESSAGE_TOO_LARGE(details: ErrorDetails["MESSAGE_TOO_LARGE"], options?: ErrorOptions): DatmoError;
  /** Too many requests without an answer. */
  ENGINE_BUSY(details: ErrorDetails["ENGINE_BUSY"], options?: ErrorOptions): DatmoError;
  /** Thrown by clients: the engine left before it answered. */
  ENGINE_GONE(details: ErrorDetails["ENGINE_GONE"], options?: ErrorOptions): DatmoError;
  /** The method is there, but whoever started the server did not allow it. */
  METHOD_NOT_GRANTED(details: ErrorDetails["METHOD_NOT_GRANTED"], options?: ErrorOptions): DatmoError;
  /** Thrown by clients: no Node or no engine; lists every place looked at. */
  ENGINE_NOT_FOUND(details: ErrorDetails["ENGINE_NOT_FOUND"], options?: ErrorOptions): DatmoError;
  /** Neither datmo nor a plugin of the project exports to this. */
  EXPORT_FORMAT_UNKNOWN(details: ErrorDetails["EXPORT_FORMAT_UNKNOWN"], options?: ErrorOptions): DatmoError;
  /** An export would have to replace a file that is not its own. */
  EXPORT_IN_THE_WAY(details: ErrorDetails["EXPORT_IN_THE_WAY"], options?: ErrorOptions): DatmoError;
}

const info = (
  code: number,
  category: ErrorCategory,
  exitCode: number,
  retryable: boolean,
  message: string,
  hint: string,
): ErrorInfo => ({ code, category, message, hint, exitCode, retryable });

export const errorTable: Readonly<Record<ErrorKind, ErrorInfo>> = {
  PARSE_ERROR: info(-32700, "protocol", 70, false, "The message is not valid JSON: {reason}.", "Send one JSON object per frame; numbers must be finite."),
  INVALID_REQUEST: info(-32600, "protocol", 70, false, "The message is not a JSON-RPC 2.0 request: {reason}.", "Batches are not supported; send requests one by one."),
  METHOD_NOT_FOUND: info(-32601, "protocol", 70, false, "There is no method \"{method}\".", "See protocol/SPEC.md for the methods of this version."),
  INVALID_PARAMS: info(-32602, "protocol", 2, false, "{summary}", ""),
  INTERNAL_ERROR: info(-32603, "protocol", 70, false, "datmo met a bug (reference {reference}): {reason}.", "Please report it with the engine's log (DATMO_LOG=debug)."),
  NOT_INITIALIZED: info(-32002, "protocol", 70, false, "The engine expects `initialize` first.", "Send `initialize` and wait for its answer."),
  CANCELLED: info(-32800, "protocol", 130, false, "The request was cancelled.", ""),
  PROJECT_NOT_FOUND: info(1000, "project", 3, false, "There is no datmo project in {directory} or above it.", "Run `datmo init` to create one here."),
  PROJECT_TOO_LARGE: info(1002, "project", 3, false, "The project's index is {megabytes} MB; no new runs are taken above {limitMegabytes} MB.", "Start a new project, or delete runs you no longer need."),
  FORMAT_NEWER: info(1003, "project", 3, false, "The project was written by a newer datmo (format {found}; this one knows {known}).", "Upgrade datmo. Nothing was changed."),
  PROJECT_UNWRITABLE: info(1004, "project", 3, false, "Cannot create a project in {directory}: {reason}.", "Choose a folder you may write to."),
  DIRECTORY_NOT_FOUND: info(1005, "project", 3, false, "There is no folder {directory}.", ""),
  PROJECT_MOVED: info(1006, "project", 3, false, "The project in {directory} was moved or deleted while run {id} was going on; it is not recorded that its command ended with code {exitCode}.", "If it was moved: the next datmo command in its new place records the end."),
  RUN_NOT_FOUND: info(1100, "run", 4, false, "No run has the id or name \"{id}\".", "`datmo run ls --all` lists every run."),
  RUN_AMBIGUOUS: info(1101, "run", 4, false, "\"{id}\" fits {count} runs: {list}.", "Give more characters of the id."),
  RUN_NOT_ACTIVE: info(1102, "run", 4, false, "Run {id} has ended ({status}).", ""),
  RUN_ACTIVE: info(1103, "run", 4, false, "Run {id} is still active ({status}).", "Stop it first: `datmo stop {id}`."),
  TASK_NOT_FOUND: info(1104, "run", 4, false, "No task has the id \"{id}\".", "`datmo task ls` lists the tasks."),
  TASK_AMBIGUOUS: info(1105, "run", 4, false, "\"{id}\" fits {count} tasks: {list}.", "Give more characters of the id."),
  COMMAND_NOT_STARTED: info(1106, "run", 125, false, "The command could not be started: {reason}.", ""),
  FILTER_INVALID: info(1107, "run", 2, false, "The filter is wrong at character {position}: {reason}.", "Example: metrics.accuracy > 0.9 and tag = best"),
  SORT_INVALID: info(1108, "run", 2, false, "Cannot sort by \"{key}\".", "Use created, name, status, duration, metrics.NAME or config.NAME, with a - in front for descending."),
  METRIC_NOT_FOUND: info(1109, "run", 4, false, "Run {id} has no metric \"{name}\".", "`datmo run metrics {id}` lists its metrics."),
  FILE_NOT_FOUND: info(1110, "run", 4, false, "There is no file {path}.", ""),
  RUN_NOT_RERUNNABLE: info(1111, "run", 4, false, "Run {id} cannot be run again: {reason}.", ""),
  TIMEOUT: info(1112, "run", 124, false, "The command did not end within {seconds} s and was stopped.", "Give more time with --timeout."),
  DRIVER_UNKNOWN: info(1113, "run", 2, false, "There is no driver \"{name}\" here.", "Available: {available}."),
  PARSER_UNKNOWN: info(1118, "run", 2, false, "There is no parser \"{name}\" here.", "Available: {available}; `datmo plugin install` brings more."),
  RUN_LOST: info(1114, "run", 125, false, "The engine and the process of run {id} are gone without an end.", "The output up to then: `datmo run logs {id}`."),
  RUN_TRUST_NEEDED: info(1115, "run", 4, false, "Run {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.", "Add --trust to run it."),
  RUN_NOT_STOPPABLE: info(1116, "run", 4, true, "Run {id} cannot be stopped from here: {reason}.", ""),
  RUN_COLLECTED: info(1117, "run", 4, false, "Run {id} was deleted and then collected on {at}; it cannot be brought back.", "`datmo run ls --deleted` lists the runs that can be brought back."),
  QUEUE_REFUSED: info(1130, "run", 4, false, "This run cannot wait in the queue: {reason}.", "Give it as an environment variable that the worker has, or run it now."),
  TASK_NOT_RUNNABLE: info(1131, "run", 4, false, "Task {id} cannot be run: {reason}.", ""),
  TASK_TRUST_NEEDED: info(1132, "run", 4, false, "Task {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.", "Add --trust to run it."),
  SWEEP_INVALID: info(1133, "run", 2, false, "The sweep makes no sense: {reason}.", "`datmo sweep --help` shows how keys and values are written."),
  SWEEP_NOT_FOUND: info(1134, "run", 4, false, "No sweep has the id or name \"{id}\".", "`datmo ls --columns name,group,sweepId` shows which runs belong to one."),
  SWEEP_AMBIGUOUS: info(1135, "run", 4, false, "\"{id}\" fits {count} sweeps: {list}.", "Give more characters of the id."),
  SECRET_MISSING: info(1136, "run", 4, false, "The command needs {names}, which is kept nowhere and not in the environment.", "Set it in the environment of this command; on a terminal it is asked for."),
  ENV_FILE_INVALID: info(1137, "run", 4, false, "The variables in {path} cannot be used: {reason}.", "It is read again whenever the command is started: put it back, or correct the line."),
  WORKSPACE_FAILED: info(1150, "run", 125, false, "{program} ended before it answered: {reason}.", "All it printed: `datmo run logs {id}`."),
  WORKSPACE_NOT_READY: info(1151, "run", 125, true, "{program} did not answer within {seconds} s and was stopped.", "Give it more time with --ready 2m; all it printed: `datmo run logs {id}`."),
  WORKSPACE_NOT_FOUND: info(1152, "run", 4, false, "Run {id} is no workspace that runs.", "`datmo workspace ls` lists those that run."),
  IMPORT_SOURCE_UNKNOWN: info(1140, "run", 4, false, "No importer knows what {path} is.", "Say what it is with --from: {known}. Name the folder or file that the other tool writes, such as `mlruns` or `run-….wandb`."),
  IMPORT_FORMAT_UNKNOWN: info(1141, "run", 4, false, "There is no importer \"{format}\".", "These are known: {known}."),
  IMPORT_SOURCE_INVALID: info(1142, "run", 4, false, "{path} cannot be imported as {format}: {reason}.", ""),
  SNAPSHOT_NOT_FOUND: info(1200, "snapshot", 4, false, "No snapshot has the id or label \"{id}\".", "`datmo snapshot ls --all` lists every snapshot."),
  SNAPSHOT_AMBIGUOUS: info(1201, "snapshot", 4, false, "\"{id}\" fits {count} snapshots: {list}.", "Give more characters of the id."),
  WORKING_TREE_DIRTY: info(1202, "snapshot", 4, false, "There is unsaved work: {list}.", "Save it with `datmo snapshot create -m …`, or add --force, which saves it first."),
  SNAPSHOT_CORRUPT: info(1203, "snapshot", 4, false, "Snapshot {id} cannot be read: {reason}.", "Run `datmo fsck` to see what else is damaged."),
  PATH_NOT_FOUND: info(1204, "snapshot", 4, false, "There is no file or folder {path}.", "Paths are relative to the project's root."),
  PATH_INVALID: info(1205, "snapshot", 2, false, "The path {path} cannot be used: {reason}.", ""),
  PATH_DUPLICATE: info(1206, "snapshot", 2, false, "Two sources would have the name {name}.", "Give one of them another name: SRC>NAME."),
  PATH_IN_THE_WAY: info(1207, "snapshot", 4, false, "Files that no snapshot holds are in the way: {list}.", "Move them, or add --force to have them moved to .datmo/displaced."),
  SNAPSHOT_IN_USE: info(1208, "snapshot", 4, false, "Snapshot {id} belongs to run {runId}.", "Delete the run first, or add --force."),
  CHECKOUT_INTERRUPTED: info(1209, "snapshot", 4, false, "A checkout of {id} was interrupted.", "Run `datmo snapshot checkout {id}` to finish it, or `datmo snapshot checkout {heldId}` to go back."),
  CONFIG_INVALID: info(1210, "snapshot", 2, false, "{source} cannot be used: {reason}.", "Give KEY=VALUE or KEY:VALUE, or a file with a JSON object."),
  SNAPSHOT_NONE: info(1211, "snapshot", 4, false, "There is no snapshot yet.", "Take one: `datmo snapshot create -m MESSAGE`."),
  SNAPSHOT_TRUST_NEEDED: info(1212, "snapshot", 4, false, "Snapshot {id} came from {from}; look at its code before you run it: {command} would be executed in it.", "`datmo snapshot export {id} DIR` brings its code somewhere to look at; add --trust to run it."),
  ENVIRONMENT_NOT_FOUND: info(1300, "environment", 5, false, "No environment has the id or name \"{id}\".", "`datmo environment ls` lists them."),
  ENVIRONMENT_AMBIGUOUS: info(1301, "environment", 5, false, "\"{id}\" fits {count} environments: {list}.", "Give more characters of the id."),
  ENVIRONMENT_NAME_TAKEN: info(1302, "environment", 5, false, "The name \"{name}\" cannot be given: {reason}.", "Choose another name."),
  ENVIRONMENT_IN_USE: info(1303, "environment", 5, false, "Environment {name} was used by {runs} runs and {snapshots} snapshots.", "Add --force to delete it all the same."),
  ENVIRONMENT_CONFLICT: info(1304, "environment", 5, false, "Two environments were given: {first} and {second}.", "Leave one of them out."),
  ENVIRONMENT_NEEDS_CONTAINER: info(1305, "environment", 5, false, "The environment {name} is a container image ({reason}), and --on {driver} runs on the machine itself.", "Leave --on {driver} out to run in the container, or add -e host to run on the machine as it is."),
  ENVIRONMENT_NEEDS_ENGINE: info(1306, "environment", 5, true, "The environment {name} needs a container engine ({why}), and none answers: {reason}.", "Start Docker (`datmo doctor` says what is missing), or add -e host to run on the machine as it is."),
  ENVIRONMENT_NOT_CONTAINER: info(1307, "environment", 5, false, "The environment {name} ({reason}) is no container image, and --on {driver} needs one.", "Add -e NAME with a docker environment, or -e docker for the Dockerfile at the root; or leave --on {driver} out."),
  ENVIRONMENT_INVALID: info(1308, "environment", 5, false, "{source} is no environment: {reason}.", "Give a Dockerfile, a requirements.txt, uv.lock, environment.yml or renv.lock, or an image with --image."),
  CATALOGUE_UNKNOWN: info(1309, "environment", 5, false, "The catalogue has no {what} \"{value}\".", "There is: {known}."),
  ENVIRONMENT_FOLDER_CHANGED: info(1310, "environment", 5, false, "{directory} holds files that no environment has: {list}.", "Keep them first with `datmo environment create`, or add --force to replace them."),
  PYTHON_NOT_FOUND: info(1311, "environment", 5, false, "There is no Python {wanted} on this machine; found: {found}.", "Install Python {wanted}, or uv (https://docs.astral.sh/uv), which brings it."),
  PACKAGES_UNAVAILABLE: info(1312, "environment", 5, false, "These packages cannot be had here: {list}.", "Change their versions in the definition, or use an environment of kind docker."),
  VENV_FAILED: info(1313, "environment", 5, false, "The venv could not be made: {reason}.", ""),
  R_NOT_AVAILABLE: info(1314, "environment", 5, false, "The R library cannot be restored: {reason}.", "Install R, then renv: Rscript -e 'install.packages(\"renv\")'."),
  LOCK_FILE_INVALID: info(1315, "environment", 5, false, "{file} cannot be used: {reason}.", "Make it anew with the tool that wrote it."),
  WORKSPACE_PROGRAM_MISSING: info(1350, "environment", 5, false, "{program} is not in environment {name} and could not be added: {reason}.", "{how}"),
  CONTAINER_ENGINE_MISSING: info(1400, "container", 6, false, "No container engine was found: {reason}.", "Install Docker (https://docs.docker.com/engine/install) or Podman, or run without containers: `-e host`."),
  CONTAINER_ENGINE_STOPPED: info(1401, "container", 6, true, "The container engine at {endpoint} does not answer: {reason}.", "Start it (`sudo systemctl start docker`, or Docker Desktop), or run without containers: `-e host`."),
  CONTAINER_ENGINE_DENIED: info(1402, "container", 6, false, "You may not use the container engine at {endpoint}.", "Join the group that may (`sudo usermod -aG docker $USER`) and log in again, or run without containers: `-e host`."),
  CONTAINER_ENGINE_UNUSABLE: info(1403, "container", 6, false, "The container engine at {endpoint} cannot be used: {reason}.", "Name another one in DOCKER_HOST or with `docker context use`, or run without containers: `-e host`."),
  CONTAINER_ENGINE_FAILED: info(1404, "container", 6, true, "The container engine failed: {reason}.", ""),
  IMAGE_MISSING: info(1405, "container", 6, false, "There is no image {image}: {reason}.", "Check its name, log in to its registry (`docker login`), or build it again."),
  IMAGE_BUILD_FAILED: info(1406, "container", 6, false, "The image could not be built: {reason}.", "Failing step: {step}\n{output}"),
  DOCKERFILE_INVALID: info(1407, "container", 6, false, "The Dockerfile cannot be used: {reason}.", ""),
  COMMAND_NOT_IN_IMAGE: info(1408, "container", 127, false, "There is no program {command} in image {image}.", "Install it in the environment's Dockerfile."),
  PORT_TAKEN: info(1409, "container", 6, true, "Port {port} of this machine is taken.", "Stop what uses it, or choose another: `-p OTHER:CONTAINER`."),
  MOUNT_SOURCE_MISSING: info(1410, "container", 6, false, "There is no {path} to mount.", "Check the path of `--data`."),
  MEMORY_TOO_SMALL: info(1411, "container", 6, false, "A memory limit of {asked} bytes is too small: the engine needs {minimum}.", "Give more with `-m`."),
  CPUS_UNAVAILABLE: info(1412, "container", 6, false, "This engine does not have {asked} CPUs: {reason}.", "Ask for fewer with `--cpus`."),
  GPU_NOT_AVAILABLE: info(1413, "container", 6, false, "No GPU can be given to the command: {missing}.", "{how}"),
  GPU_MISMATCH: info(1414, "container", 6, false, "The container sees {seen} where GPUs {asked} were asked for; the command was not started.", "Compare `nvidia-smi -L` on the machine with what was asked for."),
  REGISTRY_DENIED: info(1415, "container", 6, false, "The registry {registry} does not give {image}: {reason}.", "Log in with `docker login {registry}`: what it keeps is used here, too."),
  DISK_FULL: info(1500, "store", 7, true, "Cannot record {operation}: no space left on {directory}.", "Everything acknowledged so far is safe. Free space and try again."),
  STORAGE_IO: info(1501, "store", 7, true, "The disk reported an error while saving ({reason}); the last change was not saved.", "Check the drive."),
  READ_ONLY: info(1502, "store", 7, false, "The project can be read but not changed ({reason}).", ""),
  JOURNAL_DAMAGED: info(1503, "store", 7, false, "{file} is damaged at byte {offset}; {salvageable} later records can be salvaged.", "Run `datmo fsck`."),
  JOURNAL_GAP: info(1504, "store", 7, false, "The record file {file} is missing; was .datmo copied while in use?", "Copy it again while nothing runs, or run `datmo fsck`."),
  SNAPSHOT_BAD: info(1505, "store", 7, false, "The project's index {file} could not be read and was rebuilt from the one before; no data is lost.", ""),
  PROJECT_DAMAGED: info(1506, "store", 7, false, "Neither index of the project can be read ({reason}); it was opened read-only from the segments that are there.", "Run `datmo fsck`, and restore .datmo from a backup if you have one."),
  QUERY_TOO_LARGE: info(1507, "store", 7, false, "The query needs more memory than the engine may use.", "Ask for less: add a filter or a limit."),
  INDEX_NOT_REFRESHED: info(1508, "store", 7, true, "The project's index was not refreshed ({reason}).", "Nothing is lost; it is tried again later."),
  NETWORK_DRIVE: info(1509, "store", 7, false, "The project is on a network drive; changes from other machines may take up to a minute to show.", ""),
  STORE_CLOSED: info(1510, "store", 70, false, "The project's store is closed.", ""),
  SPOOL_INVALID: info(1511, "store", 7, false, "The spool file {file} cannot be used: {reason}.", ""),
  GIT_STORE_IO: info(1512, "store", 7, true, "Cannot save the snapshot: {reason}.", ""),
  TASK_FILE_INVALID: info(1513, "store", 7, false, "{file} in the folder of run {runId} cannot be used: {reason}.", ""),
  STORE_UNREADABLE: info(1514, "store", 7, true, "The project's records cannot be read: {reason}.", ""),
  CLOCK_AHEAD: info(1515, "store", 7, false, "A change in the project is dated {hours} hours ahead of this machine's clock; changes made now may show as older than they are.", "Check the clocks of the machines that use the project."),
  NOTHING_TO_PURGE: info(1516, "store", 4, false, "Nothing that was recorded has the path \"{target}\", and no snapshot that id or label.", "Paths are relative to the project's root, or to the files of a run or snapshot; `*`, `**` and `?` may be used."),
  STORE_DAMAGED: info(1517, "store", 7, false, "What the project keeps is damaged: {reason}.", "Run `datmo fsck` to see which snapshots and runs it touches."),
  REMOTE_NOT_FOUND: info(1520, "store", 7, false, "No git repository can be reached at {remote}: {reason}.", "Check the address and the connection; a new remote is made with `git init --bare PATH`, or on your git server."),
  REMOTE_REFUSED: info(1521, "store", 7, false, "{remote} refused: {reason}.", "Check who may read and write there. datmo never asks for a password: set up a git credential helper or an ssh agent, and see that `git ls-remote` works."),
  REMOTE_INVALID: info(1522, "store", 7, false, "{remote} cannot be used as a remote: {reason}.", "Give a URL, `user@host:path`, or the path of a repository."),
  REMOTE_BROKEN: info(1523, "store", 7, true, "The exchange with {remote} broke off: {reason}.", "Nothing is half done: run the same command again. Damage that stays is the remote's: `git fsck` there tells more."),
  GIT_NEEDED: info(1524, "store", 7, false, "git is needed for {remote}: {reason}.", "Install git 2.20 or newer, or set DATMO_GIT to the path of one."),
  REMOTE_NEWER: info(1530, "store", 7, false, "{remote} was written by a newer datmo (format {found}; this one knows {known}).", "Upgrade datmo. Nothing was changed."),
  REMOTE_NEEDED: info(1531, "store", 7, false, "No remote was given, and none was used before.", "Name a git repository: `datmo sync push PATH|URL`."),
  SHARE_REFUSED: info(1532, "store", 7, false, "{remote} holds something that no datmo writes, in {ref}: {reason}.", "Nothing was changed. Whoever may write to the remote can remove the reference: `git push REMOTE :{ref}`."),
  SHARE_BUSY: info(1533, "store", 7, true, "{remote} did not take {ref}: {reason}.", "What was sent so far stays there. Try again; if it says the same, look at what the remote allows."),
  PLUGIN_NOT_FOUND: info(1600, "plugin", 4, false, "There is no plugin \"{name}\" in this project.", "`datmo plugin ls` lists those that are installed; `datmo plugin install DIR` installs one."),
  PLUGIN_INVALID: info(1601, "plugin", 8, false, "The plugin {name} cannot be used: {reason}.", "A plugin is a folder with `datmo-plugin.json` (`schemas/plugin-manifest.schema.json`) that imports nothing from outside."),
  PLUGIN_TOO_NEW: info(1602, "plugin", 8, false, "The plugin {name} is for protocol version {wanted}; this engine speaks {engine}.", "Take the version of the plugin that fits, or another datmo."),
  PLUGIN_CONFLICT: info(1603, "plugin", 8, false, "The plugin {name} provides the {what}, and so does {other}.", "Remove the other one first: `datmo plugin remove {other}`."),
  PLUGIN_NOT_GRANTED: info(1604, "plugin", 8, false, "The plugin {name} was not granted what it asks for: {asks}.", "See `datmo plugin show {name}`, then `datmo plugin grant {name} --asked`, or grant parts of it."),
  PLUGIN_PERMISSION_DENIED: info(1605, "plugin", 8, false, "The plugin {name} may not {act}.", "A permission has to be asked for in the manifest and granted with `datmo plugin grant {name}`."),
  PLUGIN_NOT_ASKED: info(1606, "plugin", 8, false, "The plugin {name} does not ask for {permission}.", "`datmo plugin show {name}` lists what it asks for."),
  PLUGIN_CRASHED: info(1607, "plugin", 8, false, "The plugin {name} has ended: {reason}.", "It is started again by the next call."),
  PLUGIN_TIMEOUT: info(1608, "plugin", 8, false, "The plugin {name} gave no answer to {what} within {seconds} s and was killed.", "It is started again by the next call."),
  PLUGIN_OFF: info(1609, "plugin", 8, true, "The plugin {name} rests after {failures} failures in a row; the last: {reason}.", "Try again later, or let it run at once: `datmo plugin grant {name}`."),
  PLUGIN_COMMAND_UNKNOWN: info(1610, "plugin", 4, false, "The plugin {name} has no command \"{command}\".", "`datmo plugin show {name}` lists its commands."),
  PLUGIN_FAILED: info(1611, "plugin", 8, false, "The plugin {name} failed: {message}", "This is the plugin's own error, not datmo's."),
  PLUGIN_LIMIT: info(1612, "plugin", 8, false, "The answer of plugin {name} cannot be taken: {reason}.", "Let it answer with less, or write a file that it was granted."),
  DENO_NOT_FOUND: info(1613, "plugin", 8, false, "Plugins are off, because Deno was not found ({looked}).", "Get it with `npm install -g deno`, or from https://deno.com, or set DATMO_DENO to its path."),
  PLUGIN_ANSWER: info(1614, "plugin", 8, false, "The plugin {name} answered {call} with what it may not: {problem}.", "The shape is in `protocol/SPEC.md`; `deno check` finds most of such errors in its code."),
  PLUGIN_BUILT_IN: info(1615, "plugin", 8, false, "The plugin {name} is part of datmo and cannot be {act}.", "`datmo plugin show {name}` tells what it may do."),
  PROTOCOL_VERSION_UNSUPPORTED: info(1700, "protocol", 70, false, "This engine speaks protocol {engine}, the client asked for {client}.", "Install matching versions of the client and of datmo."),
  MESSAGE_TOO_LARGE: info(1701, "protocol", 70, false, "A message of {megabytes} MB is over the limit of {limitMegabytes} MB.", "Send large data as files or in several messages."),
  ENGINE_BUSY: info(1702, "protocol", 70, true, "The engine has {count} requests waiting.", "Wait for answers before sending more."),
  ENGINE_GONE: info(1703, "protocol", 70, true, "The datmo engine has ended ({reason}).", ""),
  METHOD_NOT_GRANTED: info(1705, "protocol", 4, false, "{method} may not be called here: {reason}.", "Whoever started `datmo mcp` can allow it with --allow-exec."),
  ENGINE_NOT_FOUND: info(1704, "protocol", 70, false, "The datmo engine could not be started: {reason}.", "Install Node 20 or newer, or set DATMO_NODE."),
  EXPORT_FORMAT_UNKNOWN: info(1640, "plugin", 2, false, "Nothing here writes \"{format}\".", "Known: {known}."),
  EXPORT_IN_THE_WAY: info(1641, "plugin", 4, false, "{path} was not written by an export, or was changed since.", "Export to an empty folder, or replace what is there with --force."),
};

const categoryRanges: readonly (readonly [ErrorCategory, from: number, to: number, exitCode: number])[] = [
  ["protocol", 1700, 1799, 70],
  ["project", 1000, 1099, 3],
  ["run", 1100, 1199, 4],
  ["snapshot", 1200, 1299, 4],
  ["environment", 1300, 1399, 5],
  ["container", 1400, 1499, 6],
  ["store", 1500, 1599, 7],
  ["plugin", 1600, 1699, 8],
];

interface DatmoErrorInit {
  readonly kind: ErrorKind;
  readonly info: Omit<ErrorInfo, "message" | "hint">;
  readonly message: string;
  readonly details: JsonObject;
  readonly hint: string | undefined;
  readonly cause?: unknown;
  readonly log?: readonly string[];
}

/** What every expected failure is thrown as; on the wire `{code, message, data: {kind, details, hint?, log?}}`. */
export class DatmoError extends Error {
  override readonly name = "DatmoError";
  readonly kind: ErrorKind;
  readonly code: number;
  readonly category: ErrorCategory;
  readonly details: JsonObject;
  /** What to do about it, placeholders filled. */
  readonly hint: string | undefined;
  /** Exit code of the command line for it. */
  readonly exitCode: number;
  readonly retryable: boolean;
  /** The engine's last log lines for the request. */
  log?: readonly string[];

  constructor(init: DatmoErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.kind = init.kind;
    this.code = init.info.code;
    this.category = init.info.category;
    this.details = init.details;
    this.hint = init.hint === "" ? undefined : init.hint;
    this.exitCode = init.info.exitCode;
    this.retryable = init.info.retryable;
    if (init.log !== undefined) this.log = init.log;
  }
}

export const errors: ErrorFactories = makeFactories();

export function isDatmoError(e: unknown): e is DatmoError {
  return e instanceof DatmoError;
}

/**
 * The error that a JSON-RPC error object stands for. A kind that this version does not know keeps its name;
 * an error without `data` gets the kind that has its code, else `INTERNAL_ERROR`.
 */
export function errorFromWire(code: number, message: string, data: unknown): DatmoError {
  const wire = isObject(data) ? data : {};
  const kind = typeof wire["kind"] === "string" ? (wire["kind"] as ErrorKind) : kindOfCode(code);
  return new DatmoError({
    kind,
    info: { ...(Object.hasOwn(errorTable, kind) ? errorTable[kind] : infoOfCode(code)), code },
    message,
    details: isObject(wire["details"]) ? wire["details"] : {},
    hint: typeof wire["hint"] === "string" ? wire["hint"] : undefined,
    log: Array.isArray(wire["log"]) ? wire["log"].map(String) : undefined,
  });
}

function makeFactories(): ErrorFactories {
  const factories: Record<string, unknown> = {};
  for (const kind of Object.keys(errorTable) as ErrorKind[]) {
    factories[kind] = (details: JsonObject = {}, options: ErrorOptions = {}) => build(kind, details, options);
  }
  return factories as unknown as ErrorFactories;
}

function build(kind: ErrorKind, details: JsonObject, options: ErrorOptions): DatmoError {
  const info = errorTable[kind];
  const hint = options.hint ?? fill(info.hint, details);
  return new DatmoError({ kind, info, message: fill(info.message, details), details, hint, cause: options.cause });
}

function fill(template: string, details: JsonObject): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]));
}

function kindOfCode(code: number): ErrorKind {
  const kinds = Object.keys(errorTable) as ErrorKind[];
  return kinds.find((kind) => errorTable[kind].code === code) ?? "INTERNAL_ERROR";
}

function infoOfCode(code: number): Omit<ErrorInfo, "message" | "hint"> {
  const range = categoryRanges.find(([, from, to]) => code >= from && code <= to);
  return { code, category: range?.[0] ?? "protocol", exitCode: range?.[3] ?? 70, retryable: false };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
