"""What a forked child must let go of."""

from __future__ import annotations

import os
from weakref import WeakSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_watched: "WeakSet[Any]" = WeakSet()
_registered = False


def watch(thing: Any) -> None:
    """Has ``thing.forked()`` called in every child that this process forks from now on."""
    global _registered
    _watched.add(thing)
    if not _registered and hasattr(os, "register_at_fork"):
        _registered = True
        os.register_at_fork(after_in_child=_in_child)


def _in_child() -> None:
    for thing in list(_watched):
        try:
            thing.forked()
        except Exception:
            # The callback stays for ever and must not spoil a fork; descriptors may be closed already.
            continue
