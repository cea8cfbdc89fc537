"""Asking the engine outside from within a run: a line in the journal, an answer in a file beside it."""

from __future__ import annotations

import json
import os
from time import monotonic, sleep

from ._ids import random_id
from ._journal import Journal
from .errors import error_from_wire, make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def ask(journal: Journal, directory: str, method: str, params: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The result of the request; raises DatmoError, of kind TIMEOUT when nobody answers in time."""
    request_id = random_id()
    journal.append("request", id=request_id, method=method, params=params)
    answers = _Answers(os.path.join(directory, "reply", f"{journal.writer}.jsonl"))
    deadline = monotonic() + seconds
    pause = 0.005
    while monotonic() < deadline:
        for answer in answers.new():
            if answer.get("id") == request_id:
                return _result(answer)
        sleep(pause)
        pause = min(pause * 1.5, 0.1)
    raise make_error(
        "TIMEOUT", {"seconds": seconds}, hint="The engine that executes this run does not answer; is it stopped?"
    )


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
