"""A list of runs, and the same as a table."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ._executed import ExecutedRun

    _Base = list[ExecutedRun]
else:
    _Base = list

_FIRST = ("name", "id", "status", "created_at", "duration_ms", "tags")
_TIMES = ("created_at", "started_at", "ended_at")
_NESTED = ("config", "metrics", "summary")


class RunList(_Base):
    """A list of runs. In a notebook it shows as a table."""

    def to_pandas(self) -> Any:
        """A data frame, one row a run: its fields, ``config.…``, ``metrics.…`` and ``summary.…``; times are UTC.

        Needs pandas.
        """
        import pandas  # type: ignore[import-untyped,unused-ignore]

        columns = self.to_columns()
        frame = pandas.DataFrame(columns, columns=list(columns))
        for name in set(_TIMES) & set(columns):
            frame[name] = pandas.to_datetime(frame[name], utc=True)
        return frame

    def to_arrow(self) -> Any:
        """The same as an Arrow table. A column whose values differ in type becomes text. Needs pyarrow."""
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]

        found = {}
        for name, cells in self.to_columns().items():
            if name in _TIMES:
                cells = [None if cell is None else _time(cell) for cell in cells]
            try:
                found[name] = pyarrow.array(cells)
            except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
                found[name] = pyarrow.array([None if cell is None else _json(cell) for cell in cells])
        return pyarrow.table(found)

    def to_columns(self) -> dict[str, list[Any]]:
        """The same as plain lists, by name; what a run does not have is None."""
        rows = [dict(_row(run.to_dict())) for run in self]
        names = dict.fromkeys(_FIRST)
        names.update(dict.fromkeys(name for row in rows for name in row))
        return {name: [row.get(name) for row in rows] for name in names}

    def _repr_html_(self) -> str:
        from ._html import columns_table

        return columns_table(self.to_columns(), len(self))


def _row(wire: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in wire.items():
        name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", key).lower()
        if name == "metrics":
            yield from ((f"metrics.{metric}", float(last)) for metric, last in value.items())
        elif name in _NESTED:
            yield from _flat(value, name)
        else:
            yield name, value


def _flat(values: dict[str, Any], kind: str) -> Iterator[tuple[str, Any]]:
    """Nested keys joined by dots. A key with a dot of its own is in backticks beside a nested one that reads the same."""
    found: dict[str, list[tuple[list[str], Any]]] = {}
    for path, value in _paths(values, []):
        found.setdefault(".".join(path), []).append((path, value))
    for name, ones in found.items():
        for path, value in ones:
            exact = ".".join(f"`{part}`" if "." in part else part for part in path)
            yield f"{kind}.{name if len(ones) == 1 else exact}", value


def _paths(values: dict[str, Any], before: list[str]) -> Iterator[tuple[list[str], Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _paths(value, [*before, key])
        else:
            yield [*before, key], value


def _time(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _json(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)
