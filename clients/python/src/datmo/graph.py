# generated from protocol/, do not edit; npm run generate
"""Snapshots and the runs between them.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from ._protocol import (
        GraphGetResult,
    )


def get(*, limit: Optional[int] = None) -> GraphGetResult:
    """Snapshots as nodes, runs as edges, newest first.

    ``limit``: At most this many. Absent: all.

    Answers ``snapshots``, ``runs``, ``more``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: GraphGetResult = call_method("graph.get", {"limit": limit})
    return result
