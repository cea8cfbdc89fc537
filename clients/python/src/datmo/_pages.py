"""Lists that come in pages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Callable, Optional


_PAGE = 1000


def pages(
    request: Callable[[str, dict[str, Any]], Any], method: str, params: dict[str, Any], limit: Optional[int]
) -> Iterator[dict[str, Any]]:
    """Every item of a list method, at most ``limit``; each page is asked for when it is needed."""
    cursor: Optional[str] = None
    left = limit
    while left is None or left > 0:
        asked = {**params, "limit": _PAGE if left is None else min(_PAGE, left)}
        answer = request(method, asked if cursor is None else {**asked, "cursor": cursor})
        if answer is None:
            return
        yield from answer["items"]
        cursor = answer.get("nextCursor")
        if cursor is None:
            return
        if left is not None:
            left -= len(answer["items"])
