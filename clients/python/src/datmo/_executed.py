"""A run as the engine knows it: executed from here, or looked up."""

from __future__ import annotations

import os

from ._values import to_object
from ._wire import camel, numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Optional, Union

    from ._engine import Engine
    from ._history import History
    from ._protocol import FileEntry, RunVerifyResult, StateDiff

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
    sweep_id: Optional[str]
    isolated: Optional[bool]
    out_of_memory: Optional[bool]
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

    def history(self, name: Optional[str] = None, buckets: Optional[int] = None) -> History:
        """Every point of one metric, or of all: columns ``step``, ``value`` and ``at``; see ``to_pandas`` there.

        ``buckets``: at most so many stretches, of each the smallest and the largest value.
        """
        from ._history import read_history

        return read_history(self._engine.request, self._wire["id"], name, buckets)

    def files(self) -> list[FileEntry]:
        """What it kept: each with ``path``, ``bytes`` and ``sha256``."""
        return list(self._engine.request("file.list", {"runId": self._wire["id"]})["items"])

    def get_file(self, path: str, destination: Optional[str | os.PathLike[str]] = None) -> str:
        """Writes one kept file to ``destination``, its own name when none is given; answers where it lies now.

        Raises DatmoError: FILE_NOT_FOUND, and PATH_INVALID for a destination that is there.
        """
        target = os.path.abspath(os.path.basename(path) if destination is None else os.fspath(destination))
        self._engine.request("file.get", {"runId": self._wire["id"], "path": path, "destination": target})
        return target

    def rerun(
        self,
        *,
        snapshot: Optional[str] = None,
        environment: Optional[str] = None,
        config: Any = None,
        name: Optional[str] = None,
        tags: Iterable[str] = (),
        timeout: Optional[float] = None,
        trust: bool = False,
        wait: bool = True,
    ) -> ExecutedRun:
        """Executes it again on its before-snapshot, in an isolated copy, and waits for the end.

        ``snapshot``: another state; ``environment``: another one, ``captured`` a venv of the packages it recorded;
        ``config``: values in place of its own; ``timeout``: seconds; ``trust``: it came from elsewhere and may run.
        Raises DatmoError.
        """
        given = {
            "id": self._wire["id"],
            "snapshotId": snapshot,
            "environment": environment,
            "config": None if config is None else to_object(config),
            "name": name,
            "tags": list(tags) or None,
            "timeoutMs": None if timeout is None else int(timeout * 1000),
            "trust": trust or None,
        }
        answer = self._engine.request("run.rerun", {key: value for key, value in given.items() if value is not None})
        started = ExecutedRun(answer["run"], self._engine)
        return started.wait() if wait else started

    def verify(self, tolerance: float = 0.0) -> RunVerifyResult:
        """Compares this repetition with its original: ``same`` and the ``differences``. Raises DatmoError.

        ``tolerance``: by which share of the larger magnitude metrics may differ.
        """
        result: RunVerifyResult = self._engine.request(
            "run.verify", {"rerunId": self._wire["id"], "tolerance": tolerance}
        )
        return result

    def diff(self, other: Any) -> StateDiff:
        """What differs from here to another run (an id or one of these): config, metrics, packages, code, files."""
        answer = self._engine.request("run.diff", {"a": self._wire["id"], "b": getattr(other, "id", other)})
        result: StateDiff = answer["diff"]
        return result

    def update(
        self,
        name: Optional[str] = None,
        *,
        add_tags: Iterable[str] = (),
        remove_tags: Iterable[str] = (),
        group: Optional[str] = None,
        notes: Optional[str] = None,
    ) -> ExecutedRun:
        """Changes what is given."""
        given = {
            "name": name,
            "addTags": list(add_tags) or None,
            "removeTags": list(remove_tags) or None,
            "group": group,
            "note": notes,
        }
        changes = {key: value for key, value in given.items() if value is not None}
        self._wire = self._engine.request("run.update", {"id": self._wire["id"], **changes})["run"]
        return self

    def delete(self) -> None:
        """Deletes it; ``undelete`` brings it back until the store is collected."""
        self._engine.request("run.delete", {"ids": [self._wire["id"]]})

    def undelete(self) -> None:
        """Brings it back."""
        self._engine.request("run.undelete", {"ids": [self._wire["id"]]})

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

    def _repr_html_(self) -> str:
        from ._html import wire_page

        return wire_page(self._wire)
