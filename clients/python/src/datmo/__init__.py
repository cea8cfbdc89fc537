"""datmo: records which code, data, packages and settings gave a result, brings it back, and proves it.

    import datmo

    run = datmo.init(config={"lr": 1e-3})
    run.log({"loss": 0.3}, step=1)
    run.finish()

Nothing but this file is read on import: no thread, no process, no file; what is used is loaded when it is used.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import snapshot
    from ._config import Config, Summary
    from ._current import current, finish, log, log_file
    from ._engine import Engine
    from ._executed import ExecutedRun
    from ._run_list import RunList
    from ._runs import get_run, run, runs
    from ._init import init
    from ._nouns import *
    from ._run import Run
    from .errors import DatmoError
    from .snapshot import Snapshot

    from ._artifact import Artifact
    from ._media import Audio, Html, Image, Object3D, Video
    from ._table import Histogram, Table
    from ._words import (
        Error,
        Settings,
        alert,
        define_metric,
        log_artifact,
        login,
        save,
        setup,
        unwatch,
        use_artifact,
        watch,
    )

    config: Config
    summary: Summary

__version__ = "1.0.0a1"

__all__ = [
    "Artifact",
    "Audio",
    "Config",
    "DatmoError",
    "Engine",
    "Error",
    "ExecutedRun",
    "Histogram",
    "Html",
    "Image",
    "Object3D",
    "Run",
    "RunList",
    "Settings",
    "Snapshot",
    "Summary",
    "Table",
    "Video",
    "alert",
    "config",
    "current",
    "define_metric",
    "finish",
    "get_run",
    "init",
    "log",
    "log_artifact",
    "log_file",
    "login",
    "run",
    "runs",
    "save",
    "setup",
    "snapshot",
    "summary",
    "unwatch",
    "use_artifact",
    "watch",
]

_PLACES = {
    "Artifact": "_artifact",
    "Audio": "_media",
    "Config": "_config",
    "DatmoError": "errors",
    "Engine": "_engine",
    "Error": "_words",
    "ExecutedRun": "_executed",
    "Histogram": "_table",
    "Html": "_media",
    "Image": "_media",
    "Object3D": "_media",
    "Run": "_run",
    "RunList": "_run_list",
    "Settings": "_words",
    "Snapshot": "snapshot",
    "Summary": "_config",
    "Table": "_table",
    "Video": "_media",
    "alert": "_words",
    "current": "_current",
    "define_metric": "_words",
    "finish": "_current",
    "get_run": "_runs",
    "init": "_init",
    "log": "_current",
    "log_artifact": "_words",
    "log_file": "_current",
    "login": "_words",
    "require": "_words",
    "run": "_runs",
    "runs": "_runs",
    "save": "_words",
    "setup": "_words",
    "teardown": "_words",
    "termerror": "_words",
    "termlog": "_words",
    "termwarn": "_words",
    "unwatch": "_words",
    "use_artifact": "_words",
    "util": "_words",
    "watch": "_words",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in ("config", "summary"):
        # Of the run that is current at that moment, so never kept.
        return getattr(import_module("._current", __name__), name)()
    if name == "run":
        # The one word that both have with a meaning of its own: `datmo.run(…)` executes, `wandb.run` is the run or None.
        if _is_called_wandb(sys._getframe(1)):
            return import_module("._current", __name__).current()
        return import_module("._runs", __name__).run
    if name in _PLACES:
        value = getattr(import_module(f".{_PLACES[name]}", __name__), name)
    elif name in ("snapshot", "errors", "integrations") or name in _noun_names():
        value = import_module(f".{name}", __name__)
    else:
        raise import_module("._words", __name__).missing(name)
    globals()[name] = value
    return value


def _is_called_wandb(frame: Any) -> bool:
    """The code there has this module under W&B's name: ``import datmo as wandb``."""
    module = sys.modules[__name__]
    return frame.f_globals.get("wandb") is module or frame.f_locals.get("wandb") is module


class _Module(type(sys)):  # type: ignore[misc]
    """``wandb.config = {…}``, which scripts do, changes the current run's config."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "config":
            self.config.update(value)
        else:
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Module


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_noun_names()})


def _noun_names() -> list[str]:
    from ._nouns import __all__ as nouns

    return nouns
