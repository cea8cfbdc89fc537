"""``define_metric``: another axis for a metric, and which of its values stands in the summary."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ._notice import note_once
from ._values import flatten, to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional

    Log = Callable[[Mapping[str, Any], Optional[int]], None]

_KINDS = ("min", "max", "mean", "first", "last", "best", "none", "copy")


class Definitions:
    """What was defined for a run, and what follows for the values that it logs from then on."""

    def __init__(self) -> None:
        self._axes: list[tuple[str, str]] = []
        self._kinds: list[tuple[str, tuple[str, ...]]] = []
        self._axis_values: dict[str, float] = {}
        # By name of the metric: the least, the largest, the sum, how many, the first.
        self._seen: dict[str, list[float]] = {}

    def define(self, name: str, axis: Optional[str], summary: Optional[str], goal: Optional[str]) -> None:
        """Takes one definition. Raises ValueError for a summary that is none of these."""
        kinds = tuple(kind.strip() for kind in (summary or "").split(",") if kind.strip())
        for kind in kinds:
            if kind not in _KINDS:
                raise ValueError(f"a metric's summary is one of {', '.join(_KINDS)}, not {kind!r}")
        if axis is not None:
            self._axes.append((name, axis))
        best = "max" if (goal or "").startswith("max") else "min"
        wanted = tuple(
            best if kind == "best" else kind for kind in kinds if kind in ("min", "max", "mean", "first", "best")
        )
        if wanted:
            self._kinds.append((name, wanted))

    def log(self, data: Mapping[str, Any], step: int, log: Log) -> None:
        """Logs each value at the step that its axis says. Raises what a wrong ``data`` raises."""
        values = {key: value for name in dict(data) for key, value in flatten(name, data[name])}
        at: dict[int, dict[str, Any]] = {}
        for name, value in values.items():
            number = to_number(value)
            if number is not None:
                self._axis_values[name] = number
                self._note(name, number)
        for name, value in values.items():
            at.setdefault(self._step_of(name, step), {})[name] = value
        for place, part in at.items():
            log(part, place)

    def only_axes(self) -> None:
        """In a child process: the summary is the parent's."""
        self._kinds.clear()
        self._seen.clear()

    def summary(self) -> dict[str, float]:
        """What stands in the summary: ``loss.min`` and the like."""
        found: dict[str, float] = {}
        for name, (least, largest, total, count, first) in self._seen.items():
            stands = {"min": least, "max": largest, "mean": total / count, "first": first}
            for pattern, kinds in self._kinds:
                if fnmatchcase(name, pattern):
                    found.update({f"{name}.{kind}": stands[kind] for kind in kinds})
        return found

    def _note(self, name: str, value: float) -> None:
        if value != value or not any(fnmatchcase(name, pattern) for pattern, _kinds in self._kinds):
            return
        seen = self._seen.setdefault(name, [value, value, 0.0, 0, value])
        seen[0], seen[1] = min(seen[0], value), max(seen[1], value)
        seen[2] += value
        seen[3] += 1

    def _step_of(self, name: str, step: int) -> int:
        axis = next((axis for pattern, axis in reversed(self._axes) if fnmatchcase(name, pattern)), None)
        value = self._axis_values.get(axis) if axis is not None and axis != name else None
        if value is None:
            return step
        if not value.is_integer():
            note_once(f"axis {name}", f'"{axis}" is no whole number, so "{name}" keeps the run\'s own steps.')
            return step
        return int(value)
