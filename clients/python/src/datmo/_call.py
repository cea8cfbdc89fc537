"""What the functions of the nouns (``datmo.task.list`` …) have in common."""

from __future__ import annotations

from ._default import default_engine
from ._pages import pages
from ._values import to_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional


def call_method(method: str, params: Mapping[str, Any]) -> Any:
    """One request; params that are None are absent. With ``DATMO_MODE=disabled``: an empty object."""
    answer = default_engine().request(method, _given(params))
    return {} if answer is None else answer


def items(method: str, params: Mapping[str, Any]) -> Any:
    """Every item of a list that comes in pages, at most ``limit``."""
    given = _given(params)
    limit = given.pop("limit", None)
    return list(pages(default_engine().request, method, given, limit))


def executed(method: str, params: Mapping[str, Any]) -> Any:
    """The run that the engine answers; None with ``DATMO_MODE=disabled``."""
    from ._executed import ExecutedRun

    engine = default_engine()
    answer = engine.request(method, _given(params))
    return None if answer is None else ExecutedRun(answer["run"], engine)


def mapping(value: Any, name: str) -> Optional[dict[str, Any]]:
    """A mapping, namespace or dataclass as a JSON object; None stays None. Raises TypeError."""
    return None if value is None else to_object(value, name)


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}
