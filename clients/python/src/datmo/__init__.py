"""datmo: records which code, data, packages and settings gave a result, brings it back, and proves it.

    import datmo

    run = datmo.init(config={"lr": 1e-3})
    run.log({"loss": 0.3}, step=1)
    run.finish()

Nothing but this file is read on import: no thread, no process, no file; what is used is loaded when it is used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import snapshot
    from ._config import Config, Summary
    from ._current import current, finish, log, log_file
    from ._engine import Engine
    from ._executed import ExecutedRun, RunList, get_run, run, runs
    from ._init import init
    from ._namespaces import Namespace
    from ._run import Run
    from .errors import DatmoError
    from .snapshot import Snapshot

    config: Config
    summary: Summary
    environment: Namespace
    plugin: Namespace
    project: Namespace
    store: Namespace
    task: Namespace
    workspace: Namespace

__version__ = "1.0.0a1"

__all__ = [
    "Config",
    "DatmoError",
    "Engine",
    "ExecutedRun",
    "Run",
    "RunList",
    "Snapshot",
    "Summary",
    "config",
    "current",
    "environment",
    "finish",
    "get_run",
    "init",
    "log",
    "log_file",
    "plugin",
    "project",
    "run",
    "runs",
    "snapshot",
    "store",
    "summary",
    "task",
    "workspace",
]

_PLACES = {
    "Config": "_config",
    "DatmoError": "errors",
    "Engine": "_engine",
    "ExecutedRun": "_executed",
    "Run": "_run",
    "RunList": "_executed",
    "Snapshot": "snapshot",
    "Summary": "_config",
    "current": "_current",
    "finish": "_current",
    "get_run": "_executed",
    "init": "_init",
    "log": "_current",
    "log_file": "_current",
    "run": "_executed",
    "runs": "_executed",
}
_NAMESPACES = ("environment", "plugin", "project", "store", "task", "workspace")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in ("config", "summary"):
        # Of the run that is current at that moment, so never kept.
        return getattr(import_module("._current", __name__), name)()
    if name in _PLACES:
        value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    elif name in ("snapshot", "errors"):
        value = import_module(f".{name}", __name__)
    elif name in _NAMESPACES:
        value = import_module("._namespaces", __name__).Namespace(name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
