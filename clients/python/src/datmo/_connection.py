"""A conversation with one engine: requests, their answers, notifications, and its end."""

from __future__ import annotations

import errno
import os
import threading
from itertools import count

from ._fork import watch
from ._framing import FrameReader, FramingError, encode_frame
from ._spawn import EngineProcess
from .errors import DatmoError, error_from_wire, make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Callable, Optional

    Notified = Callable[[str, dict[str, Any]], None]


class Pending:
    """A request on its way."""

    def __init__(self, request_id: int) -> None:
        self.id = request_id
        self._event = threading.Event()
        self._result: Any = None
        self._error: Optional[DatmoError] = None

    @property
    def done(self) -> bool:
        """The answer is there."""
        return self._event.is_set()

    def wait(self, seconds: Optional[float] = None) -> bool:
        """Waits for the answer, at most so long. False: it is not there yet."""
        return self._event.wait(seconds)

    def result(self) -> Any:
        """The answer, waited for; raises DatmoError when it is an error."""
        self._event.wait()
        if self._error is not None:
            # Each caller gets its own traceback.
            raise self._error.with_traceback(None)
        return self._result

    def settle(self, result: Any = None, error: Optional[DatmoError] = None) -> None:
        """The answer has come."""
        self._result = result
        self._error = error
        self._event.set()


class Connection:
    """Speaks with an engine over its pipes. Safe to use from several threads; dead in a forked child."""

    def __init__(self, process: EngineProcess, notified: Optional[Notified] = None) -> None:
        self.process = process
        self.gone: Optional[DatmoError] = None
        self._notified = notified
        self._ids = count(1)
        self._pending: dict[int, Pending] = {}
        self._writing = threading.Lock()
        self._ended = threading.Event()
        # Of this process only: in a forked child the numbers may stand for other files.
        self._owner = os.getpid()
        self._stdout = process.stdout
        threading.Thread(target=self._read, name="datmo-reader", daemon=True).start()
        watch(self)

    @property
    def alive(self) -> bool:
        """The engine can be spoken to from this process."""
        return self.gone is None and self._owner == os.getpid()

    def send(self, method: str, params: Mapping[str, Any]) -> Pending:
        """Sends a request and does not wait. Once the engine is gone the answer is the error ENGINE_GONE."""
        pending = Pending(next(self._ids))
        self._pending[pending.id] = pending
        message = {"jsonrpc": "2.0", "id": pending.id, "method": method, "params": params}
        try:
            self._write(message)
        except OSError as error:
            self._fail(f"{method} could not be sent: {error.strerror}")
        except BaseException:
            self._pending.pop(pending.id, None)
            raise
        if self.gone is not None:
            self._settle(pending.id, None, self.gone)
        return pending

    def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Sends a notification; nobody hears when the engine is gone."""
        try:
            self._write({"jsonrpc": "2.0", "method": method, "params": params})
        except OSError as error:
            self._fail(f"{method} could not be sent: {error.strerror}")

    def request(self, method: str, params: Mapping[str, Any]) -> Any:
        """Sends a request and waits. Ctrl-C cancels it in the engine and is raised on."""
        pending = self.send(method, params)
        try:
            return pending.result()
        except KeyboardInterrupt:
            self.notify("$/cancelRequest", {"id": pending.id})
            raise

    def release(self) -> None:
        """End of input: the engine finishes by itself, in its own time. Does not wait."""
        if self._owner == os.getpid():
            with self._writing:
                self.process.close_stdin()

    def close(self, seconds: float) -> None:
        """Ends the engine: politely, then by closing its input, then, after ``seconds``, by a signal."""
        if self._owner != os.getpid():
            return
        if self.alive:
            self.send("shutdown", {}).wait(seconds)
            self.notify("exit", {})
        self.release()
        if self.process.ended(seconds) is None:
            self.process.terminate()

    def forked(self) -> None:
        """In a forked child: the pipes are the parent's, and an open end here would keep its engine up."""
        if self.gone is None:
            self.gone = make_error("ENGINE_GONE", {"reason": "this process was forked"})
            self.process.close()

    def _write(self, message: Mapping[str, Any]) -> None:
        if not self.alive:
            return
        frame = memoryview(encode_frame(message))
        with self._writing:
            if self.process.stdin < 0:
                raise BrokenPipeError(errno.EPIPE, "the connection is closed")
            written = 0
            try:
                while written < len(frame):
                    written += os.write(self.process.stdin, frame[written:])
            except BaseException:
                # Ctrl-C in the middle of a long message: what follows could not be read as a new one.
                if written:
                    self._fail("a message was cut off")
                raise

    def _read(self) -> None:
        reader = FrameReader(lambda size: os.read(self._stdout, size))
        reason = "it closed the connection"
        try:
            for message in iter(reader.next, None):
                self._take(message)
        except (FramingError, OSError) as error:
            reason = str(error)
        code = self.process.ended(1.0)
        if code is not None:
            reason = f"signal {-code}" if code < 0 else f"exit code {code}"
        self._fail(reason)
        self.process.close()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            if self._notified is not None and "id" not in message:
                self._notified(message["method"], message.get("params") or {})
            return
        error = message.get("error")
        self._settle(message.get("id"), message.get("result"), error_from_wire(error) if error else None)

    def _settle(self, request_id: Any, result: Any, error: Optional[DatmoError]) -> None:
        pending = self._pending.pop(request_id, None)
        if pending is not None:
            pending.settle(result, error)

    def _fail(self, reason: str) -> None:
        if self.gone is None:
            self.gone = make_error("ENGINE_GONE", {"reason": reason})
        for request_id in list(self._pending):
            self._settle(request_id, None, self.gone)
