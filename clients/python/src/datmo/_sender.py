"""The thread behind a recorded run: tells the engine what is new in the spool, and never holds up the script."""

from __future__ import annotations

import sys
import threading
from time import monotonic

from ._engine import connect, finish_greeting, start_greeting
from ._notice import note, note_once
from .errors import DatmoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    from ._connection import Connection, Pending
    from ._recorder import Writer
    from ._run import Run
    from ._spawn import EngineProcess

_PERIOD_SECONDS = 0.1
_SILENCE_SECONDS = 5.0
_SILENT_WAIT_SECONDS = 0.5


class Sender:
    """Owns the engine of one recorded run.

    All that matters is in the run's folder before this hears of it: when the engine dies, stops answering or was
    never there, the next engine takes everything in from there.
    """

    def __init__(self, project: str, process: EngineProcess, run: Run, create: dict[str, Any]) -> None:
        """``process``: an engine that nobody has spoken to yet; ``create``: params of ``run.create``."""
        self.name: Optional[str] = None
        self._project = project
        self._process = process
        self._run = run
        self._create = create
        self._connection: Optional[Connection] = None
        # By name of the file: one stretch at a time is on its way, so that a stopped engine's pipe never fills.
        self._told: dict[str, tuple[Writer, Pending, float]] = {}
        self._end: Optional[dict[str, Any]] = None
        self._wake = threading.Event()
        self._ready = threading.Event()
        self._over = threading.Event()
        self._silent = False

    def start(self) -> None:
        """Goes to work in the background."""
        if sys.version_info < (3, 12):
            # Two threads that import the same at once may be taken for a deadlock there, and one of them fails.
            from . import _connection  # noqa: F401
        threading.Thread(target=self._work, name="datmo-sender", daemon=True).start()

    def request(self, method: str, params: dict[str, Any]) -> Any:
        """A request about this run, from the script's thread. Raises DatmoError."""
        self._ready.wait()
        connection = self._connection
        if connection is None or not connection.alive:
            connection = self._reconnect()
        return connection.request(method, params)

    def show(self, seconds: float) -> bool:
        """Waits, at most so long, until what was logged before this call is in the run's record. False: it may not be."""
        deadline = monotonic() + (_SILENT_WAIT_SECONDS if self._silent else seconds)
        if not self._ready.wait(deadline - monotonic()):
            return False
        # That the engine has died may show only when it is spoken to.
        for _ in range(2):
            try:
                connection = self._connection
                if connection is None or not connection.alive:
                    connection = self._reconnect()
                # It takes everything in before it answers.
                pending = connection.send("run.get", {"id": self._run.id})
                self._silent = not pending.wait(deadline - monotonic())
                if not self._silent:
                    pending.result()
                return not self._silent
            except (DatmoError, OSError, RuntimeError):
                continue
        return False

    def finish(self, end: dict[str, Any], seconds: float) -> None:
        """Tells the engine the rest and the end, waiting at most so long."""
        self._end = end
        try:
            self._wake.set()
            done = self._over.wait(_SILENT_WAIT_SECONDS if self._silent else seconds)
        except KeyboardInterrupt:
            done = False
        if not done:
            note(f"the engine does not answer; run {self._run.id[:8]} is safe in its folder and is taken in later.")
        if self._connection is not None:
            self._connection.release()

    def _work(self) -> None:
        try:
            self._attempt(self._open)
            self._ready.set()
            while not self._wake.wait(_PERIOD_SECONDS):
                self._run.tend()
                self._attempt(self._tell_news)
            self._attempt(self._tell_the_end)
        finally:
            self._ready.set()
            self._over.set()

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (DatmoError, OSError, RuntimeError) as error:
            # RuntimeError: since Python 3.12 a script that is ending starts no threads.
            text = str(error).replace("\n", " ")
            note_once(f"engine {self._run.id}", f"{text} Recording goes on; the next engine takes the run in.")

    def _open(self) -> None:
        from ._connection import Connection

        connection = Connection(self._process, _print_log)
        # In one go with the handshake: the engine reads both as soon as it is up.
        greeting = start_greeting(connection, self._project, log_messages=True)
        created = connection.send("run.create", self._create)
        finish_greeting(connection, greeting)
        self._connection = connection
        self.name = created.result()["run"]["name"]

    def _reconnect(self) -> Connection:
        connection = connect(self._project, outlives=True, notified=_print_log)
        # The run may be known from the engine that has died: nothing of it may be made anew.
        self.name = connection.request("run.create", {**self._create, "resume": True})["run"]["name"]
        self._connection = connection
        return connection

    def _tell_news(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.gone is not None:
            raise connection.gone
        self._take_answers()
        for writer in self._run.writers():
            to = writer.settled()
            if to > writer.told and writer.name not in self._told:
                stretch = {"file": writer.name, "from": writer.told, "to": to}
                pending = connection.send("metric.log", {"runId": self._run.id, "spool": stretch})
                self._told[writer.name] = (writer, pending, monotonic())
                writer.told = to

    def _take_answers(self) -> None:
        for name, (writer, pending, since) in list(self._told.items()):
            if not pending.done:
                self._heed_silence(monotonic() - since)
                continue
            del self._told[name]
            self._silent = False
            durable = pending.result().get("durableTo", 0)
            if writer.closed and durable >= writer.settled() and self._end is None:
                self._run.forget(writer)

    def _heed_silence(self, seconds: float) -> None:
        if seconds > _SILENCE_SECONDS:
            self._silent = True
            note_once(f"silent {self._run.id}", "the engine does not answer; recording goes on without it.")

    def _tell_the_end(self) -> None:
        connection = self._connection
        if connection is None:
            # It could not be spoken to in the first place.
            return
        if not connection.alive:
            connection = self._reconnect()
        # What was not told yet the engine reads in the run's folder, as it does when this process was killed.
        connection.request("run.finish", {"id": self._run.id, **(self._end or {})})


def _print_log(method: str, params: dict[str, Any]) -> None:
    """The engine's warnings, where its stderr leads nowhere."""
    if method == "$/logMessage" and params.get("level") in ("error", "warn") and _unheard():
        note(str(params.get("message")))


def _unheard() -> bool:
    from ._spawn import message_descriptor

    return message_descriptor(outlives=True) is None
