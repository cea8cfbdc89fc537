"""Snapshots of the project: one state of code, environment, files, config and metrics.

Functions work on the project of the current folder; ids may be given as a label or a unique prefix. All of them
raise DatmoError (SNAPSHOT_NOT_FOUND, WORKING_TREE_DIRTY, …); with ``DATMO_MODE=disabled`` they do nothing.
"""

from __future__ import annotations

import os

from ._default import request
from ._values import to_object
from ._wire import Wired
from .errors import DatmoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Optional


class Snapshot(Wired):
    """A snapshot. ``files``: what it keeps besides code, each with ``path``, ``bytes`` and ``sha256``."""

    id: str
    message: str
    label: Optional[str]
    visible: bool
    created_at: str
    run_id: Optional[str]
    code_id: str
    environment_id: str
    config: dict[str, Any]
    metrics: dict[str, float]
    files: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"<datmo snapshot {self.id[:8]} {self.label or self.message!r}>"


def create(
    message: str,
    label: Optional[str] = None,
    config: Any = None,
    metrics: Optional[Mapping[str, float]] = None,
    paths: Iterable[str | os.PathLike[str]] = (),
    run: Any = None,
) -> Snapshot:
    """Takes all five components in one step; when nothing has changed, answers the snapshot that is there.

    ``config`` and ``metrics``: absent, ``config.json`` and ``metrics.json`` at the root. ``paths``: files and folders
    to keep, each ``SRC`` or ``SRC>NAME``. ``run``: a run or its id, whose after-snapshot this becomes.
    """
    params: dict[str, Any] = {"message": message}
    if label is not None:
        params["label"] = label
    if config is not None:
        params["config"] = to_object(config)
    if metrics is not None:
        params["metrics"] = to_object(metrics, "metrics")
    chosen = [os.fspath(path) for path in paths]
    if chosen:
        params["paths"] = chosen
    if run is not None:
        params["runId"] = getattr(run, "id", run)
    try:
        return _snapshot(request("snapshot.create", params))
    except DatmoError as error:
        if error.kind != "ENGINE_NOT_FOUND" or not os.environ.get("DATMO_TASK_DIR") or run is not None:
            raise
    return _from_inside(params)


def _from_inside(params: Mapping[str, Any]) -> Snapshot:
    """By the journal of the run around this process, as in containers, where there is no engine.

    What was given of config and metrics becomes the run's own, which is what its snapshots hold.
    """
    from ._current import current
    from ._init import init

    run = current() or init()
    if "config" in params:
        run.config.update(params["config"])
    if "metrics" in params:
        run.log(params["metrics"])
    return run._ask_snapshot({key: params[key] for key in ("message", "label", "paths") if key in params}, 300.0)


def ls(filter: Optional[str] = None, limit: Optional[int] = None, all: bool = False) -> list[Snapshot]:
    """Snapshots, newest first. ``filter``: text in message or label; ``all``: those that runs made as well."""
    from ._pages import pages

    params = {"all": all, **({} if filter is None else {"text": filter})}
    return [Snapshot(item) for item in pages(request, "snapshot.list", params, limit)]


def get(id: str) -> Snapshot:
    """One snapshot."""
    return _snapshot(request("snapshot.get", {"id": id}))


def diff(
    a: Optional[str] = None,
    b: Optional[str] = None,
    text: Optional[str] = None,
    context: Optional[int] = None,
    paths: Iterable[str | os.PathLike[str]] = (),
) -> dict[str, Any]:
    """What differs: lists under ``config``, ``metrics``, ``environment``, ``packages``, ``environmentFiles``,
    ``code`` and ``files``.

    Without ``b`` the right side is the project's folder as it is, without ``a`` the left one the newest snapshot.
    ``text``: ``"stat"`` counts lines, ``"full"`` tells them with ``context`` lines around (3). ``paths``: only these
    files and folders.
    """
    given = {"a": a, "b": b, "text": text, "context": context, "paths": [os.fspath(path) for path in paths] or None}
    answer = request("snapshot.diff", {key: value for key, value in given.items() if value is not None})
    return dict(answer["diff"]) if answer is not None else {}


def checkout(id: str, force: bool = False) -> Snapshot:
    """Brings the snapshot's code back into the project's folder. ``force``: saves unsaved work as a snapshot first."""
    return _snapshot(request("snapshot.checkout", {"id": id, "force": force}))


def update(
    id: str,
    message: Optional[str] = None,
    label: Optional[str] = None,
    visible: Optional[bool] = None,
    config: Any = None,
    metrics: Optional[Mapping[str, float]] = None,
) -> Snapshot:
    """Changes what is given; ``config`` and ``metrics`` are merged, an empty ``label`` is removed."""
    given: dict[str, Any] = {
        "message": message,
        "label": label,
        "visible": visible,
        "config": None if config is None else to_object(config),
        "metrics": None if metrics is None else to_object(metrics, "metrics"),
    }
    changes = {key: value for key, value in given.items() if value is not None}
    return _snapshot(request("snapshot.update", {"id": id, **changes}))


def delete(*ids: str, force: bool = False) -> list[str]:
    """Deletes snapshots; answers their ids. ``force``: also those that a run needs."""
    answer = request("snapshot.delete", {"ids": list(ids), **({"force": True} if force else {})})
    return list(answer["ids"]) if answer is not None else []


def _snapshot(answer: Any) -> Snapshot:
    return Snapshot(answer["snapshot"] if answer is not None else {})
