"""Who reads finds what this process has written: another engine has the current run, and may not have all of it yet."""

from __future__ import annotations

import os

from ._current import current
from ._notice import note_once
from ._project import find_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._run import Run

# What these show may come from a run.
_NOUNS = ("config", "file", "graph", "metric", "project", "run", "snapshot", "store", "sweep")
# These begin something, or are about runs of the engine that is asked.
_OTHERS = ("run.create", "run.finish", "run.rerun", "run.start", "project.create")
_WAIT_SECONDS = 5.0


def show_current_run(project: str, method: str) -> None:
    """Before a request to an engine of this project: waits, at most 5 s, until it finds all of the current run."""
    run = current()
    if run is None or run.disabled or method in _OTHERS or method.partition(".")[0] not in _NOUNS:
        return
    root = find_project(project)
    if root is not None and os.path.realpath(root) == os.path.realpath(run.project):
        _show(run)


def _show(run: Run) -> None:
    run.tend()
    if run._sender is not None:
        shown = run._sender.show(_WAIT_SECONDS)
    else:
        # Without an engine of its own, nobody but the next engine takes the run in.
        shown = run._owner or _ask_outside(run)
    if not shown:
        note_once(f"unseen {run.id}", "the engine does not answer; what is read may lack the latest of this run.")


def _ask_outside(run: Run) -> bool:
    from ._reply import ask
    from .errors import DatmoError

    if not run._is_heard:
        return False
    try:
        ask(run._journal, run.directory, "run.get", {}, _WAIT_SECONDS)
    except DatmoError:
        # Nobody waits for it a second time.
        run._is_heard = False
    return run._is_heard
