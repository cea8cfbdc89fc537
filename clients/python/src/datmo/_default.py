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
    if root not in _engines:
        _engines[root] = Engine(root)
    return _engines[root]


def request(method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
    """One request to it."""
    return default_engine().request(method, params)
