"""The current run of this process."""

from __future__ import annotations

import os

from ._notice import disabled, note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

    from ._config import Config, Summary
    from ._run import Run

_run: Optional[Run] = None


def current() -> Optional[Run]:
    """The run that ``datmo.init()`` began, if it has not ended."""
    return _run


def make_current(run: Run) -> None:
    """From now on this is the run of ``datmo.log`` and the like."""
    global _run
    _run = run
    run._when_ended(_forget)


def _forget(run: Run) -> None:
    global _run
    if _run is run:
        _run = None


def log(data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None, sync: Any = None) -> None:
    """``log`` of the current run. Never raises; without a run it says so once."""
    run = _run or _joined()
    if run is not None:
        run.log(data, step, commit)


def finish(exit_code: Optional[int] = 0, quiet: Any = None) -> None:
    """``finish`` of the current run, if there is one."""
    if _run is not None:
        _run.finish(exit_code)


def log_file(path: str | os.PathLike[str], name: Optional[str] = None) -> None:
    """``log_file`` of the current run."""
    run = _run or _joined()
    if run is not None:
        run.log_file(path, name)


def of_current(name: str) -> Any:
    """A method of the current run; without one it does nothing, and that is said once."""
    run = _run or _joined()
    return getattr(run, name) if run is not None else lambda *_others, **_more: None


def config() -> Config:
    """``config`` of the current run; an empty one that is recorded nowhere when there is none."""
    from ._config import Config

    run = _run or _joined()
    return run.config if run is not None else Config({}, lambda changes: None)


def summary() -> Summary:
    """``summary`` of the current run; an empty one that is recorded nowhere when there is none."""
    from ._config import Summary

    run = _run or _joined()
    return run.summary if run is not None else Summary(lambda changes: None, lambda name: None)


def _joined() -> Optional[Run]:
    """Inside ``datmo run`` nobody has to call ``init`` first."""
    if disabled():
        return None
    if os.environ.get("DATMO_TASK_DIR"):
        from ._init import init

        return init()
    note_once("no run", "there is no run; call datmo.init() first.")
    return None
