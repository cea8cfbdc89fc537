# generated from protocol/, do not edit; npm run generate
"""Runs that wait for a worker. Any engine may put runs in and take them out; each is executed once, in a
copy of the state it was put in with.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, executed, mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional, Sequence
    from ._executed import ExecutedRun
    from ._protocol import (
        Command,
        DataSource,
        PortMapping,
        QueueCancelResult,
        QueueClaimResult,
        QueueListResult,
    )


def add(
    command: Command,
    *,
    directory: Optional[str] = None,
    driver: Optional[str] = None,
    gpu: Optional[str] = None,
    timeout_ms: Optional[int] = None,
    variables: Optional[Mapping[str, str]] = None,
    secrets: Optional[Sequence[str]] = None,
    env_files: Optional[Sequence[str]] = None,
    secret_values: Optional[Mapping[str, str]] = None,
    name: Optional[str] = None,
    tags: Optional[Sequence[str]] = None,
    group: Optional[str] = None,
    note: Optional[str] = None,
    config: Optional[Mapping[str, Any]] = None,
    message: Optional[str] = None,
    parse: Optional[bool] = None,
    parser: Optional[str] = None,
    usage: Optional[bool] = None,
    snapshot_id: Optional[str] = None,
    trust: Optional[bool] = None,
    environment: Optional[str] = None,
    environment_paths: Optional[Sequence[str]] = None,
    memory_bytes: Optional[int] = None,
    cpus: Optional[float] = None,
    ports: Optional[Sequence[PortMapping]] = None,
    data: Optional[Sequence[DataSource]] = None,
) -> ExecutedRun:
    """Records a run as queued and takes its before-snapshot; a worker executes it later.

    The command, its config and its variables are kept until then, so a run whose command or config holds a
    credential is refused. Of variables that look like credentials only the names are kept: the worker must
    have them in its own environment.

    ``command``: A command. One string is given to /bin/sh; an array is executed as it is, word by word.
    ``directory``: Working directory, relative to the project's root. Absent: the root.
    ``driver``: Where it runs. Absent: `host`.
    ``gpu``: GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`;
        a single index is `device=0`). Absent: none are asked for.
    ``timeout_ms``: Time limit in milliseconds. Absent: none.
    ``variables``: Environment variables given to the command besides those of the engine. Absent: none.
        Values that look like credentials are masked in what is kept.
    ``secrets``: Names of variables whose values are secret: taken from the engine's environment, given to
        the command, and kept nowhere. Absent: none.
    ``env_files``: Files of lines NAME=VALUE, relative to the project's root or absolute: read when the
        command starts; what they say is kept nowhere. Absent: none.
    ``secret_values``: Values of secrets that the engine's environment does not have; kept nowhere.
        Absent: none.
    ``name``: Readable name. Absent: one is made.
    ``tags``: Tags. Absent: none.
    ``group``: Group. Absent: none.
    ``note``: Free text. Absent: none.
    ``config``: The run's config. Absent: `config.json` at the root when it is there, else empty.
    ``message``: Message for its snapshots. Absent: made from the command.
    ``parse``: Lines of the output that are exactly `name: number` become metrics. Absent: yes.
    ``parser``: What finds metrics in the output: `key-value` (lines that are exactly `name: number`),
        `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
    ``usage``: What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as
        `DATMO_USAGE` and the project's settings say; without them, yes.
    ``snapshot_id``: State to run on: id, label or unique prefix of a snapshot. Absent: the project as it
        is now.
    ``trust``: Run it on a state that came from elsewhere. Absent: no.
    ``environment``: Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root;
        `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
    ``environment_paths``: Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent:
        none.
    ``memory_bytes``: Limit of memory in bytes, swap included; needs a container. Absent: none.
    ``cpus``: Limit of processors, in parts of one; needs a container. Absent: none.
    ``ports``: Ports of the container that this machine shows. Absent: none.
    ``data``: Files and folders in the data folder, in place of the project's `data`. Absent: the
        project's.

    The run, which can be waited for. Raises DatmoError: PROJECT_NOT_FOUND, DRIVER_UNKNOWN, PATH_INVALID,
    SNAPSHOT_NOT_FOUND, SNAPSHOT_AMBIGUOUS, QUEUE_REFUSED, DISK_FULL, READ_ONLY, SNAPSHOT_TRUST_NEEDED,
    SECRET_MISSING, ENV_FILE_INVALID, PARSER_UNKNOWN, PLUGIN_NOT_GRANTED, PLUGIN_INVALID.
    """
    result: ExecutedRun = executed("queue.add", {
        "command": command,
        "directory": directory,
        "driver": driver,
        "gpu": gpu,
        "timeoutMs": timeout_ms,
        "variables": variables,
        "secrets": secrets,
        "envFiles": env_files,
        "secretValues": secret_values,
        "name": name,
        "tags": tags,
        "group": group,
        "note": note,
        "config": mapping(config, "config"),
        "message": message,
        "parse": parse,
        "parser": parser,
        "usage": usage,
        "snapshotId": snapshot_id,
        "trust": trust,
        "environment": environment,
        "environmentPaths": environment_paths,
        "memoryBytes": memory_bytes,
        "cpus": cpus,
        "ports": ports,
        "data": data,
    })
    return result


def list() -> QueueListResult:
    """Runs that wait, in the order in which workers take them.

    Answers ``items``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: QueueListResult = call_method("queue.list", {})
    return result


def claim(
    *,
    gpus: Optional[Sequence[str]] = None,
    sweep_id: Optional[str] = None,
) -> QueueClaimResult:
    """Takes the oldest queued run that can be started and starts it in this engine.

    Answers when its command has started, or could not be; without a run when none can be started now. A run
    that asks for GPUs gets free ones of those named; the oldest that has to wait for its GPUs keeps younger
    ones from taking them.

    ``gpus``: GPUs that runs may be given. Absent: those of this machine.
    ``sweep_id``: Only runs of this sweep. Absent: any.

    Answers ``run``, ``gpus``, ``waiting``, ``held``, ``unfit``. Raises DatmoError: PROJECT_NOT_FOUND,
    SWEEP_NOT_FOUND, SWEEP_AMBIGUOUS, DISK_FULL, READ_ONLY, STORAGE_IO.
    """
    result: QueueClaimResult = call_method("queue.claim", {"gpus": gpus, "sweepId": sweep_id})
    return result


def cancel(ids: Sequence[str]) -> QueueCancelResult:
    """Takes queued runs out of the queue; they end as stopped.

    All of them or none: one that has started is refused.

    ``ids``: Ids, names or unique prefixes.

    Answers ``runs``. Raises DatmoError: RUN_NOT_FOUND, RUN_AMBIGUOUS, RUN_NOT_ACTIVE, RUN_ACTIVE.
    """
    result: QueueCancelResult = call_method("queue.cancel", {"ids": ids})
    return result


ls = list
