"""Tables and histograms as JSON files."""

from __future__ import annotations

import json
import os
import re

from ._media import Media
from ._values import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Optional


class Histogram(Media):
    """How often values lie in each of ``num_bins`` stretches of equal width; or a finished ``(counts, edges)``."""

    def __init__(
        self, sequence: Any = None, np_histogram: Optional[tuple[Any, Any]] = None, num_bins: int = 64
    ) -> None:
        super().__init__(None, "json", None)
        if np_histogram is not None:
            counts, edges = (to_json(list(part), None) for part in np_histogram)
        else:
            counts, edges = _count([] if sequence is None else sequence, num_bins)
        self.histogram: list[Any] = counts
        self.bins: list[Any] = edges

    def write(self, path: str) -> None:
        """As ``{"counts": [n], "edges": [n + 1]}``."""
        _write_json(path, {"counts": self.histogram, "edges": self.bins})


class Table(Media):
    """Rows under named columns; ``dataframe``: a pandas one in their place.

    Kept as ``{"columns": […], "data": [[…]]}``, which ``pandas.read_json(path, orient="split")`` reads. Pictures
    and the like in cells become files beside it.
    """

    def __init__(
        self,
        columns: Optional[Iterable[Any]] = None,
        data: Optional[Iterable[Sequence[Any]]] = None,
        rows: Optional[Iterable[Sequence[Any]]] = None,
        dataframe: Any = None,
        **_others: Any,
    ) -> None:
        super().__init__(None, "table.json", None)
        data = rows if data is None else data
        if dataframe is None and hasattr(data, "columns") and hasattr(data, "itertuples"):
            dataframe = data
        if dataframe is not None:
            columns, data = list(dataframe.columns), dataframe.itertuples(index=False)
        self.data: list[list[Any]] = [list(row) for row in ([] if data is None else data)]
        width = len(self.data[0]) if self.data else 0
        standard = ["Input", "Output", "Expected"] if not self.data else [f"column {n + 1}" for n in range(width)]
        self.columns = [str(column) for column in (standard if columns is None else columns)]

    def add_data(self, *row: Any) -> None:
        """Adds one row. Raises ValueError when it has not as many cells as there are columns."""
        if len(row) != len(self.columns):
            raise ValueError(f"the table has {len(self.columns)} columns, the row has {len(row)} cells")
        self.data.append(list(row))

    add_row = add_data

    def add_column(self, name: str, data: Iterable[Any]) -> None:
        """Adds a column of one value a row. Raises ValueError for another number of them."""
        values = list(data)
        if self.data and len(values) != len(self.data):
            raise ValueError(f"the table has {len(self.data)} rows, the column has {len(values)} values")
        if not self.data:
            self.data = [[None] * len(self.columns) for _ in values]
        self.columns.append(name)
        for row, value in zip(self.data, values):
            row.append(value)

    def get_column(self, name: str) -> list[Any]:
        """The values of one column. Raises ValueError."""
        index = self.columns.index(name)
        return [row[index] for row in self.data]

    def get_dataframe(self) -> Any:
        """As a pandas data frame."""
        import pandas  # type: ignore[import-untyped,unused-ignore]

        return pandas.DataFrame(self.data, columns=self.columns)

    def write(self, path: str) -> None:
        """As JSON."""
        folder = re.sub(r"\.table\.json$", "", path)
        rows = [[self._cell(cell, folder, f"{r}-{c}") for c, cell in enumerate(row)] for r, row in enumerate(self.data)]
        _write_json(path, {"columns": self.columns, "data": rows})

    def _cell(self, cell: Any, folder: str, name: str) -> Any:
        from ._keep import as_media

        found = as_media(cell)
        if found is None:
            return to_json(cell, None)
        os.makedirs(folder, exist_ok=True)
        place = os.path.join(folder, f"{name}.{found.ending}")
        found.write(place)
        return {"file": os.path.relpath(place, os.path.dirname(folder)), "caption": found.caption}


def _count(sequence: Any, bins: int) -> tuple[list[int], list[float]]:
    flat = sequence.ravel() if hasattr(sequence, "ravel") else sequence
    values = [float(value) for value in (flat.tolist() if hasattr(flat, "tolist") else flat)]
    values = [value for value in values if abs(value) != float("inf") and value == value]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    width = (high - low) / bins
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    return counts, [low + width * edge for edge in range(bins)] + [high]


def _write_json(path: str, value: Mapping[str, Any]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, allow_nan=False)
