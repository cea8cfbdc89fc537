# generated from protocol/, do not edit; npm run generate
"""Interactive runs: Jupyter, RStudio or a terminal on an environment. Each sitting is a run with a before-
and an after-snapshot.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence
    from ._protocol import (
        DataSource,
        PortMapping,
        WorkspaceKind,
        WorkspaceListResult,
        WorkspaceStartResult,
        WorkspaceStopResult,
    )


def start(
    kind: WorkspaceKind,
    *,
    directory: Optional[str] = None,
    driver: Optional[str] = None,
    environment: Optional[str] = None,
    environment_paths: Optional[Sequence[str]] = None,
    gpu: Optional[str] = None,
    memory_bytes: Optional[int] = None,
    cpus: Optional[float] = None,
    ports: Optional[Sequence[PortMapping]] = None,
    data: Optional[Sequence[DataSource]] = None,
    variables: Optional[Mapping[str, str]] = None,
    name: Optional[str] = None,
    tags: Optional[Sequence[str]] = None,
    group: Optional[str] = None,
    note: Optional[str] = None,
    config: Optional[Mapping[str, Any]] = None,
    message: Optional[str] = None,
    port: Optional[int] = None,
    ready_ms: Optional[int] = None,
    idle_ms: Optional[int] = None,
    transcript: Optional[bool] = None,
    detached: Optional[bool] = None,
    rerun_of: Optional[str] = None,
    here: Optional[bool] = None,
    force: Optional[bool] = None,
    trust: Optional[bool] = None,
) -> WorkspaceStartResult:
    """Starts a workspace; answers when its program answers.

    Where the environment lacks the program, a layer with it is made and cached; the environment itself stays
    what it is. A program that ends or does not answer in time is an error, and its run is kept as what it
    was. `terminal` needs an engine in the process that has the terminal.

    ``kind``: Which program it is.
    ``directory``: Working directory, relative to the project's root. Absent: the root.
    ``driver``: Where it runs: `host`, `docker`. Absent: what goes with the environment.
    ``environment``: Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root;
        `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
    ``environment_paths``: Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent:
        none.
    ``gpu``: GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`;
        a single index is `device=0`). Absent: none are asked for.
    ``memory_bytes``: Limit of memory in bytes, swap included; needs a container. Absent: none.
    ``cpus``: Limit of processors, in parts of one; needs a container. Absent: none.
    ``ports``: Ports of the container that this machine shows. Absent: none.
    ``data``: Files and folders in the data folder, in place of the project's `data`. Absent: the
        project's.
    ``variables``: Environment variables given to the command besides those of the engine. Absent: none.
        Values that look like credentials are masked in what is kept.
    ``name``: Readable name. Absent: one is made.
    ``tags``: Tags. Absent: none.
    ``group``: Group. Absent: none.
    ``note``: Free text. Absent: none.
    ``config``: The run's config. Absent: `config.json` at the root when it is there, else empty.
    ``message``: Message for its snapshots. Absent: made from the command.
    ``port``: Port of this machine on which it answers. Absent: the usual one when it is free, else
        another.
    ``ready_ms``: Longest time in milliseconds from the start of the program until it answers. Absent:
        30,000.
    ``idle_ms``: It ends by itself when nothing was done in it for this long, in milliseconds. Absent:
        never.
    ``transcript``: Keep what the terminal shows as `terminal.cast` (asciicast v2) among the run's files;
        kind `terminal` only. Absent: no.
    ``detached``: The run belongs to a process of its own and goes on when this engine leaves. Absent: no.
    ``rerun_of``: A workspace run (id, name or unique prefix) to be opened again where it ended, in place
        of `environment` and what goes with it. Absent: a new one.
    ``here``: With `rerunOf`: in the project's folder, which is brought to that state first, instead of a
        copy. Absent: in a copy.
    ``force``: With `here`: unsaved work in the folder is saved as a snapshot first; without it such work
        is a refusal. Absent: no.
    ``trust``: With `rerunOf`: the run came from elsewhere, and its command was looked at. Absent: no.

    Answers ``workspace``, ``run``. Raises DatmoError: PROJECT_NOT_FOUND, DRIVER_UNKNOWN, PATH_INVALID,
    DISK_FULL, READ_ONLY, COMMAND_NOT_STARTED, ENVIRONMENT_NOT_FOUND, ENVIRONMENT_AMBIGUOUS,
    ENVIRONMENT_CONFLICT, ENVIRONMENT_INVALID, ENVIRONMENT_NEEDS_CONTAINER, ENVIRONMENT_NOT_CONTAINER,
    ENVIRONMENT_NEEDS_ENGINE, IMAGE_BUILD_FAILED, DOCKERFILE_INVALID, IMAGE_MISSING, COMMAND_NOT_IN_IMAGE,
    PORT_TAKEN, MOUNT_SOURCE_MISSING, MEMORY_TOO_SMALL, CPUS_UNAVAILABLE, GPU_NOT_AVAILABLE, GPU_MISMATCH,
    PACKAGES_UNAVAILABLE, PYTHON_NOT_FOUND, VENV_FAILED, CONTAINER_ENGINE_FAILED, SECRET_MISSING,
    ENV_FILE_INVALID, WORKSPACE_FAILED, WORKSPACE_NOT_READY, WORKSPACE_PROGRAM_MISSING, RUN_NOT_FOUND,
    RUN_NOT_RERUNNABLE, RUN_TRUST_NEEDED.
    """
    result: WorkspaceStartResult = call_method("workspace.start", {
        "kind": kind,
        "directory": directory,
        "driver": driver,
        "environment": environment,
        "environmentPaths": environment_paths,
        "gpu": gpu,
        "memoryBytes": memory_bytes,
        "cpus": cpus,
        "ports": ports,
        "data": data,
        "variables": variables,
        "name": name,
        "tags": tags,
        "group": group,
        "note": note,
        "config": mapping(config, "config"),
        "message": message,
        "port": port,
        "readyMs": ready_ms,
        "idleMs": idle_ms,
        "transcript": transcript,
        "detached": detached,
        "rerunOf": rerun_of,
        "here": here,
        "force": force,
        "trust": trust,
    })
    return result


def list() -> WorkspaceListResult:
    """The workspaces that run.

    Addresses are told only for those of this machine.

    Answers ``items``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: WorkspaceListResult = call_method("workspace.list", {})
    return result


def stop(
    *,
    id: Optional[str] = None,
    all: Optional[bool] = None,
    grace_ms: Optional[int] = None,
) -> WorkspaceStopResult:
    """Ends workspaces gracefully; answers when their after-snapshots are taken.

    ``id``: Run of the workspace: id, name or unique prefix. Absent: `all` must be given.
    ``all``: Every workspace that runs. Absent: no.
    ``grace_ms``: Time in milliseconds between the request to end and the kill. Absent: 10,000.

    Answers ``runs``. Raises DatmoError: PROJECT_NOT_FOUND, RUN_NOT_FOUND, RUN_NOT_ACTIVE,
    WORKSPACE_NOT_FOUND.
    """
    result: WorkspaceStopResult = call_method("workspace.stop", {"id": id, "all": all, "graceMs": grace_ms})
    return result


ls = list
