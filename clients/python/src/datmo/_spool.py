"""The spool: a memory-mapped file that holds a metric point before the call that logged it returns.

The format is described in ``docs/formats.md``. What is in the mapping is in the kernel's page cache, so it
survives the death of this process.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
from binascii import crc32
from operator import length_hint
from struct import Struct

from ._filesystem import open_new, write_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Optional

HEADER = 64
SLOT = 32
LARGEST = 64 << 20
_FIRST = 1 << 20
_LONGEST_NAME = 1000
_DEFINITION = 0xFFFFFFFF
_MASK = 0xFFFFFFFF
_FACTOR = 2654435761
# Slots whose places and checks are worked out ahead, in one go: keeps that arithmetic out of most calls.
_BLOCK = 1024
_WINDOW = 4 << 20

_header = Struct("<8sII8s26s10x")
# The same 32 bytes; in the machine's own order packing is a little faster.
_point = Struct("@qddII" if sys.byteorder == "little" else "<qddII")
pack_point = _point.pack_into


class SpoolWriter:
    """One spool file. It belongs to one thread at a time; nothing here takes a lock.

    The hot path (``Recorder.log``) reads ``map``, ``numbers`` and ``slots`` itself: a point is
    ``pack_point(map, offset, step, value, at, number, base + number)`` with ``offset, base = next(slots)``.
    """

    __slots__ = (
        "name",
        "path",
        "map",
        "numbers",
        "slots",
        "told",
        "waiting",
        "_fd",
        "_size",
        "_block",
        "_defined",
        "closed",
    )

    def __init__(self, folder: str, name: str, run_id: str) -> None:
        """Creates the file and reserves its first megabyte; raises OSError when that cannot be had."""
        self.name = name
        self.path = os.path.join(folder, name)
        self.numbers: dict[str, int] = {}
        self.slots: Iterator[tuple[int, int]] = iter(())
        self.told = 0
        self.waiting = False
        self.closed = False
        self._defined = 0
        self._size = 0
        temporary = being_made(self.path)
        self._fd = open_new(temporary, os.O_RDWR)
        try:
            self._grow()
            self.map[:HEADER] = spool_header(run_id)
            os.rename(temporary, self.path)
        except BaseException:
            os.close(self._fd)
            os.unlink(temporary)
            raise
        self._seek(HEADER)

    @property
    def position(self) -> int:
        """Byte after the last slot that was taken (the last one may be half written in another thread)."""
        # One attribute, so that another thread never sees the end of one block and the rest of another.
        end, offsets = self._block
        return end - SLOT * length_hint(offsets)

    def put(self, name: str, value: float, step: int, at: float) -> bool:
        """Writes one point, with the definition of its name when that is new. False: the file is full."""
        number = self.numbers.get(name)
        if number is None:
            number = self._define(name)
            if number is None:
                return False
        for offset, base in self.slots:
            pack_point(self.map, offset, step, value, at, number, (base + number) & _MASK)
            return True
        return self.next_block() and self.put(name, value, step, at)

    def number_of(self, name: str) -> Optional[int]:
        """The number that stands for a name in this file; None when nothing was logged under it here."""
        return self.numbers.get(name)

    def next_block(self) -> bool:
        """Makes the next slots ready once ``slots`` is used up. False: the file is full."""
        offset = self.position
        if offset + SLOT > self._size and not self._grow_if_allowed():
            return False
        if offset % _WINDOW < SLOT * _BLOCK:
            self._release(offset)
        self._seek(offset)
        return True

    def rewind(self) -> None:
        """Gives back a slot that was taken but, because its value was none, not written."""
        last = self.position - SLOT
        if last >= HEADER and last + SLOT != self._defined and not self._holds(last):
            self._seek(last)

    def flush(self) -> None:
        """Nothing is held back."""

    def settled(self) -> int:
        """Byte up to which everything is written, whatever another thread is doing to the file now."""
        position = self.position
        if self.closed or position == self._defined:
            return position
        try:
            return position if self._holds(position - SLOT) else position - SLOT
        except ValueError:
            # Closed in between.
            return self.position

    def close(self) -> None:
        """Lets go of the file and gives back what was reserved beyond the last point."""
        position = self.position
        self.closed = True
        self.slots = iter(())
        self.map.close()
        try:
            os.ftruncate(self._fd, position)
        except OSError:
            pass
        os.close(self._fd)

    def abandon(self) -> None:
        """In a forked child: the file stays the parent's; nothing is written to it from here."""
        self.slots = iter(())
        os.close(self._fd)

    def _define(self, name: str) -> Optional[int]:
        data = cut(name)
        definition = definition_slots(data, len(self.numbers), (self.position - HEADER) // SLOT)
        start = self.position
        while start + len(definition) > self._size:
            if not self._grow_if_allowed():
                return None
        # The payload first: a definition whose own slot holds is whole.
        self.map[start + SLOT : start + len(definition)] = definition[SLOT:]
        self.map[start : start + SLOT] = definition[:SLOT]
        self._defined = start + len(definition)
        self._seek(self._defined)
        number = len(self.numbers)
        self.numbers[name] = number
        return number

    def _holds(self, offset: int) -> bool:
        if offset < HEADER:
            return True
        number, check = _point.unpack_from(self.map, offset)[3:]
        return bool(check == slot_check((offset - HEADER) // SLOT, number))

    def _seek(self, offset: int) -> None:
        """The next slot is the one at ``offset``; there may be none left in what is reserved."""
        end = min(offset + SLOT * _BLOCK, self._size)
        offsets = iter(range(offset, end, SLOT))
        self._block = (end, offsets)
        self.slots = zip(offsets, _bases((offset - HEADER) // SLOT, (end - offset) // SLOT))

    def _release(self, offset: int) -> None:
        """Lets go of the memory of pages that are full; what they hold stays in the page cache."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.map.madvise(mmap.MADV_DONTNEED, 0, offset // mmap.PAGESIZE * mmap.PAGESIZE)

    def _grow_if_allowed(self) -> bool:
        if self._size >= LARGEST:
            return False
        try:
            self._grow()
        except (OSError, ValueError):
            return False
        return True

    def _grow(self) -> None:
        size = self._size * 2 or _FIRST
        reserve(self._fd, self._size, size - self._size)
        self.map = mmap.mmap(self._fd, size)
        self._size = size


def being_made(path: str) -> str:
    """Name of a spool until its header is there, so that nobody ever finds one without."""
    # Windows renames no open files.
    return path if sys.platform == "win32" else f"{path}.tmp"


def spool_header(run_id: str) -> bytes:
    """The first 64 bytes of a spool, with a fresh spool id."""
    header = _header.pack(b"DATMOSPL", 1, HEADER, os.urandom(8), run_id.encode("ascii"))
    return header + crc32(header).to_bytes(4, "little")


def _bases(first: int, count: int) -> Iterator[int]:
    """The checks of ``count`` slots, less the numbers of their names."""
    start = first * _FACTOR + 1
    return iter([base & _MASK for base in range(start, start + count * _FACTOR, _FACTOR)])


def slot_check(index: int, number: int) -> int:
    """Check of the slot with this index whose name has this number."""
    return (index * _FACTOR + number + 1) & _MASK


def read_slot(data: bytes, offset: int) -> tuple[int, float, float, int, int]:
    """Step, value, time, number of the name, check."""
    step, value, at, number, check = _point.unpack_from(data, offset)
    return step, value, at, number, check


def point_slot(index: int, step: int, value: float, at: float, number: int) -> bytes:
    """One point as bytes, for files that are not mapped."""
    return _point.pack(step, value, at, number, slot_check(index, number))


def definition_slots(data: bytes, number: int, index: int) -> bytes:
    """Slots that define a name: one for its number and length, then its bytes, zero padded."""
    check = crc32(data) ^ slot_check(index, _DEFINITION)
    slots = -(-len(data) // SLOT)
    return _point.pack(number, len(data), 0.0, _DEFINITION, check) + data.ljust(slots * SLOT, b"\0")


def cut(name: str) -> bytes:
    """The name in UTF-8, at most 1,000 bytes, cut between characters."""
    data = name.encode("utf-8", "replace") or b"unnamed"
    return data if len(data) <= _LONGEST_NAME else data[:_LONGEST_NAME].decode("utf-8", "ignore").encode("utf-8")


def reserve(descriptor: int, offset: int, size: int) -> None:
    """Reserves space on disk, so that a mapped write can never meet a full disk (it would be a SIGBUS)."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, offset, size)
            return
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise
    zeros = bytes(1 << 20)
    while size > 0:
        written = write_at(descriptor, zeros[: min(size, len(zeros))], offset)
        offset += written
        size -= written
