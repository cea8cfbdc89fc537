"""What is known of a run that is resumed."""

from __future__ import annotations

import os

from ._engine import Engine
from ._ids import is_id
from ._project import task_directory
from .errors import DatmoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Past:
    """A run as it was left: its config, and the step after its last."""

    def __init__(self, run_id: str, config: dict[str, Any], next_step: int) -> None:
        self.id = run_id
        self.config = config
        self.next_step = next_step


def look_up(project: str, wanted: str) -> Past:
    """The run with this id, name or unique prefix. Raises DatmoError (RUN_NOT_FOUND, RUN_AMBIGUOUS, …).

    Without an engine a complete id will do, when the run's folder is there.
    """
    try:
        with Engine(project) as engine:
            run = engine.request("run.get", {"id": wanted})["run"]
            metrics = engine.request("metric.list", {"runId": run["id"]})["items"]
    except DatmoError as error:
        known = is_id(wanted) and os.path.isdir(task_directory(project, wanted))
        if error.kind not in ("ENGINE_NOT_FOUND", "ENGINE_GONE") or not known:
            raise
        return Past(wanted, {}, 0)
    steps = [metric["lastStep"] for metric in metrics]
    return Past(run["id"], run["config"], max(steps, default=-1) + 1)
