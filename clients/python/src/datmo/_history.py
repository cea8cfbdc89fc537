"""Points of a run as columns, and as tables of other packages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    _Base = dict[str, list[Any]]
    Request = Callable[[str, dict[str, Any]], Any]
else:
    _Base = dict


class History(_Base):
    """Columns of equal length: ``step``, ``value``, ``at`` (seconds since the epoch); of several metrics ``name`` too.

    Points are in the order of their steps; repeated steps are all there.
    """

    def to_pandas(self) -> Any:
        """A data frame with these columns; ``at`` as UTC times. Needs pandas."""
        import pandas  # type: ignore[import-untyped,unused-ignore]

        frame = pandas.DataFrame(dict(self))
        frame["at"] = pandas.to_datetime(frame["at"], unit="s", utc=True)
        return frame

    def to_arrow(self) -> Any:
        """An Arrow table with these columns; ``at`` as UTC times in microseconds. Needs pyarrow."""
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]

        at = pyarrow.array([round(at * 1e6) for at in self["at"]], pyarrow.timestamp("us", tz="UTC"))
        types = {"name": pyarrow.string(), "step": pyarrow.int64(), "value": pyarrow.float64()}
        columns = {key: pyarrow.array(self[key], types[key]) for key in ("name", "step", "value") if key in self}
        return pyarrow.table({**columns, "at": at})

    def __repr__(self) -> str:
        count = len(self["step"])
        return f"<datmo history of {count} point{'' if count == 1 else 's'}>"

    def _repr_html_(self) -> str:
        from ._html import history_table

        return history_table(self)


def read_history(request: Request, run_id: str, name: Optional[str], buckets: Optional[int]) -> History:
    """Asks for one metric, or for all of a run."""
    if name is not None:
        return History(_points(request, run_id, name, buckets))
    found: dict[str, list[Any]] = {"name": [], "step": [], "value": [], "at": []}
    for metric in request("metric.list", {"runId": run_id})["items"]:
        points = _points(request, run_id, metric["name"], buckets)
        found["name"] += [metric["name"]] * len(points["step"])
        for key, column in points.items():
            found[key] += column
    return History(found)


def _points(request: Request, run_id: str, name: str, buckets: Optional[int]) -> dict[str, list[Any]]:
    params = {"runId": run_id, "name": name, **({} if buckets is None else {"buckets": buckets})}
    points = request("metric.history", params)["points"]
    return {"step": points["step"], "value": [float(value) for value in points["value"]], "at": points["at"]}
