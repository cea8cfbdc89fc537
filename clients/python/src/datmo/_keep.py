"""From a logged object to a file in the run's folder, which the engine keeps with the run at its end."""

from __future__ import annotations

import json
import os
import re

from ._media import Html, Image, Media, is_pyplot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


def as_media(value: Any) -> Optional[Media]:
    """The value, when it is one of these or of a library's objects that become one; else None."""
    if isinstance(value, Media):
        return value
    module = type(value).__module__.partition(".")[0]
    if module == "PIL" or (module == "matplotlib" and hasattr(value, "savefig")) or is_pyplot(value):
        return Image(value)
    if module == "plotly" and hasattr(value, "to_html"):
        return Html(value.to_html())
    if module == "pandas" and hasattr(value, "itertuples"):
        from ._table import Table

        return Table(dataframe=value)
    return None


def keep_media(folder: str, name: str, value: Any, step: int) -> bool:
    """Writes media, or a list of them, into the folder of a run. False: it is none. Raises OSError and others."""
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    if not values or as_media(values[0]) is None:
        return False
    for item in values:
        found = as_media(item)
        if found is None:
            raise TypeError(f"one of the list is a {type(item).__name__}, which cannot be kept as a file")
        _keep(folder, name, found, step)
    return True


def _keep(folder: str, name: str, item: Media, step: int) -> None:
    place = os.path.join("media", *_safe(name))
    os.makedirs(os.path.join(folder, place), mode=0o700, exist_ok=True)
    path = _new_file(folder, place, str(step), item.ending)
    try:
        item.write(os.path.join(folder, path))
    except BaseException:
        os.unlink(os.path.join(folder, path))
        raise
    line = {"name": name, "step": step, "file": path, "kind": type(item).__name__, "caption": item.caption}
    with open(os.path.join(folder, "media", "index.jsonl"), "a", encoding="utf-8") as file:
        file.write(json.dumps({key: found for key, found in line.items() if found is not None}) + "\n")


def _new_file(folder: str, place: str, name: str, ending: str) -> str:
    """A file that no other process and no other call has taken."""
    number = 0
    while True:
        path = os.path.join(place, f"{name}-{number}.{ending}" if number else f"{name}.{ending}")
        try:
            os.close(os.open(os.path.join(folder, path), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return path
        except FileExistsError:
            number += 1


def _safe(name: str) -> list[str]:
    """Folders named after a metric: nothing that leads elsewhere or that a file system would not take."""
    parts = [re.sub(r"[^\w .+-]", "_", part).strip(". ") for part in name.split("/")]
    return [part[:100] for part in parts if part] or ["unnamed"]
