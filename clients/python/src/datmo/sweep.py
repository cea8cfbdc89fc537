# generated from protocol/, do not edit; npm run generate
"""One command with many configs: each combination is a queued run, all on the same state and in one group.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, items, mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Mapping, Optional, Sequence
    from ._protocol import (
        Command,
        DataSource,
        PortMapping,
        SweepGetResult,
        SweepOverview,
        SweepSpec,
        SweepStartResult,
    )


def start(
    *,
    id: Optional[str] = None,
    name: Optional[str] = None,
    command: Optional[Command] = None,
    spec: Optional[SweepSpec] = None,
    config: Optional[Mapping[str, Any]] = None,
    group: Optional[str] = None,
    directory: Optional[str] = None,
    driver: Optional[str] = None,
    gpu: Optional[str] = None,
    timeout_ms: Optional[int] = None,
    variables: Optional[Mapping[str, str]] = None,
    secrets: Optional[Sequence[str]] = None,
    env_files: Optional[Sequence[str]] = None,
    secret_values: Optional[Mapping[str, str]] = None,
    tags: Optional[Sequence[str]] = None,
    note: Optional[str] = None,
    message: Optional[str] = None,
    parse: Optional[bool] = None,
    parser: Optional[str] = None,
    usage: Optional[bool] = None,
    environment: Optional[str] = None,
    environment_paths: Optional[Sequence[str]] = None,
    memory_bytes: Optional[int] = None,
    cpus: Optional[float] = None,
    ports: Optional[Sequence[PortMapping]] = None,
    data: Optional[Sequence[DataSource]] = None,
) -> SweepStartResult:
    """Queues a run for every combination that has none yet.

    With the `id` of a sweep that is there, what it was started with counts, and only missing runs are added:
    so it may be repeated after a crash, and adds nothing twice. Those that were deleted are not added again.

    ``id``: Id, name or unique prefix of a sweep that is there, or a new id of 26 characters. Absent: a
        new one.
    ``name``: Readable name. Absent: one is made.
    ``command``: What every run executes. Absent: that of the sweep that is there.
    ``spec``: Which values are tried. Absent: that of the sweep that is there.
    ``config``: Values that all combinations have. Absent: `config.json` at the root when it is there,
        else empty.
    ``group``: Group of its runs. Absent: its name.
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
    ``tags``: Tags. Absent: none.
    ``note``: Free text. Absent: none.
    ``message``: Message for its snapshots. Absent: made from the command.
    ``parse``: Lines of the output that are exactly `name: number` become metrics. Absent: yes.
    ``parser``: What finds metrics in the output: `key-value` (lines that are exactly `name: number`),
        `none`, or the name of a plugin's parser. Absent: as the project's settings say; without them,
        `key-value`.
    ``usage``: What it uses of processor, memory, disk and GPUs is measured while it runs. Absent: as
        `DATMO_USAGE` and the project's settings say; without them, yes.
    ``environment``: Environment: id, name or unique prefix; `host`; `docker`: the Dockerfile at the root;
        `venv`: the lock file there. Absent: `environmentPaths`, the active one, `datmo_environment/`, `host`.
    ``environment_paths``: Definition files, each `SRC` or `SRC>NAME`, instead of `environment`. Absent:
        none.
    ``memory_bytes``: Limit of memory in bytes, swap included; needs a container. Absent: none.
    ``cpus``: Limit of processors, in parts of one; needs a container. Absent: none.
    ``ports``: Ports of the container that this machine shows. Absent: none.
    ``data``: Files and folders in the data folder, in place of the project's `data`. Absent: the
        project's.

    Answers ``sweep``, ``added``. Raises DatmoError: PROJECT_NOT_FOUND, SWEEP_NOT_FOUND, SWEEP_AMBIGUOUS,
    SWEEP_INVALID, DRIVER_UNKNOWN, PATH_INVALID, CONFIG_INVALID, QUEUE_REFUSED, DISK_FULL, READ_ONLY,
    SECRET_MISSING, ENV_FILE_INVALID, PARSER_UNKNOWN, PLUGIN_NOT_GRANTED, PLUGIN_INVALID.
    """
    result: SweepStartResult = call_method("sweep.start", {
        "id": id,
        "name": name,
        "command": command,
        "spec": spec,
        "config": mapping(config, "config"),
        "group": group,
        "directory": directory,
        "driver": driver,
        "gpu": gpu,
        "timeoutMs": timeout_ms,
        "variables": variables,
        "secrets": secrets,
        "envFiles": env_files,
        "secretValues": secret_values,
        "tags": tags,
        "note": note,
        "message": message,
        "parse": parse,
        "parser": parser,
        "usage": usage,
        "environment": environment,
        "environmentPaths": environment_paths,
        "memoryBytes": memory_bytes,
        "cpus": cpus,
        "ports": ports,
        "data": data,
    })
    return result


def get(id: str) -> SweepGetResult:
    """A sweep with its runs.

    ``id``: Id, name or unique prefix.

    Answers ``sweep``, ``runs``, ``counts``. Raises DatmoError: SWEEP_NOT_FOUND, SWEEP_AMBIGUOUS.
    """
    result: SweepGetResult = call_method("sweep.get", {"id": id})
    return result


def list(*, limit: Optional[int] = None) -> List[SweepOverview]:
    """All sweeps, newest first.

    ``limit``: At most this many. Absent: all.
    """
    result: List[SweepOverview] = items("sweep.list", {"limit": limit})
    return result


ls = list
