"""``log``: from a call in the training loop into the spool, in less than a microsecond."""

from __future__ import annotations

import os
from itertools import count
from time import time

from ._filesystem import is_network
from ._ids import random_id
from ._notice import note_once
from ._plain_spool import PlainSpool
from ._spool import SpoolWriter, pack_point
from ._values import flatten, to_json, to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Optional, Union

    Writer = Union[SpoolWriter, PlainSpool]


class _Ended(Exception):
    """The run is over."""


class Recorder:
    """Keeps the points of one run in one process.

    ``_idle`` holds the writers that no call is using. A call takes one out (one atomic step under any kind of
    interpreter), writes, and puts it back; so each file has one writer at a time, without a lock, whether the
    next call comes from another thread, from a signal handler in the middle of this one, or from a greenlet. A
    call that is torn off half way (``KeyboardInterrupt``) never puts its writer back, and the half-written slot
    stays the end of that file.
    """

    def __init__(self, run_id: str, spool_directory: str) -> None:
        self._run_id = run_id
        self._spool_directory = spool_directory
        self._map_files = not is_network(spool_directory)
        self._idle: list[Writer] = []
        self._writers: list[Writer] = []
        self._recording = True
        self._texts: dict[str, Any] = {}
        self._steps: Iterator[int] = count()
        self._explicit_step: Optional[int] = None

    def log(
        self, data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None, sync: Any = None
    ) -> None:
        """Records values by name at one step.

        ``data``: numbers (anything ``float()`` takes; NaN and infinities are fine) by name; mappings inside give
        dotted names; pictures, tables and the like become files; anything else is kept in the run's summary as text.
        ``step``: absent, one more than the last. ``commit``: False, the next call is at the same step. ``sync``
        means nothing. Takes about half a microsecond a value; what was logged when the call returns survives
        ``kill -9``. Never raises, never waits for the engine.
        """
        if commit is False:
            step = self.step if step is None else step
        writer: Optional[Writer] = None
        try:
            if type(data) is not dict:
                data = dict(data)
            if step is not None:
                self._explicit_step = step
            elif self._explicit_step is None:
                step = next(self._steps)
            else:
                step = self._go_on()
            try:
                writer = self._idle.pop()
            except IndexError:
                writer = self._open_writer()
            at = time()
            for name in data:
                value = data[name]
                try:
                    number = writer.numbers[name]
                    offset, base = next(writer.slots)
                    pack_point(writer.map, offset, step, value, at, number, base + number)
                except Exception:
                    writer = self._log_slowly(writer, name, value, step, at)
            self._idle.append(writer)
        except Exception as error:
            self._log_failed(writer, data, error)
        if commit is False:
            self._go_on_at(self._whole(step))

    @property
    def step(self) -> int:
        """Step that the next ``log`` without one will use."""
        if self._explicit_step is not None:
            return int(self._explicit_step) + 1
        following = next(self._steps)
        self._steps = count(following)
        return following

    def writers(self) -> list[Writer]:
        """The spool files of this process that the engine may not know in full."""
        return list(self._writers)

    def forget(self, writer: Writer) -> None:
        """Removes a full file that the engine has on disk in the project."""
        self._writers.remove(writer)
        try:
            os.unlink(writer.path)
        except OSError:
            pass

    def _log_slowly(self, writer: Writer, name: Any, value: Any, step: Any, at: float) -> Writer:
        """One item that is new, nested, no number, or does not fit into this block of the file."""
        writer.rewind()
        whole = self._whole(step)
        try:
            for key, item in flatten(name, value):
                number = to_number(item)
                if number is None:
                    self._log_other(key, item, whole)
                    continue
                while not writer.put(key, number, whole, at):
                    writer.close()
                    writer = self._open_writer()
        except _Ended:
            raise
        except Exception as error:
            note_once(f"log {name}", f"could not log {name!r:.100}: {error}")
        return writer

    def _log_failed(self, writer: Optional[Writer], data: Any, error: Exception) -> None:
        if isinstance(error, _Ended):
            note_once(f"ended {self._run_id}", f"run {self._run_id[:8]} has ended; what is logged now is left out.")
            return
        if writer is not None:
            writer.rewind()
            self._idle.append(writer)
        if type(data) is not dict:
            error = TypeError("log takes values by name, such as {'loss': 0.3}")
        note_once(f"log {type(error).__name__}", f"could not log {data!r:.100}: {error}")

    def _log_other(self, name: str, value: Any, step: int) -> None:
        self._log_text(name, value)

    def _log_text(self, name: str, value: Any) -> None:
        kind = type(value).__name__
        note_once(f"number {name}", f'"{name}" is a {kind}, not a number; its last value is kept in the summary.')
        text = to_json(value, None)
        if name not in self._texts or self._texts[name] != text:
            self._texts[name] = text
            self._write_summary({name: text})

    def _write_summary(self, values: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def _whole(self, step: Any) -> int:
        try:
            return max(-(2**63), min(2**63 - 1, int(step)))
        except (TypeError, ValueError, OverflowError):
            note_once("step", f"a step must be a whole number, not {step!r:.100}; datmo counts on by itself.")
            self._explicit_step = None
            return next(self._steps)

    def _go_on(self) -> int:
        self._steps = count(self._whole(self._explicit_step) + 1)
        self._explicit_step = None
        return next(self._steps)

    def _go_on_at(self, step: int) -> None:
        self._explicit_step = None
        self._steps = count(step)

    def _open_writer(self) -> Writer:
        if not self._recording:
            raise _Ended
        name = f"{random_id()}.bin"
        writer: Optional[Writer] = None
        if self._map_files:
            try:
                writer = SpoolWriter(self._spool_directory, name, self._run_id)
            except (OSError, ValueError) as error:
                note_once("spool", f"points are written without a map: {error}")
        if writer is None:
            writer = PlainSpool(self._spool_directory, name, self._run_id)
        self._writers.append(writer)
        return writer

    def _stop_recording(self) -> None:
        """Lets go of all files. A call under way in another thread keeps its own."""
        self._recording = False
        while self._idle:
            self._idle.pop().close()

    def _start_again_in_child(self) -> None:
        """After fork, in the child: the files are the parent's."""
        for writer in self._writers:
            writer.abandon()
        self._idle.clear()
        self._writers.clear()
