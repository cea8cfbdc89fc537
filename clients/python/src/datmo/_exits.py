"""How a script ends: exceptions, exit codes and signals find their way into the run that it records."""

from __future__ import annotations

import atexit
import builtins
import os
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    End = dict[str, Any]

_SIGNALS = ("SIGTERM", "SIGHUP")
_SIGNAL_SECONDS = 5.0


class ExitWatch:
    """Calls ``finish(end, seconds)`` once when this process ends before the run was finished.

    ``end`` holds ``status``, ``exitCode`` and ``error`` of ``run.finish``. What cannot be seen from inside (kill
    -9, ``os._exit``) is left to the next engine. Every hook calls the one that was there before it.
    """

    def __init__(self, finish: Callable[[End, float], None], seconds: float) -> None:
        self._finish = finish
        self._seconds = seconds
        self._end: End = end_of_code(0)
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Sets the hooks; signals only from the main thread, and only where nobody else handles them."""
        atexit.register(self._at_exit)
        self._wrap(sys, "excepthook", self._excepthook)
        self._wrap(sys, "exit", self._exit)
        quitter = type(getattr(builtins, "exit", None))
        if quitter.__module__ == "_sitebuiltins":
            self._wrap(quitter, "__call__", self._quit)
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                self._handle(getattr(signal, name, None))

    def remove(self) -> None:
        """Takes back those hooks that nobody has wrapped in the meantime."""
        atexit.unregister(self._at_exit)
        while self._undo:
            self._undo.pop()()

    def _at_exit(self) -> None:
        self._finish(self._end, self._seconds)

    def _wrap(self, module: Any, name: str, make: Callable[[Any], Any]) -> None:
        previous = getattr(module, name)
        hook = make(previous)
        setattr(module, name, hook)

        def undo() -> None:
            if getattr(module, name) is hook:
                setattr(module, name, previous)

        self._undo.append(undo)

    def _excepthook(self, previous: Callable[..., None]) -> Callable[..., None]:
        def hook(kind: Any, error: Any, trace: Any) -> None:
            self._end = end_of_exception(error if error is not None else kind())
            previous(kind, error, trace)

        return hook

    def _exit(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def exit(status: Any = None, /) -> Any:
            self._note_code(status)
            return previous(status)

        return exit

    def _quit(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def call(quitter: Any, code: Any = None) -> Any:
            self._note_code(code)
            return previous(quitter, code)

        return call

    def _note_code(self, status: Any) -> None:
        # Python forgets the code before it calls what is registered for the end. In other threads it ends only them.
        if threading.current_thread() is threading.main_thread():
            self._end = end_of_exception(SystemExit(status))

    def _handle(self, number: Optional[signal.Signals]) -> None:
        if number is None or signal.getsignal(number) is not signal.SIG_DFL:
            return

        def handler(caught: int, _frame: Any) -> None:
            self._finish({"status": "stopped", "exitCode": 128 + caught}, _SIGNAL_SECONDS)
            signal.signal(caught, signal.SIG_DFL)
            os.kill(os.getpid(), caught)

        signal.signal(number, handler)

        def undo() -> None:
            if threading.current_thread() is threading.main_thread() and signal.getsignal(number) is handler:
                signal.signal(number, signal.SIG_DFL)

        self._undo.append(undo)


def end_of_code(code: int) -> End:
    """The end of a script that left with this exit code."""
    return {"status": "succeeded" if code == 0 else "failed", "exitCode": code}


def end_of_exception(error: BaseException) -> End:
    """The end of a script that this exception ended."""
    if isinstance(error, SystemExit):
        code = error.code
        return end_of_code(0 if code is None else code if isinstance(code, int) else 1)
    if isinstance(error, KeyboardInterrupt):
        return {"status": "stopped", "exitCode": 130}
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"status": "failed", "exitCode": 1, "error": {"kind": type(error).__name__, "message": message[:10_000]}}
