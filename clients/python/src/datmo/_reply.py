"""Asking the engine outside from within a run: a line in the journal, an answer in a file beside it."""

from __future__ import annotations

import json
import os
from time import monotonic, sleep

from ._ids import random_id
from ._journal import Journal
from ._owner import is_gone
from .errors import error_from_wire, make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


# How often a process that waits looks after the one that should answer.
_LOOK_SECONDS = 1.0


def ask(journal: Journal, directory: str, method: str, params: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The result of the request.

    Raises DatmoError, of kind TIMEOUT when nobody answers in time and ENGINE_GONE when nobody is there to answer.
    """
    request_id = random_id()
    journal.append("request", id=request_id, method=method, params=params)
    answers = _Answers(os.path.join(directory, "reply", f"{journal.writer}.jsonl"))
    now = monotonic()
    deadline, next_look = now + seconds, now + _LOOK_SECONDS
    pause = 0.005
    gone = False
    while now < deadline:
        for answer in answers.new():
            if answer.get("id") == request_id:
                return _result(answer)
        if gone:
            raise make_error(
                "ENGINE_GONE",
                {"reason": "the one that executed this run is gone"},
                hint="The run goes on, and what it logs is kept; snapshots within it cannot be taken any more.",
            )
        if now >= next_look:
            # Once more for an answer that it gave on its way out.
            gone = _owner_is_gone(directory)
            next_look = now + _LOOK_SECONDS
        sleep(pause)
        pause = min(pause * 1.5, 0.1)
        now = monotonic()
    raise make_error(
        "TIMEOUT", {"seconds": seconds}, hint="The engine that executes this run does not answer; is it stopped?"
    )


def _owner_is_gone(directory: str) -> bool:
    """Whether the process that owns the run is gone; False when that cannot be told, as in a container."""
    folder, run_id = os.path.split(os.path.abspath(directory))
    path = os.path.join(os.path.dirname(folder), "open", f"{run_id}.json")
    try:
        with open(path, encoding="utf-8") as file:
            process = json.load(file)["owner"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(process, dict) and is_gone(process)


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    error = answer.get("error")
    if error is None:
        return dict(answer["result"])
    data = {"kind": error.get("kind"), "details": error.get("details"), "hint": error.get("hint")}
    raise error_from_wire({"code": error["code"], "message": error["message"], "data": data})


class _Answers:
    def __init__(self, path: str) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Whole lines that were not seen before."""
        try:
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue
