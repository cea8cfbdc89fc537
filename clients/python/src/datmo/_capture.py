"""Keeps what a recorded script prints in the run's ``output.log``.

What goes through ``sys.stdout`` and ``sys.stderr`` is kept: ``print``, logging, tracebacks, progress bars. What
bypasses them is not: child processes, C libraries, ``sys.stdout.buffer``, ``os.write(1, …)``.
"""

from __future__ import annotations

import os
import sys

from ._notice import note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class Capture:
    """Wraps the ``write`` of both streams in place, so that they stay the same objects for everybody who holds them."""

    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._fd = os.open(path, flags, 0o600)
        self._undo: list[Callable[[], None]] = []
        self._wrap(sys.stdout)
        if sys.stderr is not sys.stdout:
            self._wrap(sys.stderr)

    def stop(self) -> None:
        """Gives the streams their own ``write`` back and lets go of the file."""
        while self._undo:
            self._undo.pop()()
        descriptor, self._fd = self._fd, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _wrap(self, stream: Any) -> None:
        previous = getattr(stream, "write", None)
        if previous is None:
            return
        was_wrapped = "write" in getattr(stream, "__dict__", {})
        keep = self._keep

        def write(text: str) -> Any:
            result = previous(text)
            keep(text)
            return result

        try:
            stream.write = write
        except AttributeError:
            return

        def undo() -> None:
            if stream.write is not write:
                return
            if was_wrapped:
                stream.write = previous
            else:
                del stream.write

        self._undo.append(undo)

    def _keep(self, text: str) -> None:
        if self._fd < 0:
            return
        try:
            data = text.encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            descriptor, self._fd = self._fd, -1
            os.close(descriptor)
            note_once("output", f"the output is not kept any more: {error.strerror}")
        except Exception:
            # Not a text: the stream itself has complained.
            return
