"""Beginning a recorded run: everything is on disk before an engine hears of it.

What is imported at the top is little; the engine's process is started before the rest is loaded.
"""

from __future__ import annotations

import os
import sys

from ._launch import start
from ._notice import note_once, strict
from ._project import create_project, find_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from ._resume import Past
    from ._run import Run
    from ._spawn import EngineProcess


class Wish:
    """What ``init`` was asked for: ``config``, and ``facts`` such as name and tags, as JSON."""

    def __init__(self, config: dict[str, Any], facts: dict[str, Any], snapshots: bool, capture: bool) -> None:
        self.config = config
        self.facts = facts
        self.snapshots = snapshots
        self.capture = capture


class Start:
    """The beginning of one run: the project, the id, and the engine's process, which is booting already."""

    def __init__(
        self, directory: str, resume: Optional[str], given_id: Optional[str], word: Optional[str] = None
    ) -> None:
        """``word``: ``allow``, ``must`` or ``never``: what to do when there is a run ``given_id``.

        Raises OSError and DatmoError.
        """
        from ._ids import random_id

        self.project = find_project(directory) or create_project(directory)
        if given_id:
            from ._init_words import derived_id

            given_id = derived_id(self.project, given_id)
            resume = resume or self._to_resume(given_id, word)
        self.past: Optional[Past] = None
        self.shared = False
        self.id = given_id or ""
        if resume:
            from ._resume import look_up

            self.past = look_up(self.project, resume)
            self.id = self.past.id
        elif given_id or _may_share():
            from ._ranks import shared_run_id

            self.id = self.id or shared_run_id(self.project) or ""
            self.shared = bool(self.id)
        self.id = self.id or random_id()
        self.attaches = self.shared and _lives_elsewhere(self.project, self.id)
        self._process = None if self.attaches else _start_engine()

    def begin(self, wish: Wish) -> Run:
        """Begins the run, or joins the one of the other ranks. Raises OSError."""
        if self.attaches:
            return self._attach(wish)
        try:
            return self._own(wish)
        except BaseException as error:
            self.cancel()
            if isinstance(error, FileExistsError) and self.shared:
                # Another rank was faster.
                return self._attach(wish)
            raise

    def _to_resume(self, run_id: str, word: Optional[str]) -> Optional[str]:
        from ._project import task_directory

        is_there = os.path.isdir(task_directory(self.project, run_id))
        if word == "never" and is_there:
            from .errors import make_error

            summary = f"Run {run_id[:8]} is there already, and resume='never' forbids to go on with it."
            raise make_error("INVALID_PARAMS", {"summary": summary, "problems": []})
        is_over = is_there and not _lives_elsewhere(self.project, run_id)
        return run_id if word == "must" or (word is not None and is_over) else None

    def cancel(self) -> None:
        """Lets the engine go."""
        if self._process is not None:
            self._process.close()

    def _own(self, wish: Wish) -> Run:
        from ._project import announce, choose_spool, make_task_directory, task_directory
        from ._run import Run

        resumes = self.past is not None or os.path.isdir(task_directory(self.project, self.id))
        folder = make_task_directory(self.project, self.id)
        spool = choose_spool(folder, self.id)
        elsewhere = None if spool == os.path.join(folder, "spool") else spool
        try:
            announce(self.project, self.id, elsewhere, replace=not self.shared)
        except FileExistsError:
            # The folder tells nothing: the rank that made it may not have announced itself yet. A live owner does.
            if _lives_elsewhere(self.project, self.id):
                raise
            announce(self.project, self.id, elsewhere, replace=True)
        run = Run(self.id, self.project, folder, spool)
        create = _create_params(self.id, wish, resumes)
        first_step = self.past.next_step if self.past else 0
        run.begin(create, _first_config(self.project, wish, self.past), first_step)
        sender = None
        if self._process is not None:
            from ._sender import Sender

            sender = Sender(self.project, self._process, run, create)
        run.own(sender, wish.capture)
        return run

    def _attach(self, wish: Wish) -> Run:
        from ._project import make_task_directory
        from ._run import Run

        folder = make_task_directory(self.project, self.id)
        run = Run(self.id, self.project, folder, os.path.join(folder, "spool"))
        run.leave_at_exit()
        run.take_facts({}, wish.config, wish.facts)
        return run


def _may_share() -> bool:
    return any(name in os.environ for name in ("DATMO_RUN_ID", "SLURM_PROCID", "TORCHELASTIC_RUN_ID"))


def _lives_elsewhere(project: str, run_id: str) -> bool:
    from ._project import owner_lives

    return owner_lives(project, run_id)


def _start_engine() -> Optional[EngineProcess]:
    try:
        return start(outlives=True)
    except Exception as error:
        if strict() or getattr(error, "kind", "") != "ENGINE_NOT_FOUND":
            raise
        text = str(error).replace("\n", " ")
        note_once("no engine", f"{text} Recording goes on in the project's folder; the next engine takes the run in.")
        return None


def _create_params(run_id: str, wish: Wish, resumes: bool) -> dict[str, Any]:
    from ._clock import rfc3339

    params: dict[str, Any] = {
        "id": run_id,
        "directory": os.getcwd(),
        "pythonExecutable": sys.executable,
        "snapshots": wish.snapshots,
        "startedAt": rfc3339(),
        "processId": os.getpid(),
        **wish.facts,
    }
    if _in_notebook():
        params["type"] = "notebook"
    else:
        params["command"] = list(getattr(sys, "orig_argv", None) or [sys.executable, *sys.argv])
    if wish.config:
        params["config"] = wish.config
    if resumes:
        params["resume"] = True
    return params


def _in_notebook() -> bool:
    # Asking IPython would import it.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _first_config(project: str, wish: Wish, past: Optional[Past]) -> dict[str, Any]:
    if past is not None:
        return {**past.config, **wish.config}
    # `config.json` at the root stands in when no config is given; the engine reads the same file.
    return wish.config or read_config(os.path.join(project, "config.json"))


def read_config(path: str) -> dict[str, Any]:
    """A JSON object in a file; empty when there is none."""
    import json

    from ._values import to_object

    try:
        with open(path, encoding="utf-8") as file:
            return to_object(json.load(file))
    except (OSError, ValueError, TypeError):
        return {}
