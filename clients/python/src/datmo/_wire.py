"""Answers of the engine as objects: camelCase on the wire, snake_case in Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Wired:
    """Read-only view of an object of the protocol. A field that is absent on the wire is None here."""

    def __init__(self, wire: Mapping[str, Any]) -> None:
        self.__dict__["_wire"] = dict(wire)

    def to_dict(self) -> dict[str, Any]:
        """A copy, with the protocol's own names."""
        return dict(self.__dict__["_wire"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        wire = self.__dict__["_wire"]
        key = camel(name)
        if key not in wire:
            if name in _annotations(type(self)):
                return None
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")
        value = wire[key]
        return numbers(value) if name == "metrics" else value

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__["_wire"] == other.__dict__["_wire"]

    def __hash__(self) -> int:
        return hash(self.__dict__["_wire"].get("id"))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_annotations(type(self))]


def camel(name: str) -> str:
    """``created_at`` becomes ``createdAt``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Metric values as floats, the words for NaN and infinities included."""
    return {name: float(value) for name, value in values.items()}


def _annotations(kind: type) -> set[str]:
    return {name for base in kind.__mro__ for name in getattr(base, "__annotations__", {})}
