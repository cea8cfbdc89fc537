"""What datmo has to tell the user, on stderr, each thing once."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

_said: set[str] = set()


def note(text: str) -> None:
    """Prints one line; never raises (stderr may be closed or replaced)."""
    try:
        sys.stderr.write(f"datmo: {text}\n")
        sys.stderr.flush()
    except Exception:
        pass


def note_once(key: str, text: str) -> None:
    """Prints the line unless something was said under the same key before."""
    if key not in _said:
        _said.add(key)
        note(text)


def disabled() -> bool:
    """``DATMO_MODE=disabled`` turns every call into a no-op."""
    return os.environ.get("DATMO_MODE", "").lower() == "disabled"


def strict() -> bool:
    """``DATMO_STRICT=1``: what would be a warning at the start of a run is an exception."""
    return os.environ.get("DATMO_STRICT", "") not in ("", "0")
