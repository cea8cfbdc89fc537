"""How runs look in a notebook: small tables, without scripts and without anything from elsewhere."""

from __future__ import annotations

from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from ._history import History
    from ._run import Run

_MOST_ROWS = 50
_MOST_COLUMNS = 12
_LONGEST = 60


def run_page(run: Run) -> str:
    """A run that this process records."""
    state = "" if run.active else " (ended here)"
    return facts(f"datmo run {run.name or ''}{state}", {"id": run.id, **_given("config", run.config)})


def wire_page(wire: Mapping[str, Any]) -> str:
    """A run as the engine tells of it."""
    rows = {key: wire.get(key) for key in ("status", "id", "exitCode", "createdAt", "durationMs", "tags", "note")}
    found = {key: value for key, value in rows.items() if value not in (None, [])}
    return facts(
        f"datmo run {wire['name']}", {**found, **_given("config", wire["config"]), **_given("metrics", wire["metrics"])}
    )


def facts(title: str, rows: Mapping[str, Any]) -> str:
    """Names and values below each other."""
    lines = "".join(
        f"<tr><th style='text-align:left'>{_text(key)}</th><td>{_text(value)}</td></tr>" for key, value in rows.items()
    )
    return f"<div><b>{escape(title)}</b><table>{lines}</table></div>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], count: int) -> str:
    """Rows under columns; what is cut off is said."""
    head = "".join(f"<th>{_text(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
    more = f"<p>{_MOST_ROWS} of {count} rows</p>" if count > _MOST_ROWS else ""
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</div>"


def columns_table(columns: Mapping[str, Sequence[Any]], count: int) -> str:
    """The same, from columns; columns without any value are left out."""
    shown = [name for name, cells in columns.items() if any(cell not in (None, [], "") for cell in cells)][
        :_MOST_COLUMNS
    ]
    rows = ([columns[name][row] for name in shown] for row in range(min(count, _MOST_ROWS)))
    return table(shown, rows, count)


def history_table(history: History) -> str:
    """Points."""
    return columns_table(history, len(history["step"]))


def _given(word: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{word}.{key}": value for key, value in list(values.items())[:_MOST_ROWS]}


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
