"""A run as the script that it records sees it."""

from __future__ import annotations

import os
from itertools import count
from time import time

from ._clock import rfc3339
from ._config import Config, Summary, without_overrides
from ._exits import ExitWatch, end_of_code, end_of_exception
from ._familiar import Familiar
from ._fork import watch
from ._journal import Journal, fits
from ._notice import note
from ._values import to_json
from .errors import make_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Callable, Optional

    from ._capture import Capture
    from ._exits import End
    from ._history import History
    from ._sender import Sender
    from .snapshot import Snapshot

_FINISH_SECONDS = 10.0


class Run(Familiar):
    """The run of this script, from ``datmo.init()``.

    ``config`` and ``summary`` are dictionaries whose changes are recorded; ``log`` records points. All of it is in
    the run's folder when the call returns, whatever becomes of this process or of the engine. The run ends with
    ``finish``, with a ``with`` block, or with the script.
    """

    def __init__(self, run_id: str, project: str, directory: str, spool_directory: str) -> None:
        """Joins a run whose folder is there; used by ``datmo.init``."""
        super().__init__(run_id, spool_directory)
        self.id = run_id
        self.project = project
        self.directory = directory
        self.config = Config({}, self._write_config)
        self.summary = Summary(self._write_summary, self._last_logged)
        self._journal = Journal(directory)
        self._sender: Optional[Sender] = None
        self._capture: Optional[Capture] = None
        self._exits: Optional[ExitWatch] = None
        self._owner = False
        self._is_heard = True
        self._began = time()
        self._facts: dict[str, Any] = {}
        self.resumed = False
        self._ended: list[Callable[[Run], None]] = []
        watch(self)

    @property
    def name(self) -> Optional[str]:
        """Readable name; None as long as it is not known here. Setting it renames the run."""
        return self._facts.get("name") or (self._sender.name if self._sender is not None else None)

    @name.setter
    def name(self, name: str) -> None:
        self.update(name=name)

    @property
    def notes(self) -> Optional[str]:
        """The run's note, as far as it was set here. Setting it replaces it."""
        return self._facts.get("note")

    @notes.setter
    def notes(self, text: str) -> None:
        self.update(notes=text)

    @property
    def group(self) -> Optional[str]:
        """The run's group, as far as it was set here."""
        return self._facts.get("group")

    @property
    def tags(self) -> tuple[str, ...]:
        """The run's tags, as far as they were set here. Setting them adds and removes what differs."""
        return tuple(self._facts.get("tags", ()))

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        wanted = [tags] if isinstance(tags, str) else [str(tag) for tag in tags]
        self.untag(*(tag for tag in self.tags if tag not in wanted))
        self.tag(*(tag for tag in wanted if tag not in self.tags))

    @property
    def start_time(self) -> float:
        """When the run began in this process, seconds since the epoch."""
        return self._began

    @property
    def active(self) -> bool:
        """The run has not been finished in this process."""
        return self._recording

    def log_file(self, path: str | os.PathLike[str], name: Optional[str] = None) -> None:
        """Keeps a file or folder with the run, as it is when the engine comes to it (soon, at the latest at the end).

        ``name``: absent, its own name. Raises DatmoError of kind FILE_NOT_FOUND.
        """
        full = os.path.abspath(os.fspath(path))
        if not os.path.exists(full):
            raise make_error("FILE_NOT_FOUND", {"path": os.fspath(path)})
        self._journal.append("file", path=full, **({} if name is None else {"name": name}))

    def tag(self, *tags: str) -> None:
        """Adds tags."""
        if tags:
            added = [str(tag) for tag in tags]
            self._facts["tags"] = list(dict.fromkeys([*self.tags, *added]))
            self._journal.append("tag", add=added)

    def untag(self, *tags: str) -> None:
        """Removes tags."""
        if tags:
            removed = [str(tag) for tag in tags]
            self._facts["tags"] = [tag for tag in self.tags if tag not in removed]
            self._journal.append("tag", remove=removed)

    def note(self, text: str) -> None:
        """Sets the run's note."""
        self.update(notes=text)

    def update(self, name: Optional[str] = None, group: Optional[str] = None, notes: Optional[str] = None) -> None:
        """Changes what is given."""
        changes = {"name": name, "group": group, "note": notes}
        given = {key: str(value) for key, value in changes.items() if value is not None}
        if given:
            self._facts.update(given)
            self._journal.append("update", **given)

    def snapshot(self, message: str, label: Optional[str] = None, timeout: float = 300.0) -> Snapshot:
        """Takes a snapshot of the project as it is now and waits for it, inside ``datmo run`` at most ``timeout`` s.

        Raises DatmoError (TIMEOUT, ENGINE_NOT_FOUND, …).
        """
        return self._ask_snapshot({"message": message, **({} if label is None else {"label": label})}, timeout)

    def _ask_snapshot(self, params: dict[str, Any], timeout: float) -> Snapshot:
        from .snapshot import Snapshot

        if self._sender is not None:
            answer = self._sender.request("snapshot.create", {**params, "runId": self.id})
        elif self._owner:
            raise make_error("ENGINE_NOT_FOUND", {"reason": "there was none when this run began"})
        else:
            from ._reply import ask

            answer = ask(self._journal, self.directory, "snapshot.create", params, timeout)
        return Snapshot(answer["snapshot"])

    def history(self, name: Optional[str] = None, buckets: Optional[int] = None) -> History:
        """What was logged so far, of one metric or of all; ``buckets`` as for runs of ``datmo.runs()``.

        Raises DatmoError; of kind ENGINE_NOT_FOUND where there is no engine, as in most containers.
        """
        from ._default import default_engine
        from ._history import read_history

        if self._sender is None:
            return read_history(default_engine().request, self.id, name, buckets)
        self.tend()
        return read_history(self._sender.request, self.id, name, buckets)

    def finish(self, exit_code: Optional[int] = 0, quiet: Any = None) -> None:
        """Ends the run: ``failed`` with an exit code other than 0. Waits up to 10 s for the engine; again: nothing."""
        self._finish(end_of_code(exit_code or 0), _FINISH_SECONDS)

    end = join = finish

    def __enter__(self) -> Run:
        return self

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        self._finish(end_of_code(0) if error is None else end_of_exception(error), _FINISH_SECONDS)

    def __repr__(self) -> str:
        return f"<datmo run {self.name or ''} {self.id[:8]}{'' if self.active else ', ended'}>".replace("  ", " ")

    def _repr_html_(self) -> str:
        from ._html import run_page

        return run_page(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker process that is handed the run joins it, with files of its own.
        return (_rejoin, (self.id, self.project, self.directory, self._spool_directory))

    def forked(self) -> None:
        """In a forked child: the run goes on into files of its own; the end is the parent's."""
        self._start_again_in_child()
        self._journal.abandon()
        self._journal = Journal(self.directory)
        self._sender = None
        self._owner = False
        self._saved = {}
        if self._definitions is not None:
            self._definitions.only_axes()

    def _last_logged(self, name: str) -> Optional[float]:
        from ._last_value import last_value

        return last_value(self.writers(), name)

    def _log_other(self, name: str, value: Any, step: int) -> None:
        if not isinstance(value, str):
            from ._keep import keep_media

            if keep_media(self.directory, name, value, step):
                return
        self._log_text(name, value)

    def _write_config(self, changes: Mapping[str, Any]) -> None:
        self._journal.append_object("config", "config", changes)

    def _write_summary(self, values: Mapping[str, Any]) -> None:
        self._journal.append_object("summary", "summary", {key: to_json(value, key) for key, value in values.items()})

    def take_facts(self, chosen: Mapping[str, Any], given: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """What ``init`` was given, when the run had begun before: ``chosen`` values win over ``given`` ones."""
        self.config.adopt(chosen)
        added = without_overrides(given, self.config.as_dict())
        if added:
            self.config.update(added)
        self.tag(*facts.get("tags", ()))
        self.update(facts.get("name"), facts.get("group"), facts.get("note"))

    def leave_at_exit(self) -> None:
        """This process only takes part: at its end it lets go of its files, and the run goes on."""
        import atexit

        atexit.register(self._finish, {}, 0.0)

    def begin(self, create: Mapping[str, Any], config: Mapping[str, Any], first_step: int) -> None:
        """The first line of a run that this process begins; ``create``: params of ``run.create``."""
        self._facts = {key: create[key] for key in ("name", "tags", "group", "note") if key in create}
        self.resumed = bool(create.get("resume"))
        self.config.adopt(config)
        self._steps = count(first_step)
        if fits("begin", {"run": create}):
            self._journal.append("begin", run=create)
        else:
            self._journal.append("begin", run={**create, "config": {}})
            self._write_config(create["config"])

    def own(self, sender: Optional[Sender], capture: bool) -> None:
        """From now on the run ends with this process; ``sender``: absent, no engine was found."""
        self._owner = True
        self._sender = sender
        if sender is not None:
            sender.start()
        if capture:
            from ._capture import Capture

            self._capture = Capture(os.path.join(self.directory, "output.log"))
        self._exits = ExitWatch(self._finish, _FINISH_SECONDS)
        self._exits.install()

    def tend(self) -> None:
        """Tries again what could not be written."""
        self._journal.flush()
        for writer in self.writers():
            writer.flush()

    def _when_ended(self, call: Callable[[Run], None]) -> None:
        self._ended.append(call)

    def _finish(self, end: End, seconds: float) -> None:
        if not self._recording:
            return
        try:
            self._save_again()
            self._summarise()
        except Exception as error:
            note(f"at the end of the run: {error}")
        self._stop_recording()
        if self._owner:
            self._journal.append("end", **end)
        self._journal.close()
        if self._sender is not None:
            self._sender.finish({**end, "endedAt": rfc3339()}, seconds)
        if self._capture is not None and self._owner:
            self._capture.stop()
        if self._exits is not None and self._owner:
            self._exits.remove()
        for call in self._ended:
            call(self)


def _rejoin(run_id: str, project: str, directory: str, spool_directory: str) -> Run:
    from ._current import current, make_current

    run = current()
    if run is not None and run.id == run_id:
        return run
    run = Run(run_id, project, directory, spool_directory)
    run.leave_at_exit()
    if current() is None:
        make_current(run)
    return run
