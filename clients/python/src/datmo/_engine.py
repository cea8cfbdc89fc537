"""Engines: found, started, greeted, and started again when they have died."""

from __future__ import annotations

import os

from ._find import engine_is_here
from ._fork import watch
from ._launch import start
from ._notice import disabled
from ._visible import show_current_run
from .errors import DatmoError, make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Callable, Optional

    from ._connection import Connection, Notified, Pending
    from ._protocol import Methods

PROTOCOL_VERSION = 1
_STOP_SECONDS = 5.0


class Engine:
    """A datmo engine of one's own: everything the protocol has.

    ``project``: folder to look for the project from, upwards; absent: the current folder. The engine is started
    with the first request, ended by ``close`` (or leaving a ``with`` block, or at exit), and started anew with the
    next request when it has died or this is a forked child. Raises DatmoError; its ``kind`` says what happened.
    """

    def __init__(self, project: Optional[str | os.PathLike[str]] = None) -> None:
        self.project = os.path.abspath(os.fspath(project) if project is not None else os.getcwd())
        self._connection: Optional[Connection] = None
        self._listeners: list[Callable[[str, dict[str, Any]], None]] = []
        self.forked()
        watch(self)

    def forked(self) -> None:
        """A thread that the child does not have may hold the lock."""
        from threading import Lock

        self._starting = Lock()

    def request(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Sends one request and waits for its result. With ``DATMO_MODE=disabled``: None."""
        if disabled():
            return None
        show_current_run(self.project, method)
        return self._connected().request(method, {} if params is None else params)

    @property
    def methods(self) -> Methods:
        """Every method with the types of its params and result: ``engine.methods.run_list({"limit": 3})``."""
        from ._protocol import Methods

        return Methods(self.request)

    def on_notification(self, listener: Callable[[str, dict[str, Any]], None]) -> None:
        """Calls ``listener(method, params)`` for each notification, on a thread of datmo's; it must not block."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Ends the engine; waits up to 5 s for what it is doing. Executed runs go on."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close(_STOP_SECONDS)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Engine(project={self.project!r})"

    def _connected(self) -> Connection:
        connection = self._connection
        if connection is not None and connection.alive:
            return connection
        # Of several threads that ask at once, one starts the engine: a run that one engine began another cannot end.
        with self._starting:
            if self._connection is None or not self._connection.alive:
                self._connection = connect(self.project, outlives=False, notified=self._notify)
                _close_at_exit(self)
            return self._connection

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        for listener in self._listeners:
            listener(method, params)


def connect(project: str, *, outlives: bool, notified: Optional[Notified] = None) -> Connection:
    """Starts an engine and shakes hands. Raises DatmoError (ENGINE_NOT_FOUND, ENGINE_GONE, …)."""
    from ._connection import Connection

    connection = Connection(start(outlives), notified)
    finish_greeting(connection, start_greeting(connection, project, log_messages=outlives))
    return connection


def start_greeting(connection: Connection, project: str, *, log_messages: bool = False) -> Pending:
    """Sends the handshake; requests may follow at once. The answer is for `finish_greeting`."""
    params: dict[str, Any] = {
        "protocolVersion": PROTOCOL_VERSION,
        "client": {"name": "datmo-python", "version": _version(), "language": "python"},
        "projectDir": project,
        "capabilities": {"logMessages": log_messages},
    }
    if engine_is_here():
        params["processId"] = os.getpid()
    greeting = connection.send("initialize", params)
    connection.notify("initialized", {})
    return greeting


def finish_greeting(connection: Connection, greeting: Pending) -> None:
    """Waits for the engine's answer. Raises DatmoError; an engine that did not even answer is explained by its Node's version."""
    try:
        greeting.result()
    except DatmoError as error:
        if error.kind == "ENGINE_GONE":
            raise _explained(error) from None
        connection.release()
        raise


def _explained(error: DatmoError) -> DatmoError:
    from ._find import EngineMissing, engine_command, node_problem

    try:
        command: Sequence[str] = engine_command()
    except EngineMissing as missing:
        return make_error("ENGINE_NOT_FOUND", {"reason": str(missing)})
    problem = node_problem(command[0]) if "node" in os.path.basename(command[0]) else ""
    return make_error("ENGINE_NOT_FOUND", {"reason": problem}) if problem else error


def _version() -> str:
    from . import __version__

    return __version__


def _close_at_exit(engine: Engine) -> None:
    import atexit

    atexit.unregister(engine.close)
    atexit.register(engine.close)
