"""Runs as the engine knows them: executed from here, or looked up."""

from __future__ import annotations

import os

from ._default import default_engine
from ._engine import Engine
from ._pages import pages
from ._values import to_object
from ._wire import camel, numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Optional, Union

    _Base = list["ExecutedRun"]
else:
    _Base = list

_ENDED = ("succeeded", "failed", "stopped", "lost")


class ExecutedRun:
    """One run of the project, executed or recorded. Fields that may still change are asked for anew until it ends.

    Fields of the protocol's ``Run`` are attributes in snake_case: ``id``, ``name``, ``status``, ``exit_code``,
    ``config``, ``metrics`` (last value by name), ``tags``, ``created_at``, ``duration_ms`` …; absent ones are None.
    """

    id: str
    name: str
    type: str
    origin: str
    status: str
    exit_code: Optional[int]
    command: Union[str, list[str], None]
    driver: Optional[str]
    task_id: Optional[str]
    environment_id: Optional[str]
    before_snapshot_id: Optional[str]
    after_snapshot_id: Optional[str]
    rerun_of: Optional[str]
    config: dict[str, Any]
    metrics: dict[str, float]
    summary: Optional[dict[str, Any]]
    tags: list[str]
    group: Optional[str]
    note: Optional[str]
    message: Optional[str]
    created_at: str
    started_at: Optional[str]
    ended_at: Optional[str]
    duration_ms: Optional[int]
    error: Optional[dict[str, str]]

    def __init__(self, wire: dict[str, Any], engine: Engine) -> None:
        self._wire = wire
        self._engine = engine

    @property
    def ended(self) -> bool:
        """It has its final status."""
        return self._wire["status"] in _ENDED or self.refresh()._wire["status"] in _ENDED

    def refresh(self) -> ExecutedRun:
        """Asks for the run as it is now."""
        self._wire = self._engine.request("run.get", {"id": self._wire["id"]})["run"]
        return self

    def wait(self, timeout: Optional[float] = None) -> ExecutedRun:
        """Waits for the end and the after-snapshot, at most ``timeout`` seconds. Ctrl-C ends the wait, not the run."""
        params = {"id": self._wire["id"], **({} if timeout is None else {"timeoutMs": int(timeout * 1000)})}
        self._wire = self._engine.request("run.wait", params)["run"]
        return self

    def stop(self, grace: float = 10.0) -> ExecutedRun:
        """Asks the run to end, and kills it after ``grace`` seconds."""
        answer = self._engine.request("run.stop", {"id": self._wire["id"], "graceMs": int(grace * 1000)})
        self._wire = answer["runs"][0]
        return self

    def logs(self) -> str:
        """What it has printed so far; what is not UTF-8 is replaced."""
        parts: list[str] = []
        offset = 0
        while True:
            answer = self._engine.request("run.logs", {"id": self._wire["id"], "offset": offset})
            parts.append(answer["text"])
            if answer["nextOffset"] >= answer["size"] or answer["nextOffset"] <= offset:
                return "".join(parts)
            offset = answer["nextOffset"]

    def history(self, name: str, buckets: Optional[int] = None) -> dict[str, list[float]]:
        """Every point of one metric: lists of equal length ``step``, ``value`` and ``at`` (seconds since the epoch).

        ``buckets``: at most so many stretches, of each the smallest and the largest value.
        """
        params = {"runId": self._wire["id"], "name": name, **({} if buckets is None else {"buckets": buckets})}
        points = self._engine.request("metric.history", params)["points"]
        return {"step": points["step"], "value": [float(value) for value in points["value"]], "at": points["at"]}

    def to_dict(self) -> dict[str, Any]:
        """A copy, with the protocol's own names."""
        return dict(self._wire)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in ExecutedRun.__annotations__:
            raise AttributeError(f"a run has no field {name!r}")
        if self._wire["status"] not in _ENDED and name not in ("id", "created_at", "origin", "type"):
            self.refresh()
        value = self._wire.get(camel(name))
        return numbers(value or {}) if name == "metrics" else value

    def __repr__(self) -> str:
        return f"<datmo run {self._wire['name']} {self._wire['id'][:8]} {self._wire['status']}>"


class RunList(_Base):
    """A list of runs."""

    def to_pandas(self) -> Any:
        """A data frame, one row a run: its fields, and ``config.…`` and ``metrics.…`` columns. Needs pandas."""
        import pandas  # type: ignore[import-untyped,unused-ignore]

        return pandas.DataFrame([_row(run.to_dict()) for run in self])


def run(
    command: Union[str, Sequence[str]],
    *,
    gpu: Any = None,
    environment: Optional[str] = None,
    driver: Optional[str] = None,
    name: Optional[str] = None,
    tags: Iterable[str] = (),
    group: Optional[str] = None,
    notes: Optional[str] = None,
    config: Any = None,
    timeout: Optional[float] = None,
    env: Optional[dict[str, str]] = None,
    directory: Optional[str | os.PathLike[str]] = None,
    wait: bool = True,
) -> Optional[ExecutedRun]:
    """Executes a command as a run of the project and waits for its end.

    ``command``: one string for ``/bin/sh -c``, or words that are executed as they are. ``config``: the run's config,
    which ``datmo.init`` in the command finds. ``timeout``: seconds. ``env``: variables for the command. ``wait``: False
    answers as soon as it has started. A command that fails is no exception: look at ``status`` and ``exit_code``.
    Raises DatmoError; with ``DATMO_MODE=disabled`` nothing is executed and the answer is None.
    """
    given: dict[str, Any] = {
        "command": command if isinstance(command, str) else [os.fspath(word) for word in command],
        "gpu": gpu,
        "environmentId": environment,
        "driver": driver,
        "name": name,
        "tags": list(tags) or None,
        "group": group,
        "note": notes,
        "config": None if config is None else to_object(config),
        "timeoutMs": None if timeout is None else int(timeout * 1000),
        "variables": env,
        "directory": None if directory is None else os.fspath(directory),
    }
    engine = default_engine()
    answer = engine.request("run.start", {key: value for key, value in given.items() if value is not None})
    if answer is None:
        return None
    started = ExecutedRun(answer["run"], engine)
    return started.wait() if wait else started


def runs(filter: Optional[str] = None, sort: Optional[str] = None, limit: Optional[int] = None) -> RunList:
    """Runs of the project, newest first.

    ``filter``: such as ``metrics.acc > 0.9 and tag = best``; ``sort``: keys such as ``-metrics.acc,created``. Raises
    DatmoError (FILTER_INVALID points at the character). With ``DATMO_MODE=disabled``: empty.
    """
    engine = default_engine()
    params = {key: value for key, value in (("filter", filter), ("sort", sort)) if value is not None}
    return RunList(ExecutedRun(item, engine) for item in pages(engine.request, "run.list", params, limit))


def get_run(id: str) -> ExecutedRun:
    """One run, by id, name or unique prefix."""
    engine = default_engine()
    return ExecutedRun(engine.request("run.get", {"id": id})["run"], engine)


def _row(wire: dict[str, Any]) -> dict[str, Any]:
    row = {key: value for key, value in wire.items() if key not in ("config", "metrics")}
    row.update({f"config.{key}": value for key, value in _flat(wire["config"])})
    row.update({f"metrics.{key}": value for key, value in numbers(wire["metrics"]).items()})
    return row


def _flat(values: dict[str, Any], prefix: str = "") -> Any:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
