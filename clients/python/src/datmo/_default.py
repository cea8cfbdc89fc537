"""The engine behind module functions such as ``datmo.runs()``: one per project of the current folder."""

from __future__ import annotations

import os

from ._engine import Engine
from ._project import find_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

_engines: dict[str, Engine] = {}


def default_engine() -> Engine:
    """The engine of the project that the current folder is in."""
    folder = os.getcwd()
    root = find_project(folder) or folder
    # Threads may ask at the same time; all of them are given the one that was there first.
    return _engines.get(root) or _engines.setdefault(root, Engine(root))


def request(method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
    """One request to it."""
    return default_engine().request(method, params)
