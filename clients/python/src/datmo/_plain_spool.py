"""A spool written by plain system calls, for where a file cannot be reserved or mapped.

Same format. While the disk is full, points wait in memory, up to a limit, and are written once there is space.
"""

from __future__ import annotations

import contextlib
import os
import threading
from time import monotonic

from ._filesystem import open_new, write_at
from ._notice import note_once
from ._spool import HEADER, LARGEST, SLOT, being_made, cut, definition_slots, point_slot, spool_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Optional

    _Point = tuple[str, float, int, float]

# About 40 MB of Python objects.
_MOST_WAITING = 200_000
_RETRY_SECONDS = 0.1
# Leaves room in the file for what waits.
_FULL = LARGEST - (8 << 20)


class PlainSpool:
    """As ``SpoolWriter``, with one system call per point. Points beyond the limit are counted and told."""

    def __init__(self, folder: str, name: str, run_id: str) -> None:
        """Raises nothing: the file is created when there is something to write, and space."""
        self.name = name
        self.path = os.path.join(folder, name)
        # Always empty: the hot path comes here with every point.
        self.map = bytearray()
        self.numbers: dict[str, int] = {}
        self.slots: Iterator[tuple[int, int]] = iter(())
        self.told = 0
        self.waiting = False
        self.closed = False
        self.lost = 0
        self._header = spool_header(run_id)
        self._known: dict[str, int] = {}
        self._queue: list[_Point] = []
        self._fd = -1
        self._written = 0
        self._failed_at = -_RETRY_SECONDS
        # The sender thread writes what waits while the script logs.
        self._lock = threading.Lock()

    def put(self, name: str, value: float, step: int, at: float) -> bool:
        """Writes or queues one point. False: the file is full."""
        with self._lock:
            if self._written > _FULL:
                return False
            if len(self._queue) < _MOST_WAITING:
                self._queue.append((name, value, step, at))
            else:
                self._lose()
            if monotonic() - self._failed_at >= _RETRY_SECONDS:
                self._write_queue()
        return True

    def number_of(self, name: str) -> Optional[int]:
        """The number that stands for a name in this file; None when nothing was written under it."""
        return self._known.get(name)

    def rewind(self) -> None:
        """No slot is ever taken ahead."""

    def flush(self) -> None:
        """Tries to write what waits."""
        with self._lock:
            self._write_queue()

    def settled(self) -> int:
        """Byte up to which everything is written."""
        return self._written

    def close(self) -> None:
        """Writes what waits, if it can, and lets go of the file."""
        with self._lock:
            self.closed = True
            self._write_queue()
            if self._queue:
                note_once(f"queue {self.path}", f"{len(self._queue)} points could not be written to {self.path}.")
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
            if self._written == 0:
                with contextlib.suppress(OSError):
                    os.unlink(being_made(self.path))
            self._failed_at = float("inf")

    def abandon(self) -> None:
        """In a forked child: the file stays the parent's."""
        if self._fd >= 0:
            os.close(self._fd)

    def _lose(self) -> None:
        self.lost += 1
        note_once(f"lost {self.path}", "the disk is full and so is the queue; points are being lost from now on.")

    def _write_queue(self) -> None:
        done = 0
        try:
            for point in self._queue:
                self._write_point(point)
                done += 1
        except OSError as error:
            self._failed_at = monotonic()
            note_once("disk full", f"cannot write points ({error.strerror}); they wait in memory until there is space.")
        del self._queue[:done]

    def _write_point(self, point: _Point) -> None:
        name, value, step, at = point
        if self._fd < 0:
            self._fd = open_new(being_made(self.path), os.O_WRONLY)
        if self._written == 0:
            self._append(self._header)
            os.rename(being_made(self.path), self.path)
        number = self._known.get(name)
        if number is None:
            number = len(self._known)
            self._append(definition_slots(cut(name), number, self._next_index()))
            self._known[name] = number
        self._append(point_slot(self._next_index(), step, value, at, number))

    def _next_index(self) -> int:
        return (self._written - HEADER) // SLOT

    def _append(self, data: bytes) -> None:
        """At a place of its own, so that what a full disk cut short is written again over its first half."""
        done = 0
        while done < len(data):
            done += write_at(self._fd, data[done:], self._written + done)
        self._written += len(data)
