"""The last value of a metric, read back from the spool files of this process."""

from __future__ import annotations

from ._spool import HEADER, SLOT, read_slot, slot_check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Optional

    from ._recorder import Writer

_STRETCH = SLOT * 4096


def last_value(writers: Iterable[Writer], name: str) -> Optional[float]:
    """The value logged last under this name; None when there is none in these files."""
    found = [point for point in (_last_point(writer, name) for writer in writers) if point is not None]
    return max(found)[1] if found else None


def _last_point(writer: Writer, name: str) -> Optional[tuple[float, float]]:
    """(time, value)."""
    number = writer.number_of(name)
    if number is None:
        return None
    end = writer.settled()
    try:
        with open(writer.path, "rb") as file:
            while end > HEADER:
                start = max(HEADER, end - _STRETCH)
                file.seek(start)
                data = file.read(end - start)
                for offset in range(len(data) - SLOT, -1, -SLOT):
                    _step, value, at, of, check = read_slot(data, offset)
                    if of == number and check == slot_check((start + offset - HEADER) // SLOT, number):
                        return at, value
                end = start
    except OSError:
        pass
    return None
