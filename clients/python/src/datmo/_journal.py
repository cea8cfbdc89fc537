"""The run's journal: everything but points, one JSON document a line (``schemas/run-journal.schema.json``)."""

from __future__ import annotations

import errno
import json
import os
import threading

from ._clock import rfc3339
from ._ids import random_id
from ._notice import note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# The engine gives longer ones up.
_LONGEST_LINE = 1_000_000


class Journal:
    """Appends lines to a file of this process's own; each is one ``write``, so it survives the process."""

    def __init__(self, task_directory: str) -> None:
        self.writer = random_id()
        self.path = os.path.join(task_directory, "journal", f"{self.writer}.jsonl")
        self._fd = -1
        self._torn = False
        self._waiting: list[bytes] = []
        # The sender thread tries again what could not be written; a signal handler may come in between.
        self._lock = threading.RLock()

    def append(self, kind: str, **fields: Any) -> bool:
        """Writes one line. False: it could not be written yet; it waits and is tried again. Never raises OSError."""
        line = _line(kind, fields)
        if len(line) > _LONGEST_LINE:
            note_once(f"long {kind}", f"a {kind} record of {len(line) >> 10} KB is too large and was left out.")
            return False
        self._waiting.append(line)
        return self.flush()

    def append_object(self, kind: str, field: str, values: Mapping[str, Any]) -> None:
        """Writes ``{field: values}``, in several lines when one would be too long."""
        if len(values) < 2 or fits(kind, {field: values}):
            self.append(kind, **{field: values})
            return
        items = list(values.items())
        middle = len(items) // 2
        self.append_object(kind, field, dict(items[:middle]))
        self.append_object(kind, field, dict(items[middle:]))

    def flush(self) -> bool:
        """Writes the lines that wait."""
        with self._lock:
            while self._waiting:
                line = self._waiting[0]
                try:
                    self._write(line)
                except OSError as error:
                    note_once("journal", f"cannot write {self.path} ({error.strerror}); it is tried again.")
                    return False
                if line in self._waiting:
                    self._waiting.remove(line)
        return True

    def close(self) -> None:
        """Writes what waits and lets go of the file."""
        self.flush()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def abandon(self) -> None:
        """In a forked child: the file stays the parent's."""
        if self._fd >= 0:
            os.close(self._fd)

    def _write(self, line: bytes) -> None:
        if self._fd < 0:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
            self._fd = os.open(self.path, flags, 0o600)
        if self._torn:
            # A full disk cut the last line short; its rest must not swallow this one.
            os.write(self._fd, b"\n")
            self._torn = False
        if os.write(self._fd, line) != len(line):
            self._torn = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fits(kind: str, fields: Mapping[str, Any]) -> bool:
    """The record is not too long for one line."""
    return len(_line(kind, fields)) <= _LONGEST_LINE


def _line(kind: str, fields: Mapping[str, Any]) -> bytes:
    record = {"v": 1, "type": kind, "at": rfc3339(), **fields}
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
