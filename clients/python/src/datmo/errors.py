# generated from protocol/, do not edit; npm run generate
"""Errors: one class per category, the kind as a field."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Type

__all__ = [
    "DatmoError",
    "ProtocolError",
    "ProjectError",
    "RunError",
    "SnapshotError",
    "EnvironmentFailure",
    "ContainerError",
    "StoreError",
    "PluginError",
]


class DatmoError(Exception):
    """What every expected failure is raised as.

    `kind` names the failure and never changes, `code` is its number, `details` are its facts, `hint` says what to
    do about it (None: no advice), `log` holds the engine's last lines for the request, and `retryable` says
    whether the same call may succeed later.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "INTERNAL_ERROR",
        code: int = -32603,
        details: Optional[Mapping[str, Any]] = None,
        hint: Optional[str] = None,
        log: Sequence[str] = (),
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.code = code
        self.details: Dict[str, Any] = dict(details or {})
        self.hint = hint or None
        self.log = list(log)
        self.retryable = retryable

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{self.hint}"

    def __reduce__(self) -> Tuple[Any, ...]:
        # Exceptions are pickled by their positional arguments, which would lose all fields between processes.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))



class ProtocolError(DatmoError):
    """The conversation itself: JSON-RPC's own codes (below zero), versions, sizes, an engine that is
    not there.
    """


class ProjectError(DatmoError):
    """The project as a whole."""


class RunError(DatmoError):
    """Runs, tasks, metrics and files."""


class SnapshotError(DatmoError):
    """Snapshots, restoring, paths and config."""


class EnvironmentFailure(DatmoError):
    """Environments."""


class ContainerError(DatmoError):
    """The container engine."""


class StoreError(DatmoError):
    """What is kept on disk."""


class PluginError(DatmoError):
    """Plugins."""

# Category: class, first and last code.
_CATEGORIES: Dict[str, Tuple[Type[DatmoError], int, int]] = {
    "protocol": (ProtocolError, 1700, 1799),
    "project": (ProjectError, 1000, 1099),
    "run": (RunError, 1100, 1199),
    "snapshot": (SnapshotError, 1200, 1299),
    "environment": (EnvironmentFailure, 1300, 1399),
    "container": (ContainerError, 1400, 1499),
    "store": (StoreError, 1500, 1599),
    "plugin": (PluginError, 1600, 1699),
}

# Kind: code, category, whether trying again may help, message and hint with placeholders.
TABLE: Dict[str, Tuple[int, str, bool, str, str]] = {
    "PARSE_ERROR": (
        -32700,
        "protocol",
        False,
        "The message is not valid JSON: {reason}.",
        "Send one JSON object per frame; numbers must be finite.",
    ),
    "INVALID_REQUEST": (
        -32600,
        "protocol",
        False,
        "The message is not a JSON-RPC 2.0 request: {reason}.",
        "Batches are not supported; send requests one by one.",
    ),
    "METHOD_NOT_FOUND": (
        -32601,
        "protocol",
        False,
        "There is no method \"{method}\".",
        "See protocol/SPEC.md for the methods of this version.",
    ),
    "INVALID_PARAMS": (
        -32602,
        "protocol",
        False,
        "{summary}",
        "",
    ),
    "INTERNAL_ERROR": (
        -32603,
        "protocol",
        False,
        "datmo met a bug (reference {reference}): {reason}.",
        "Please report it with the engine's log (DATMO_LOG=debug).",
    ),
    "NOT_INITIALIZED": (
        -32002,
        "protocol",
        False,
        "The engine expects `initialize` first.",
        "Send `initialize` and wait for its answer.",
    ),
    "CANCELLED": (
        -32800,
        "protocol",
        False,
        "The request was cancelled.",
        "",
    ),
    "PROJECT_NOT_FOUND": (
        1000,
        "project",
        False,
        "There is no datmo project in {directory} or above it.",
        "Run `datmo init` to create one here.",
    ),
    "PROJECT_TOO_LARGE": (
        1002,
        "project",
        False,
        "The project's index is {megabytes} MB; no new runs are taken above {limitMegabytes} MB.",
        "Start a new project, or delete runs you no longer need.",
    ),
    "FORMAT_NEWER": (
        1003,
        "project",
        False,
        "The project was written by a newer datmo (format {found}; this one knows {known}).",
        "Upgrade datmo. Nothing was changed.",
    ),
    "PROJECT_UNWRITABLE": (
        1004,
        "project",
        False,
        "Cannot create a project in {directory}: {reason}.",
        "Choose a folder you may write to.",
    ),
    "DIRECTORY_NOT_FOUND": (
        1005,
        "project",
        False,
        "There is no folder {directory}.",
        "",
    ),
    "PROJECT_MOVED": (
        1006,
        "project",
        False,
        "The project in {directory} was moved or deleted while run {id} was going on; it is not recorded that its command ended with code {exitCode}.",
        "If it was moved: the next datmo command in its new place records the end.",
    ),
    "RUN_NOT_FOUND": (
        1100,
        "run",
        False,
        "No run has the id or name \"{id}\".",
        "`datmo run ls --all` lists every run.",
    ),
    "RUN_AMBIGUOUS": (
        1101,
        "run",
        False,
        "\"{id}\" fits {count} runs: {list}.",
        "Give more characters of the id.",
    ),
    "RUN_NOT_ACTIVE": (
        1102,
        "run",
        False,
        "Run {id} has ended ({status}).",
        "",
    ),
    "RUN_ACTIVE": (
        1103,
        "run",
        False,
        "Run {id} is still active ({status}).",
        "Stop it first: `datmo stop {id}`.",
    ),
    "TASK_NOT_FOUND": (
        1104,
        "run",
        False,
        "No task has the id \"{id}\".",
        "`datmo task ls` lists the tasks.",
    ),
    "TASK_AMBIGUOUS": (
        1105,
        "run",
        False,
        "\"{id}\" fits {count} tasks: {list}.",
        "Give more characters of the id.",
    ),
    "COMMAND_NOT_STARTED": (
        1106,
        "run",
        False,
        "The command could not be started: {reason}.",
        "",
    ),
    "FILTER_INVALID": (
        1107,
        "run",
        False,
        "The filter is wrong at character {position}: {reason}.",
        "Example: metrics.accuracy > 0.9 and tag = best",
    ),
    "SORT_INVALID": (
        1108,
        "run",
        False,
        "Cannot sort by \"{key}\".",
        "Use created, name, status, duration, metrics.NAME or config.NAME, with a - in front for descending.",
    ),
    "METRIC_NOT_FOUND": (
        1109,
        "run",
        False,
        "Run {id} has no metric \"{name}\".",
        "`datmo run metrics {id}` lists its metrics.",
    ),
    "FILE_NOT_FOUND": (
        1110,
        "run",
        False,
        "There is no file {path}.",
        "",
    ),
    "RUN_NOT_RERUNNABLE": (
        1111,
        "run",
        False,
        "Run {id} cannot be run again: {reason}.",
        "",
    ),
    "TIMEOUT": (
        1112,
        "run",
        False,
        "The command did not end within {seconds} s and was stopped.",
        "Give more time with --timeout.",
    ),
    "DRIVER_UNKNOWN": (
        1113,
        "run",
        False,
        "There is no driver \"{name}\" here.",
        "Available: {available}.",
    ),
    "PARSER_UNKNOWN": (
        1118,
        "run",
        False,
        "There is no parser \"{name}\" here.",
        "Available: {available}; `datmo plugin install` brings more.",
    ),
    "RUN_LOST": (
        1114,
        "run",
        False,
        "The engine and the process of run {id} are gone without an end.",
        "The output up to then: `datmo run logs {id}`.",
    ),
    "RUN_TRUST_NEEDED": (
        1115,
        "run",
        False,
        "Run {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.",
        "Add --trust to run it.",
    ),
    "RUN_NOT_STOPPABLE": (
        1116,
        "run",
        True,
        "Run {id} cannot be stopped from here: {reason}.",
        "",
    ),
    "RUN_COLLECTED": (
        1117,
        "run",
        False,
        "Run {id} was deleted and then collected on {at}; it cannot be brought back.",
        "`datmo run ls --deleted` lists the runs that can be brought back.",
    ),
    "QUEUE_REFUSED": (
        1130,
        "run",
        False,
        "This run cannot wait in the queue: {reason}.",
        "Give it as an environment variable that the worker has, or run it now.",
    ),
    "TASK_NOT_RUNNABLE": (
        1131,
        "run",
        False,
        "Task {id} cannot be run: {reason}.",
        "",
    ),
    "TASK_TRUST_NEEDED": (
        1132,
        "run",
        False,
        "Task {id} came from {from}; look at what it would run before you do: {command} in {directory}, {place}, with {variables}.",
        "Add --trust to run it.",
    ),
    "SWEEP_INVALID": (
        1133,
        "run",
        False,
        "The sweep makes no sense: {reason}.",
        "`datmo sweep --help` shows how keys and values are written.",
    ),
    "SWEEP_NOT_FOUND": (
        1134,
        "run",
        False,
        "No sweep has the id or name \"{id}\".",
        "`datmo ls --columns name,group,sweepId` shows which runs belong to one.",
    ),
    "SWEEP_AMBIGUOUS": (
        1135,
        "run",
        False,
        "\"{id}\" fits {count} sweeps: {list}.",
        "Give more characters of the id.",
    ),
    "SECRET_MISSING": (
        1136,
        "run",
        False,
        "The command needs {names}, which is kept nowhere and not in the environment.",
        "Set it in the environment of this command; on a terminal it is asked for.",
    ),
    "ENV_FILE_INVALID": (
        1137,
        "run",
        False,
        "The variables in {path} cannot be used: {reason}.",
        "It is read again whenever the command is started: put it back, or correct the line.",
    ),
    "WORKSPACE_FAILED": (
        1150,
        "run",
        False,
        "{program} ended before it answered: {reason}.",
        "All it printed: `datmo run logs {id}`.",
    ),
    "WORKSPACE_NOT_READY": (
        1151,
        "run",
        True,
        "{program} did not answer within {seconds} s and was stopped.",
        "Give it more time with --ready 2m; all it printed: `datmo run logs {id}`.",
    ),
    "WORKSPACE_NOT_FOUND": (
        1152,
        "run",
        False,
        "Run {id} is no workspace that runs.",
        "`datmo workspace ls` lists those that run.",
    ),
    "IMPORT_SOURCE_UNKNOWN": (
        1140,
        "run",
        False,
        "No importer knows what {path} is.",
        "Say what it is with --from: {known}. Name the folder or file that the other tool writes, such as `mlruns` or `run-….wandb`.",
    ),
    "IMPORT_FORMAT_UNKNOWN": (
        1141,
        "run",
        False,
        "There is no importer \"{format}\".",
        "These are known: {known}.",
    ),
    "IMPORT_SOURCE_INVALID": (
        1142,
        "run",
        False,
        "{path} cannot be imported as {format}: {reason}.",
        "",
    ),
    "SNAPSHOT_NOT_FOUND": (
        1200,
        "snapshot",
        False,
        "No snapshot has the id or label \"{id}\".",
        "`datmo snapshot ls --all` lists every snapshot.",
    ),
    "SNAPSHOT_AMBIGUOUS": (
        1201,
        "snapshot",
        False,
        "\"{id}\" fits {count} snapshots: {list}.",
        "Give more characters of the id.",
    ),
    "WORKING_TREE_DIRTY": (
        1202,
        "snapshot",
        False,
        "There is unsaved work: {list}.",
        "Save it with `datmo snapshot create -m …`, or add --force, which saves it first.",
    ),
    "SNAPSHOT_CORRUPT": (
        1203,
        "snapshot",
        False,
        "Snapshot {id} cannot be read: {reason}.",
        "Run `datmo fsck` to see what else is damaged.",
    ),
    "PATH_NOT_FOUND": (
        1204,
        "snapshot",
        False,
        "There is no file or folder {path}.",
        "Paths are relative to the project's root.",
    ),
    "PATH_INVALID": (
        1205,
        "snapshot",
        False,
        "The path {path} cannot be used: {reason}.",
        "",
    ),
    "PATH_DUPLICATE": (
        1206,
        "snapshot",
        False,
        "Two sources would have the name {name}.",
        "Give one of them another name: SRC>NAME.",
    ),
    "PATH_IN_THE_WAY": (
        1207,
        "snapshot",
        False,
        "Files that no snapshot holds are in the way: {list}.",
        "Move them, or add --force to have them moved to .datmo/displaced.",
    ),
    "SNAPSHOT_IN_USE": (
        1208,
        "snapshot",
        False,
        "Snapshot {id} belongs to run {runId}.",
        "Delete the run first, or add --force.",
    ),
    "CHECKOUT_INTERRUPTED": (
        1209,
        "snapshot",
        False,
        "A checkout of {id} was interrupted.",
        "Run `datmo snapshot checkout {id}` to finish it, or `datmo snapshot checkout {heldId}` to go back.",
    ),
    "CONFIG_INVALID": (
        1210,
        "snapshot",
        False,
        "{source} cannot be used: {reason}.",
        "Give KEY=VALUE or KEY:VALUE, or a file with a JSON object.",
    ),
    "SNAPSHOT_NONE": (
        1211,
        "snapshot",
        False,
        "There is no snapshot yet.",
        "Take one: `datmo snapshot create -m MESSAGE`.",
    ),
    "SNAPSHOT_TRUST_NEEDED": (
        1212,
        "snapshot",
        False,
        "Snapshot {id} came from {from}; look at its code before you run it: {command} would be executed in it.",
        "`datmo snapshot export {id} DIR` brings its code somewhere to look at; add --trust to run it.",
    ),
    "ENVIRONMENT_NOT_FOUND": (
        1300,
        "environment",
        False,
        "No environment has the id or name \"{id}\".",
        "`datmo environment ls` lists them.",
    ),
    "ENVIRONMENT_AMBIGUOUS": (
        1301,
        "environment",
        False,
        "\"{id}\" fits {count} environments: {list}.",
        "Give more characters of the id.",
    ),
    "ENVIRONMENT_NAME_TAKEN": (
        1302,
        "environment",
        False,
        "The name \"{name}\" cannot be given: {reason}.",
        "Choose another name.",
    ),
    "ENVIRONMENT_IN_USE": (
        1303,
        "environment",
        False,
        "Environment {name} was used by {runs} runs and {snapshots} snapshots.",
        "Add --force to delete it all the same.",
    ),
    "ENVIRONMENT_CONFLICT": (
        1304,
        "environment",
        False,
        "Two environments were given: {first} and {second}.",
        "Leave one of them out.",
    ),
    "ENVIRONMENT_NEEDS_CONTAINER": (
        1305,
        "environment",
        False,
        "The environment {name} is a container image ({reason}), and --on {driver} runs on the machine itself.",
        "Leave --on {driver} out to run in the container, or add -e host to run on the machine as it is.",
    ),
    "ENVIRONMENT_NEEDS_ENGINE": (
        1306,
        "environment",
        True,
        "The environment {name} needs a container engine ({why}), and none answers: {reason}.",
        "Start Docker (`datmo doctor` says what is missing), or add -e host to run on the machine as it is.",
    ),
    "ENVIRONMENT_NOT_CONTAINER": (
        1307,
        "environment",
        False,
        "The environment {name} ({reason}) is no container image, and --on {driver} needs one.",
        "Add -e NAME with a docker environment, or -e docker for the Dockerfile at the root; or leave --on {driver} out.",
    ),
    "ENVIRONMENT_INVALID": (
        1308,
        "environment",
        False,
        "{source} is no environment: {reason}.",
        "Give a Dockerfile, a requirements.txt, uv.lock, environment.yml or renv.lock, or an image with --image.",
    ),
    "CATALOGUE_UNKNOWN": (
        1309,
        "environment",
        False,
        "The catalogue has no {what} \"{value}\".",
        "There is: {known}.",
    ),
    "ENVIRONMENT_FOLDER_CHANGED": (
        1310,
        "environment",
        False,
        "{directory} holds files that no environment has: {list}.",
        "Keep them first with `datmo environment create`, or add --force to replace them.",
    ),
    "PYTHON_NOT_FOUND": (
        1311,
        "environment",
        False,
        "There is no Python {wanted} on this machine; found: {found}.",
        "Install Python {wanted}, or uv (https://docs.astral.sh/uv), which brings it.",
    ),
    "PACKAGES_UNAVAILABLE": (
        1312,
        "environment",
        False,
        "These packages cannot be had here: {list}.",
        "Change their versions in the definition, or use an environment of kind docker.",
    ),
    "VENV_FAILED": (
        1313,
        "environment",
        False,
        "The venv could not be made: {reason}.",
        "",
    ),
    "R_NOT_AVAILABLE": (
        1314,
        "environment",
        False,
        "The R library cannot be restored: {reason}.",
        "Install R, then renv: Rscript -e 'install.packages(\"renv\")'.",
    ),
    "LOCK_FILE_INVALID": (
        1315,
        "environment",
        False,
        "{file} cannot be used: {reason}.",
        "Make it anew with the tool that wrote it.",
    ),
    "WORKSPACE_PROGRAM_MISSING": (
        1350,
        "environment",
        False,
        "{program} is not in environment {name} and could not be added: {reason}.",
        "{how}",
    ),
    "CONTAINER_ENGINE_MISSING": (
        1400,
        "container",
        False,
        "No container engine was found: {reason}.",
        "Install Docker (https://docs.docker.com/engine/install) or Podman, or run without containers: `-e host`.",
    ),
    "CONTAINER_ENGINE_STOPPED": (
        1401,
        "container",
        True,
        "The container engine at {endpoint} does not answer: {reason}.",
        "Start it (`sudo systemctl start docker`, or Docker Desktop), or run without containers: `-e host`.",
    ),
    "CONTAINER_ENGINE_DENIED": (
        1402,
        "container",
        False,
        "You may not use the container engine at {endpoint}.",
        "Join the group that may (`sudo usermod -aG docker $USER`) and log in again, or run without containers: `-e host`.",
    ),
    "CONTAINER_ENGINE_UNUSABLE": (
        1403,
        "container",
        False,
        "The container engine at {endpoint} cannot be used: {reason}.",
        "Name another one in DOCKER_HOST or with `docker context use`, or run without containers: `-e host`.",
    ),
    "CONTAINER_ENGINE_FAILED": (
        1404,
        "container",
        True,
        "The container engine failed: {reason}.",
        "",
    ),
    "IMAGE_MISSING": (
        1405,
        "container",
        False,
        "There is no image {image}: {reason}.",
        "Check its name, log in to its registry (`docker login`), or build it again.",
    ),
    "IMAGE_BUILD_FAILED": (
        1406,
        "container",
        False,
        "The image could not be built: {reason}.",
        "Failing step: {step}\n{output}",
    ),
    "DOCKERFILE_INVALID": (
        1407,
        "container",
        False,
        "The Dockerfile cannot be used: {reason}.",
        "",
    ),
    "COMMAND_NOT_IN_IMAGE": (
        1408,
        "container",
        False,
        "There is no program {command} in image {image}.",
        "Install it in the environment's Dockerfile.",
    ),
    "PORT_TAKEN": (
        1409,
        "container",
        True,
        "Port {port} of this machine is taken.",
        "Stop what uses it, or choose another: `-p OTHER:CONTAINER`.",
    ),
    "MOUNT_SOURCE_MISSING": (
        1410,
        "container",
        False,
        "There is no {path} to mount.",
        "Check the path of `--data`.",
    ),
    "MEMORY_TOO_SMALL": (
        1411,
        "container",
        False,
        "A memory limit of {asked} bytes is too small: the engine needs {minimum}.",
        "Give more with `-m`.",
    ),
    "CPUS_UNAVAILABLE": (
        1412,
        "container",
        False,
        "This engine does not have {asked} CPUs: {reason}.",
        "Ask for fewer with `--cpus`.",
    ),
    "GPU_NOT_AVAILABLE": (
        1413,
        "container",
        False,
        "No GPU can be given to the command: {missing}.",
        "{how}",
    ),
    "GPU_MISMATCH": (
        1414,
        "container",
        False,
        "The container sees {seen} where GPUs {asked} were asked for; the command was not started.",
        "Compare `nvidia-smi -L` on the machine with what was asked for.",
    ),
    "REGISTRY_DENIED": (
        1415,
        "container",
        False,
        "The registry {registry} does not give {image}: {reason}.",
        "Log in with `docker login {registry}`: what it keeps is used here, too.",
    ),
    "DISK_FULL": (
        1500,
        "store",
        True,
        "Cannot record {operation}: no space left on {directory}.",
        "Everything acknowledged so far is safe. Free space and try again.",
    ),
    "STORAGE_IO": (
        1501,
        "store",
        True,
        "The disk reported an error while saving ({reason}); the last change was not saved.",
        "Check the drive.",
    ),
    "READ_ONLY": (
        1502,
        "store",
        False,
        "The project can be read but not changed ({reason}).",
        "",
    ),
    "JOURNAL_DAMAGED": (
        1503,
        "store",
        False,
        "{file} is damaged at byte {offset}; {salvageable} later records can be salvaged.",
        "Run `datmo fsck`.",
    ),
    "JOURNAL_GAP": (
        1504,
        "store",
        False,
        "The record file {file} is missing; was .datmo copied while in use?",
        "Copy it again while nothing runs, or run `datmo fsck`.",
    ),
    "SNAPSHOT_BAD": (
        1505,
        "store",
        False,
        "The project's index {file} could not be read and was rebuilt from the one before; no data is lost.",
        "",
    ),
    "PROJECT_DAMAGED": (
        1506,
        "store",
        False,
        "Neither index of the project can be read ({reason}); it was opened read-only from the segments that are there.",
        "Run `datmo fsck`, and restore .datmo from a backup if you have one.",
    ),
    "QUERY_TOO_LARGE": (
        1507,
        "store",
        False,
        "The query needs more memory than the engine may use.",
        "Ask for less: add a filter or a limit.",
    ),
    "INDEX_NOT_REFRESHED": (
        1508,
        "store",
        True,
        "The project's index was not refreshed ({reason}).",
        "Nothing is lost; it is tried again later.",
    ),
    "NETWORK_DRIVE": (
        1509,
        "store",
        False,
        "The project is on a network drive; changes from other machines may take up to a minute to show.",
        "",
    ),
    "STORE_CLOSED": (
        1510,
        "store",
        False,
        "The project's store is closed.",
        "",
    ),
    "SPOOL_INVALID": (
        1511,
        "store",
        False,
        "The spool file {file} cannot be used: {reason}.",
        "",
    ),
    "GIT_STORE_IO": (
        1512,
        "store",
        True,
        "Cannot save the snapshot: {reason}.",
        "",
    ),
    "TASK_FILE_INVALID": (
        1513,
        "store",
        False,
        "{file} in the folder of run {runId} cannot be used: {reason}.",
        "",
    ),
    "STORE_UNREADABLE": (
        1514,
        "store",
        True,
        "The project's records cannot be read: {reason}.",
        "",
    ),
    "CLOCK_AHEAD": (
        1515,
        "store",
        False,
        "A change in the project is dated {hours} hours ahead of this machine's clock; changes made now may show as older than they are.",
        "Check the clocks of the machines that use the project.",
    ),
    "NOTHING_TO_PURGE": (
        1516,
        "store",
        False,
        "Nothing that was recorded has the path \"{target}\", and no snapshot that id or label.",
        "Paths are relative to the project's root, or to the files of a run or snapshot; `*`, `**` and `?` may be used.",
    ),
    "STORE_DAMAGED": (
        1517,
        "store",
        False,
        "What the project keeps is damaged: {reason}.",
        "Run `datmo fsck` to see which snapshots and runs it touches.",
    ),
    "REMOTE_NOT_FOUND": (
        1520,
        "store",
        False,
        "No git repository can be reached at {remote}: {reason}.",
        "Check the address and the connection; a new remote is made with `git init --bare PATH`, or on your git server.",
    ),
    "REMOTE_REFUSED": (
        1521,
        "store",
        False,
        "{remote} refused: {reason}.",
        "Check who may read and write there. datmo never asks for a password: set up a git credential helper or an ssh agent, and see that `git ls-remote` works.",
    ),
    "REMOTE_INVALID": (
        1522,
        "store",
        False,
        "{remote} cannot be used as a remote: {reason}.",
        "Give a URL, `user@host:path`, or the path of a repository.",
    ),
    "REMOTE_BROKEN": (
        1523,
        "store",
        True,
        "The exchange with {remote} broke off: {reason}.",
        "Nothing is half done: run the same command again. Damage that stays is the remote's: `git fsck` there tells more.",
    ),
    "GIT_NEEDED": (
        1524,
        "store",
        False,
        "git is needed for {remote}: {reason}.",
        "Install git 2.20 or newer, or set DATMO_GIT to the path of one.",
    ),
    "REMOTE_NEWER": (
        1530,
        "store",
        False,
        "{remote} was written by a newer datmo (format {found}; this one knows {known}).",
        "Upgrade datmo. Nothing was changed.",
    ),
    "REMOTE_NEEDED": (
        1531,
        "store",
        False,
        "No remote was given, and none was used before.",
        "Name a git repository: `datmo sync push PATH|URL`.",
    ),
    "SHARE_REFUSED": (
        1532,
        "store",
        False,
        "{remote} holds something that no datmo writes, in {ref}: {reason}.",
        "Nothing was changed. Whoever may write to the remote can remove the reference: `git push REMOTE :{ref}`.",
    ),
    "SHARE_BUSY": (
        1533,
        "store",
        True,
        "{remote} did not take {ref}: {reason}.",
        "What was sent so far stays there. Try again; if it says the same, look at what the remote allows.",
    ),
    "PLUGIN_NOT_FOUND": (
        1600,
        "plugin",
        False,
        "There is no plugin \"{name}\" in this project.",
        "`datmo plugin ls` lists those that are installed; `datmo plugin install DIR` installs one.",
    ),
    "PLUGIN_INVALID": (
        1601,
        "plugin",
        False,
        "The plugin {name} cannot be used: {reason}.",
        "A plugin is a folder with `datmo-plugin.json` (`schemas/plugin-manifest.schema.json`) that imports nothing from outside.",
    ),
    "PLUGIN_TOO_NEW": (
        1602,
        "plugin",
        False,
        "The plugin {name} is for protocol version {wanted}; this engine speaks {engine}.",
        "Take the version of the plugin that fits, or another datmo.",
    ),
    "PLUGIN_CONFLICT": (
        1603,
        "plugin",
        False,
        "The plugin {name} provides the {what}, and so does {other}.",
        "Remove the other one first: `datmo plugin remove {other}`.",
    ),
    "PLUGIN_NOT_GRANTED": (
        1604,
        "plugin",
        False,
        "The plugin {name} was not granted what it asks for: {asks}.",
        "See `datmo plugin show {name}`, then `datmo plugin grant {name} --asked`, or grant parts of it.",
    ),
    "PLUGIN_PERMISSION_DENIED": (
        1605,
        "plugin",
        False,
        "The plugin {name} may not {act}.",
        "A permission has to be asked for in the manifest and granted with `datmo plugin grant {name}`.",
    ),
    "PLUGIN_NOT_ASKED": (
        1606,
        "plugin",
        False,
        "The plugin {name} does not ask for {permission}.",
        "`datmo plugin show {name}` lists what it asks for.",
    ),
    "PLUGIN_CRASHED": (
        1607,
        "plugin",
        False,
        "The plugin {name} has ended: {reason}.",
        "It is started again by the next call.",
    ),
    "PLUGIN_TIMEOUT": (
        1608,
        "plugin",
        False,
        "The plugin {name} gave no answer to {what} within {seconds} s and was killed.",
        "It is started again by the next call.",
    ),
    "PLUGIN_OFF": (
        1609,
        "plugin",
        True,
        "The plugin {name} rests after {failures} failures in a row; the last: {reason}.",
        "Try again later, or let it run at once: `datmo plugin grant {name}`.",
    ),
    "PLUGIN_COMMAND_UNKNOWN": (
        1610,
        "plugin",
        False,
        "The plugin {name} has no command \"{command}\".",
        "`datmo plugin show {name}` lists its commands.",
    ),
    "PLUGIN_FAILED": (
        1611,
        "plugin",
        False,
        "The plugin {name} failed: {message}",
        "This is the plugin's own error, not datmo's.",
    ),
    "PLUGIN_LIMIT": (
        1612,
        "plugin",
        False,
        "The answer of plugin {name} cannot be taken: {reason}.",
        "Let it answer with less, or write a file that it was granted.",
    ),
    "DENO_NOT_FOUND": (
        1613,
        "plugin",
        False,
        "Plugins are off, because Deno was not found ({looked}).",
        "Get it with `npm install -g deno`, or from https://deno.com, or set DATMO_DENO to its path.",
    ),
    "PLUGIN_ANSWER": (
        1614,
        "plugin",
        False,
        "The plugin {name} answered {call} with what it may not: {problem}.",
        "The shape is in `protocol/SPEC.md`; `deno check` finds most of such errors in its code.",
    ),
    "PLUGIN_BUILT_IN": (
        1615,
        "plugin",
        False,
        "The plugin {name} is part of datmo and cannot be {act}.",
        "`datmo plugin show {name}` tells what it may do.",
    ),
    "PROTOCOL_VERSION_UNSUPPORTED": (
        1700,
        "protocol",
        False,
        "This engine speaks protocol {engine}, the client asked for {client}.",
        "Install matching versions of the client and of datmo.",
    ),
    "MESSAGE_TOO_LARGE": (
        1701,
        "protocol",
        False,
        "A message of {megabytes} MB is over the limit of {limitMegabytes} MB.",
        "Send large data as files or in several messages.",
    ),
    "ENGINE_BUSY": (
        1702,
        "protocol",
        True,
        "The engine has {count} requests waiting.",
        "Wait for answers before sending more.",
    ),
    "ENGINE_GONE": (
        1703,
        "protocol",
        True,
        "The datmo engine has ended ({reason}).",
        "",
    ),
    "METHOD_NOT_GRANTED": (
        1705,
        "protocol",
        False,
        "{method} may not be called here: {reason}.",
        "Whoever started `datmo mcp` can allow it with --allow-exec.",
    ),
    "ENGINE_NOT_FOUND": (
        1704,
        "protocol",
        False,
        "The datmo engine could not be started: {reason}.",
        "Install Node 20 or newer, or set DATMO_NODE.",
    ),
    "EXPORT_FORMAT_UNKNOWN": (
        1640,
        "plugin",
        False,
        "Nothing here writes \"{format}\".",
        "Known: {known}.",
    ),
    "EXPORT_IN_THE_WAY": (
        1641,
        "plugin",
        False,
        "{path} was not written by an export, or was changed since.",
        "Export to an empty folder, or replace what is there with --force.",
    ),
}


def make_error(
    kind: str,
    details: Optional[Mapping[str, Any]] = None,
    *,
    hint: Optional[str] = None,
    log: Sequence[str] = (),
) -> DatmoError:
    """The error of a kind of the table, its message and hint filled from the details."""
    code, category, retryable, message, advice = TABLE[kind]
    facts = dict(details or {})
    return _CATEGORIES[category][0](
        message.format_map(facts),
        kind=kind,
        code=code,
        details=facts,
        hint=advice.format_map(facts) if hint is None else hint,
        log=log,
        retryable=retryable,
    )


def error_from_wire(error: Mapping[str, Any]) -> DatmoError:
    """The exception for a JSON-RPC error object; a kind this version does not know keeps its name."""
    code = int(error.get("code", -32603))
    data = error.get("data")
    data = data if isinstance(data, dict) else {}
    kind = str(data.get("kind") or _kind_of_code(code))
    row = TABLE.get(kind)
    cls = _CATEGORIES[row[1]][0] if row else _class_of_code(code)
    details = data.get("details")
    return cls(
        str(error.get("message", "")),
        kind=kind,
        code=code,
        details=details if isinstance(details, dict) else {},
        hint=data.get("hint"),
        log=data.get("log") or (),
        retryable=row[2] if row else False,
    )


def _kind_of_code(code: int) -> str:
    return next((kind for kind, row in TABLE.items() if row[0] == code), "INTERNAL_ERROR")


def _class_of_code(code: int) -> Type[DatmoError]:
    return next((cls for cls, first, last in _CATEGORIES.values() if first <= code <= last), DatmoError)


def _rebuild(cls: Type[DatmoError], message: str, fields: Dict[str, Any]) -> DatmoError:
    error = cls(message)
    error.__dict__.update(fields)
    return error
