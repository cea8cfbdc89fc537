# generated from protocol/, do not edit; npm run generate
"""What to do: an immutable, content-addressed command.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, executed, items, mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Mapping, Optional, Sequence
    from ._executed import ExecutedRun
    from ._protocol import (
        Command,
        DataSource,
        PortMapping,
        Task,
        TaskCreateResult,
        TaskGetResult,
    )


def create(
    command: Command,
    *,
    directory: Optional[str] = None,
    driver: Optional[str] = None,
    environment_id: Optional[str] = None,
    gpu: Optional[str] = None,
    memory_bytes: Optional[int] = None,
    cpus: Optional[float] = None,
    ports: Optional[Sequence[PortMapping]] = None,
    data: Optional[Sequence[DataSource]] = None,
    timeout_ms: Optional[int] = None,
    variables: Optional[Mapping[str, str]] = None,
    secrets: Optional[Sequence[str]] = None,
    env_files: Optional[Sequence[str]] = None,
    interactive: Optional[bool] = None,
) -> TaskCreateResult:
    """Keeps a task; the same definition is the same task.

    ``command``: A command. One string is given to /bin/sh; an array is executed as it is, word by word.
    ``directory``: Working directory, relative to the project's root. Absent: the root.
    ``driver``: Where it runs. Absent: `host`.
    ``environment_id``: Where it runs: id, name or unique prefix of an environment. Absent: the machine as
        it is.
    ``gpu``: GPUs for the command: `all`, a number of them, or their ids joined by commas (`0,2`, `GPU-…`;
        a single index is `device=0`). Absent: none are asked for.
    ``memory_bytes``: Limit of memory in bytes, swap included; needs a container. Absent: none.
    ``cpus``: Limit of processors, in parts of one; needs a container. Absent: none.
    ``ports``: Ports of the container that this machine shows. Absent: none.
    ``data``: Files and folders in the data folder, in place of the project's `data`. Absent: the
        project's.
    ``timeout_ms``: Time limit in milliseconds. Absent: none.
    ``variables``: Environment variables given to the command besides those of the engine. Absent: none.
        Values that look like credentials are masked in what is kept.
    ``secrets``: Names of variables whose values are secret: taken from the engine's environment, given to
        the command, and kept nowhere. Absent: none.
    ``env_files``: Files of lines NAME=VALUE, relative to the project's root or absolute: read when the
        command starts; what they say is kept nowhere. Absent: none.
    ``interactive``: The command gets the terminal or standard input. Absent: no.

    Answers ``task``, ``created``. Raises DatmoError: PATH_INVALID.
    """
    result: TaskCreateResult = call_method("task.create", {
        "command": command,
        "directory": directory,
        "driver": driver,
        "environmentId": environment_id,
        "gpu": gpu,
        "memoryBytes": memory_bytes,
        "cpus": cpus,
        "ports": ports,
        "data": data,
        "timeoutMs": timeout_ms,
        "variables": variables,
        "secrets": secrets,
        "envFiles": env_files,
        "interactive": interactive,
    })
    return result


def get(id: str) -> TaskGetResult:
    """One task.

    ``id``: Id or unique prefix.

    Answers ``task``, ``runs``. Raises DatmoError: TASK_NOT_FOUND, TASK_AMBIGUOUS.
    """
    result: TaskGetResult = call_method("task.get", {"id": id})
    return result


def list(*, limit: Optional[int] = None) -> List[Task]:
    """All tasks, newest first.

    ``limit``: At most this many. Absent: all.
    """
    result: List[Task] = items("task.list", {"limit": limit})
    return result


def run(
    id: str,
    *,
    snapshot_id: Optional[str] = None,
    config: Optional[Mapping[str, Any]] = None,
    parser: Optional[str] = None,
    name: Optional[str] = None,
    tags: Optional[Sequence[str]] = None,
    group: Optional[str] = None,
    note: Optional[str] = None,
    timeout_ms: Optional[int] = None,
    trust: Optional[bool] = None,
    secret_values: Optional[Mapping[str, str]] = None,
    detached: Optional[bool] = None,
) -> ExecutedRun:
    """A new run of the task on a state, in an isolated copy.

    Answers when the run is durable and its command has started.

    ``id``: Id or unique prefix of the task.
    ``snapshot_id``: State to run on: id, label or unique prefix of a snapshot; its config counts. Absent:
        the project as it is now.
    ``config``: Values that replace those of the state's config, deep-merged. Absent: none.
    ``parser``: What finds metrics in the output: `key-value` (lines that are exactly `name: number`),
        `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
    ``name``: Readable name. Absent: one is made.
    ``tags``: Tags. Absent: none.
    ``group``: Group. Absent: none.
    ``note``: Free text. Absent: none.
    ``timeout_ms``: Time limit in milliseconds. Absent: the task's.
    ``trust``: Run a command that came from elsewhere. Absent: no.
    ``secret_values``: Values of secrets that the engine's environment does not have; kept nowhere.
        Absent: none.
    ``detached``: The run belongs to a process of its own and goes on when this engine leaves. Absent: no.

    The run, which can be waited for. Raises DatmoError: TASK_NOT_FOUND, TASK_AMBIGUOUS, TASK_NOT_RUNNABLE,
    TASK_TRUST_NEEDED, SNAPSHOT_NOT_FOUND, SNAPSHOT_AMBIGUOUS, COMMAND_NOT_STARTED, SECRET_MISSING,
    ENV_FILE_INVALID, PARSER_UNKNOWN, PLUGIN_NOT_GRANTED, PLUGIN_INVALID.
    """
    result: ExecutedRun = executed("task.run", {
        "id": id,
        "snapshotId": snapshot_id,
        "config": mapping(config, "config"),
        "parser": parser,
        "name": name,
        "tags": tags,
        "group": group,
        "note": note,
        "timeoutMs": timeout_ms,
        "trust": trust,
        "secretValues": secret_values,
        "detached": detached,
    })
    return result


ls = list
