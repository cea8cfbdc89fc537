"""``run.config`` and ``run.summary``: dictionaries whose changes go into the run's journal."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

from ._values import merge, to_json, to_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, Optional

    _Write = Callable[[dict[str, Any]], None]
    _Base = MutableMapping[str, Any]
else:
    _Base = MutableMapping


class Config(_Base):
    """The run's config. Keys are also attributes; a nested mapping answers as one of these.

    A dot is part of a key: ``config["a.b"]`` is another value than ``config["a"]["b"]``, which is ``config.a.b``.
    Values are kept as JSON: numbers, texts, booleans, None, lists and mappings keep their types. Keys cannot be
    removed: what a run was given stays known.
    """

    __slots__ = ("_values", "_write")

    _values: dict[str, Any]
    _write: _Write

    def __init__(self, values: dict[str, Any], write: _Write) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_write", write)

    def update(self, *others: Any, allow_val_change: Any = None, **values: Any) -> None:
        """Merges mappings (namespaces, dataclasses …) and keywords, nested ones key by key.

        ``allow_val_change`` is taken for the sake of scripts that give it: values may always change.
        """
        changes: dict[str, Any] = {}
        for other in (*others, values):
            merge(changes, to_object(other))
        if changes:
            merge(self._values, changes)
            self._write(changes)

    def setdefaults(self, *others: Any, **values: Any) -> dict[str, Any]:
        """Merges what is not there yet; answers all values."""
        given: dict[str, Any] = {}
        for other in (*others, values):
            merge(given, to_object(other))
        self.update(without_overrides(given, self._values))
        return self.as_dict()

    def adopt(self, values: Mapping[str, Any]) -> None:
        """Merges values that the run has already; nothing is recorded."""
        merge(self._values, to_object(values))

    def as_dict(self) -> dict[str, Any]:
        """A copy as plain dictionaries."""
        return dict(to_json(self._values))

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        if not isinstance(value, dict):
            return value
        return Config(value, lambda changes: self._write({key: changes}))

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({str(key): value})

    def __delitem__(self, key: str) -> None:
        raise TypeError("keys of a run's config cannot be removed")

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"the run's config has no key {key!r}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        return repr(self._values)


class Summary(_Base):
    """Values that stand in place of a metric's last value. Keys are also attributes.

    Holds what was set here; of what was logged, ``summary["loss"]`` finds the last value that this process logged.
    """

    __slots__ = ("_values", "_write", "_look_up")

    _values: dict[str, Any]
    _write: _Write
    _look_up: Callable[[str], Optional[float]]

    def __init__(self, write: _Write, look_up: Callable[[str], Optional[float]]) -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_write", write)
        object.__setattr__(self, "_look_up", look_up)

    def update(self, *others: Any, **values: Any) -> None:
        """Sets several values at once."""
        changes: dict[str, Any] = {}
        for other in (*others, values):
            changes.update(to_object(other, "summary"))
        if changes:
            self._values.update(changes)
            self._write(changes)

    def __getitem__(self, key: str) -> Any:
        if key in self._values:
            return self._values[key]
        logged = self._look_up(key)
        if logged is None:
            raise KeyError(key)
        return logged

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({str(key): value})

    def __delitem__(self, key: str) -> None:
        raise TypeError("values of a run's summary cannot be removed")

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"the run's summary has no key {key!r}") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


def without_overrides(given: Mapping[str, Any], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What ``init(config=…)`` adds to values that the command line chose; the latter win, key by key."""
    added: dict[str, Any] = {}
    for key, value in given.items():
        if key not in chosen:
            added[key] = value
        elif isinstance(value, Mapping) and isinstance(chosen[key], Mapping):
            inner = without_overrides(value, chosen[key])
            if inner:
                added[key] = inner
    return added
