"""The side of a plugin: what a program of ``"runtime": "process"`` answers the engine that started it."""

from __future__ import annotations

import os
import sys
import threading

from ._framing import FrameReader, encode_frame
from .errors import DatmoError, error_from_wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, BinaryIO, Callable, Optional, TypedDict

    Handler = Callable[[Any, "Engine"], Any]

    class Definition(TypedDict, total=False):
        """What a plugin does, by the names in its manifest; each function takes what it is about, and the engine."""

        #: By name: takes the params, answers what becomes JSON.
        commands: Mapping[str, Handler]
        #: By event (``run.finished``): takes a list of events, oldest first.
        hooks: Mapping[str, Handler]
        #: For every other kind, by the engine's call (``protocol/SPEC.md``): takes its params, answers its result.
        calls: Mapping[str, Handler]
        #: What ``calls`` provide, as ``KIND NAME``.
        provides: list[str]


class Engine:
    """The engine, as one call of the plugin sees it."""

    def __init__(self, conversation: _Conversation) -> None:
        self._conversation = conversation
        self._cancelled = threading.Event()

    @property
    def project_directory(self) -> str:
        """Root of the project; also the working directory."""
        return str(self._conversation.facts.get("projectDirectory", ""))

    @property
    def granted(self) -> Mapping[str, Any]:
        """What was both asked for and granted."""
        granted: Mapping[str, Any] = self._conversation.facts.get("granted", {})
        return granted

    @property
    def cancelled(self) -> bool:
        """Nobody waits for the answer any more."""
        return self._cancelled.is_set()

    def request(self, method: str, params: Optional[Mapping[str, Any]] = None) -> Any:
        """Calls the engine and waits. Raises DatmoError; its kind is PLUGIN_PERMISSION_DENIED for what no plugin may."""
        return self._conversation.request(method, {} if params is None else params)


def serve(definition: Definition) -> None:
    """Answers the engine until it closes the input. What is printed meanwhile goes to standard error.

    ``definition``: ``{"commands": {"best": best}, "hooks": {"run.finished": tell}}``. Calls that are open at once run
    in threads of their own. What a function raises is the plugin's error; its kind is the name of its class.
    """
    # Standard output is the protocol's, also for programs that are started from here.
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    _Conversation(definition, FrameReader(lambda size: os.read(0, size)), output).run()


class _Conversation:
    def __init__(self, definition: Definition, reader: FrameReader, output: BinaryIO) -> None:
        self.facts: Mapping[str, Any] = {}
        self._definition = definition
        self._reader = reader
        self._output = output
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._last = 0
        self._waiting: dict[int, tuple[threading.Event, list[Any]]] = {}
        self._open: dict[Any, Engine] = {}

    def run(self) -> None:
        while True:
            message = self._reader.next()
            if message is None:
                # A call that goes on has nobody left to answer to.
                sys.stderr.flush()
                os._exit(0)
            self._take(message)

    def request(self, method: str, params: Mapping[str, Any]) -> Any:
        arrived = threading.Event()
        answer: list[Any] = []
        with self._lock:
            self._last += 1
            number = self._last
            self._waiting[number] = (arrived, answer)
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params)})
        arrived.wait()
        message = answer[0]
        if "error" in message:
            raise error_from_wire(message["error"])
        return message.get("result")

    def _take(self, message: Mapping[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            waiting = self._waiting.pop(message["id"], None)
            if waiting is not None:
                waiting[1].append(message)
                waiting[0].set()
        elif method == "$/cancelRequest":
            engine = self._open.get(message["params"]["id"])
            if engine is not None:
                engine._cancelled.set()
        elif "id" in message:
            engine = self._open[message["id"]] = Engine(self)
            answer = threading.Thread(target=self._answer, args=(message, engine), daemon=True)
            answer.start()

    def _answer(self, message: Mapping[str, Any], engine: Engine) -> None:
        number = message["id"]
        try:
            result = self._result(message["method"], message.get("params", {}), engine)
            self._write({"jsonrpc": "2.0", "id": number, "result": result})
        except BaseException as error:
            kind = error.kind if isinstance(error, DatmoError) else type(error).__name__
            text = error.args[0] if isinstance(error, DatmoError) else str(error)
            failure = {"code": 1, "message": str(text)[:4000], "data": {"kind": kind}}
            self._write({"jsonrpc": "2.0", "id": number, "error": failure})
        finally:
            self._open.pop(number, None)

    def _result(self, method: str, params: Mapping[str, Any], engine: Engine) -> Any:
        given = self._definition
        commands, hooks, calls = given.get("commands", {}), given.get("hooks", {}), given.get("calls", {})
        if method == "initialize":
            self.facts = params
            named = [f"command {name}" for name in commands] + [f"hook {event}" for event in hooks]
            return {"provides": [*named, *given.get("provides", [])]}
        if method == "command.call":
            return {"result": commands[params["name"]](params.get("params", {}), engine)}
        if method == "hook.deliver":
            hooks[params["event"]](params["events"], engine)
            return {}
        if method not in calls:
            raise LookupError(f"this plugin has no answer to {method}")
        return calls[method](params, engine)

    def _write(self, message: Mapping[str, Any]) -> None:
        frame = memoryview(encode_frame(message))
        with self._writing:
            while frame:
                frame = frame[self._output.write(frame) :]
