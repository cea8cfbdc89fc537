"""Executing commands as runs, and looking runs up."""

from __future__ import annotations

import os
import re

from ._default import default_engine
from ._executed import ExecutedRun
from ._pages import pages
from ._run_list import RunList
from ._values import to_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Optional, Union

    from ._run import Run

_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class RunWord:
    """``datmo.run``: called, it executes a command. Otherwise it stands for the current run: ``datmo.run.name``.

    Without a current run it is false, and its attributes are not there. After ``import datmo as wandb``, ``wandb.run``
    is the current run itself, or None.
    """

    def __call__(
        self,
        command: Union[str, Sequence[str | os.PathLike[str]]],
        *,
        gpu: Union[str, int, None] = None,
        environment: Optional[str] = None,
        environment_paths: Iterable[str | os.PathLike[str]] = (),
        driver: Optional[str] = None,
        memory: Union[str, int, None] = None,
        cpus: Optional[float] = None,
        ports: Iterable[Union[str, int]] = (),
        data: Iterable[str | os.PathLike[str]] = (),
        name: Optional[str] = None,
        tags: Iterable[str] = (),
        group: Optional[str] = None,
        notes: Optional[str] = None,
        message: Optional[str] = None,
        config: Any = None,
        timeout: Optional[float] = None,
        env: Optional[dict[str, str]] = None,
        directory: Optional[str | os.PathLike[str]] = None,
        parse: bool = True,
        isolated: bool = False,
        detached: bool = False,
        wait: bool = True,
    ) -> ExecutedRun:
        """Executes a command as a run of the project and waits for its end.

        ``command``: one string for ``/bin/sh -c``, or words that are executed as they are. ``gpu``: ``all``, how many,
        or ids. ``environment``: id, name or unique prefix; ``environment_paths``: files of a new one. ``driver``:
        ``host`` or ``docker``. ``memory``: bytes, or text such as ``4g``; ``cpus``: parts of one; ``ports``:
        ``"8080:80"``; these need a container. ``data``: files and folders, ``"SRC>NAME"``. ``config``: the run's
        config, which ``datmo.init`` in the command finds. ``message``: for its snapshots. ``timeout``: seconds.
        ``env``: variables for the command. ``directory``: where it runs. ``parse``: take ``name: number`` lines of its
        output as metrics. ``isolated``: in a copy of the project as it is now. ``detached``: it goes on when this
        process has ended. ``wait``: False answers as soon as it has started.

        A command that fails is no exception: look at ``status`` and ``exit_code``. Raises DatmoError, ValueError for
        ports and sizes that are none. With ``DATMO_MODE=disabled`` nothing is executed and the answer is None.
        """
        given: dict[str, Any] = {
            "command": command if isinstance(command, str) else [os.fspath(word) for word in command],
            "gpu": None if gpu is None else str(gpu),
            "environment": environment,
            "environmentPaths": [os.fspath(path) for path in environment_paths] or None,
            "driver": driver,
            "memoryBytes": None if memory is None else _bytes(memory),
            "cpus": cpus,
            "ports": [_port(port) for port in ports] or None,
            "data": [_data(os.fspath(source)) for source in data] or None,
            "name": name,
            "tags": list(tags) or None,
            "group": group,
            "note": notes,
            "message": message,
            "config": None if config is None else to_object(config),
            "timeoutMs": None if timeout is None else int(timeout * 1000),
            "variables": env,
            "directory": None if directory is None else os.fspath(directory),
            "parse": None if parse else False,
            "isolated": isolated or None,
            "detached": detached or None,
        }
        engine = default_engine()
        answer = engine.request("run.start", {key: value for key, value in given.items() if value is not None})
        if answer is None:
            return None  # type: ignore[return-value]
        started = ExecutedRun(answer["run"], engine)
        return started.wait() if wait else started

    def __bool__(self) -> bool:
        return _current() is not None

    def __getattr__(self, name: str) -> Any:
        run = None if name.startswith("__") else _current()
        if run is None:
            raise AttributeError(f"datmo.run has no attribute {name!r}: there is no current run")
        return getattr(run, name)

    def __setattr__(self, name: str, value: Any) -> None:
        run = _current()
        if run is None:
            raise AttributeError("there is no current run; call datmo.init() first")
        setattr(run, name, value)

    def __repr__(self) -> str:
        return f"<datmo.run, now {_current()!r}>"


run = RunWord()


def runs(filter: Optional[str] = None, sort: Optional[str] = None, limit: Optional[int] = None) -> RunList:
    """Runs of the project, newest first.

    ``filter``: such as ``metrics.acc > 0.9 and tag = best``; ``sort``: keys such as ``-metrics.acc,created``. Raises
    DatmoError (FILTER_INVALID points at the character). With ``DATMO_MODE=disabled``: empty.
    """
    engine = default_engine()
    params = {key: value for key, value in (("filter", filter), ("sort", sort)) if value is not None}
    return RunList(ExecutedRun(item, engine) for item in pages(engine.request, "run.list", params, limit))


def get_run(id: str) -> ExecutedRun:
    """One run, by id, name or unique prefix. Raises DatmoError of kind RUN_NOT_FOUND."""
    engine = default_engine()
    return ExecutedRun(engine.request("run.get", {"id": id})["run"], engine)


def _current() -> Optional[Run]:
    from ._current import current

    return current()


def _bytes(size: Union[str, int]) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmgt]?)i?b?", str(size).strip().lower())
    if found is None:
        raise ValueError(f"{size!r} is no size: bytes, or a number with k, m, g or t")
    return int(float(found[1]) * _UNITS[found[2]])


def _port(port: Union[str, int]) -> dict[str, int]:
    found = re.fullmatch(r"(?:(\d+):)?(\d+)", str(port))
    if found is None:
        raise ValueError(f"{port!r} is no port: HOST:CONTAINER, or one number for both")
    return {"host": int(found[1] or found[2]), "container": int(found[2])}


def _data(source: str) -> dict[str, str]:
    path, arrow, name = source.rpartition(">")
    return {"source": path, "name": name} if arrow else {"source": name}
