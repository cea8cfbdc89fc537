"""Which run a callback logs to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

    from .._run import Run


def target(run: Optional[Run]) -> Run:
    """The run that was given, else the current one, else a new one."""
    from .._current import current
    from .._init import init

    return run or current() or init()


def add_config(run: Run, values: Mapping[str, Any]) -> None:
    """Adds settings of a library that the script has not set itself."""
    run.config.setdefaults(values)
