"""The rest of the protocol: ``datmo.task.list(limit=3)`` is the method ``task.list`` with ``{"limit": 3}``."""

from __future__ import annotations

from ._default import request
from ._wire import camel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class Namespace:
    """The methods of one noun. Params are keywords in snake_case; results are the protocol's objects."""

    def __init__(self, noun: str) -> None:
        self._noun = noun

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        if verb.startswith("_"):
            raise AttributeError(verb)
        method = f"{self._noun}.{camel('list' if verb == 'ls' else verb)}"

        def call(**params: Any) -> Any:
            given = {camel(name): value for name, value in params.items() if value is not None}
            return request(method, given)

        call.__name__ = verb
        call.__doc__ = f"The method {method} of the protocol; raises DatmoError."
        return call

    def __repr__(self) -> str:
        return f"<datmo.{self._noun}>"
