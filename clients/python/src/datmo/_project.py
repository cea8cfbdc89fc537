"""The project: the folder that holds ``.datmo`` with its file ``format``."""

from __future__ import annotations

import os

from ._filesystem import is_network, make_private, write_atomically
from ._ids import random_id
from ._notice import note
from ._owner import owner, start_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


def find_project(directory: str) -> Optional[str]:
    """The nearest folder from ``directory`` upwards that is a project."""
    while True:
        if os.path.isfile(os.path.join(directory, ".datmo", "format")):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def create_project(directory: str) -> str:
    """Creates a project here and says so; through the engine, and where there is none by hand. Answers its root."""
    from ._engine import Engine
    from .errors import DatmoError

    try:
        with Engine(directory) as engine:
            root = str(engine.request("project.create", {"directory": directory})["project"]["directory"])
    except DatmoError as error:
        if error.kind not in ("ENGINE_NOT_FOUND", "ENGINE_GONE"):
            raise
        _create_by_hand(directory)
        root = directory
    note(f"created a project in {root}")
    return root


def _create_by_hand(directory: str) -> None:
    """The two files that make a folder a project; the first engine adds the rest."""
    import uuid

    inside = os.path.join(directory, ".datmo")
    make_private(inside)
    write_atomically(os.path.join(inside, ".gitignore"), "*\n")
    try:
        text = '{"layout":1,"project":"%s"}\n' % uuid.uuid4()
        write_atomically(os.path.join(inside, "format"), text, replace=False)
    except FileExistsError:
        return


def task_directory(project: str, run_id: str) -> str:
    """The run's own folder."""
    return os.path.join(project, ".datmo", "tasks", run_id)


def make_task_directory(project: str, run_id: str) -> str:
    """Makes the run's own folder and what it holds, for this user alone. Raises OSError."""
    folder = task_directory(project, run_id)
    for path in (
        os.path.dirname(folder),
        folder,
        *(os.path.join(folder, name) for name in ("journal", "spool", "reply")),
    ):
        make_private(path)
    return folder


def choose_spool(folder: str, run_id: str) -> str:
    """Where the spool of a recorded run goes: into its folder, or to a local disk when that is on the network."""
    inside = os.path.join(folder, "spool")
    if not is_network(inside):
        return inside
    for place in _local_places():
        path = os.path.join(place, f"datmo-{run_id}-{random_id()[:8]}")
        try:
            if not is_network(place):
                os.mkdir(path, 0o700)
                return path
        except OSError:
            continue
    return inside


def announce(project: str, run_id: str, spool: Optional[str], *, replace: bool) -> None:
    """Writes ``.datmo/open/<id>.json``: from now on an engine that finds this process gone ends the run.

    ``spool``: folder of the spool files when it is not in the run's folder. Raises OSError; FileExistsError when
    ``replace`` is false and another process has begun this run.
    """
    import json

    from ._clock import rfc3339

    document: dict[str, Any] = {"v": 1, "type": "recorded", "createdAt": rfc3339(), "owner": owner()}
    if spool is not None:
        document["spool"] = spool
    folder = os.path.join(project, ".datmo", "open")
    make_private(folder)
    write_atomically(os.path.join(folder, f"{run_id}.json"), json.dumps(document) + "\n", replace=replace)


def owner_lives(project: str, run_id: str) -> bool:
    """Another process, alive as far as one can tell, has begun this run."""
    import json

    try:
        with open(os.path.join(project, ".datmo", "open", f"{run_id}.json"), encoding="utf-8") as file:
            other = json.load(file)["owner"]
        mine = owner()
        if (other["host"], other["bootId"]) != (mine["host"], mine["bootId"]):
            return bool(other["host"] != mine["host"])
        return bool(other["pid"] != mine["pid"] and other["startTime"] == start_time(other["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _local_places() -> list[str]:
    named = [os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")]
    return [place for place in (*named, "/tmp", "/dev/shm") if place]
