"""What scripts written for W&B call on a run. Each does its job here, or says once that it does nothing."""

from __future__ import annotations

import glob
import os

from ._notice import note, note_once
from ._recorder import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Optional

    from ._artifact import Artifact, UsedArtifact
    from ._config import Summary
    from ._definitions import Definitions
    from ._run import Run


class Familiar(Recorder):
    """The part of a run that W&B's users know; the rest is in ``Run``."""

    id: str
    directory: str
    summary: Summary
    url: Optional[str] = None
    entity: Optional[str] = None
    sweep_id: Optional[str] = None
    offline = True
    disabled = False
    _definitions: Optional[Definitions] = None

    def __init__(self, run_id: str, spool_directory: str) -> None:
        super().__init__(run_id, spool_directory)
        # Pattern → what matched, as it was, and the folder that names are relative to.
        self._saved: dict[str, tuple[str, Optional[str]]] = {}

    def log_file(self, path: str | os.PathLike[str], name: Optional[str] = None) -> None:
        """Keeps a file or folder with the run."""
        raise NotImplementedError

    @property
    def dir(self) -> str:
        """The run's own folder; what is written into it is kept with the run."""
        return self.directory

    @property
    def path(self) -> str:
        """The run's id: enough to find it again."""
        return self.id

    def get_url(self) -> Optional[str]:
        """None: there is no page on a server."""
        return self.url

    def define_metric(
        self,
        name: str,
        step_metric: Optional[str] = None,
        step_sync: Optional[bool] = None,
        hidden: Optional[bool] = None,
        summary: Optional[str] = None,
        goal: Optional[str] = None,
        overwrite: Optional[bool] = None,
    ) -> None:
        """Says how a metric, or all that match ``name`` (``val/*``), are meant, from the next ``log`` on.

        ``step_metric``: its last value, where it is a whole number, is the step of the metric's points. ``summary``:
        ``min``, ``max``, ``mean``, ``first`` or, with ``goal`` ``minimize`` or ``maximize``, ``best``, several joined
        by commas: kept in the run's summary as ``loss.min`` at its end. Raises ValueError for another ``summary``.
        """
        from ._definitions import Definitions

        if self._definitions is None:
            self._definitions = Definitions()
            # Only runs with definitions pay for them.
            self.log = self._log_defined  # type: ignore[method-assign]
        self._definitions.define(name, step_metric, summary, goal)

    def save(
        self, glob_str: Any = None, base_path: Optional[str | os.PathLike[str]] = None, policy: str = "live"
    ) -> list[str]:
        """Keeps the files that match, now and, unless ``policy`` is ``now``, once more at the end if they changed.

        Names are relative to ``base_path``, or to the current folder where they lie in it. Answers the paths. Without
        a pattern: nothing to do, a run is always saved.
        """
        if glob_str is None:
            return []
        pattern = os.path.abspath(os.fspath(glob_str))
        base = None if base_path is None else os.path.abspath(os.fspath(base_path))
        found = self._save(pattern, base)
        if policy != "now":
            self._saved[pattern] = (_state(found), base)
        elif not found:
            note_once(f"save {pattern}", f"no file matches {os.fspath(glob_str)!r}.")
        return found

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: Optional[str] = None,
        type: Optional[str] = None,
        aliases: Optional[Iterable[str]] = None,
        **_others: Any,
    ) -> Artifact:
        """Keeps an artifact, or a file or folder as one, under ``artifacts/<name>/``. Raises DatmoError, ValueError."""
        from ._artifact import log_artifact

        return log_artifact(self._self(), artifact_or_path, name, type, aliases)

    def use_artifact(self, artifact_or_name: str, **_others: Any) -> UsedArtifact:
        """An artifact that another run of the project logged: ``name``, ``name:latest`` or ``name:alias``.

        Raises DatmoError of kind FILE_NOT_FOUND.
        """
        from ._artifact import find_artifact

        return find_artifact(artifact_or_name)

    def watch(self, models: Any = None, *_others: Any, **_more: Any) -> None:
        """Does nothing: gradients and weights are not recorded; log what you need of them."""
        note_once("watch", "watch does nothing: gradients are not recorded; log what you need of them.")

    def unwatch(self, models: Any = None) -> None:
        """Does nothing."""

    def alert(self, title: str, text: str = "", level: Any = None, wait_duration: Any = None) -> None:
        """Prints it on stderr, and so into the run's output."""
        note(f"alert: {title}{f': {text}' if text else ''}")

    def log_code(self, *_others: Any, **_more: Any) -> None:
        """Does nothing: the code is in the run's snapshots."""

    def mark_preempting(self) -> None:
        """Does nothing: a run whose process is gone is found out by itself."""

    def _self(self) -> Run:
        return self  # type: ignore[return-value]

    def _log_defined(
        self, data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None, sync: Any = None
    ) -> None:
        if self._definitions is None:
            return
        try:
            place = self.step if step is None else int(step)
            self._definitions.log(data, place, lambda part, at: type(self).log(self, part, at))
            # The run's own steps go on from here, whatever the axes say.
            self._go_on_at(place + (commit is not False))
        except Exception as error:
            note_once(f"log {type(error).__name__}", f"could not log {data!r:.100}: {error}")

    def _save(self, pattern: str, base: Optional[str]) -> list[str]:
        found = sorted(path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path))
        for path in found:
            self.log_file(path, _name_of(path, base))
        return found

    def _save_again(self) -> None:
        """At the end: what matches now, when it is not as it was."""
        for pattern, (state, base) in self._saved.items():
            found = [path for path in glob.glob(pattern, recursive=True) if os.path.isfile(path)]
            if not found:
                note_once(f"save {pattern}", f"no file matches {pattern!r}.")
            elif _state(found) != state:
                self._save(pattern, base)

    def _summarise(self) -> None:
        found = self._definitions.summary() if self._definitions is not None else {}
        if found:
            self.summary.update(found)


def _name_of(path: str, base: Optional[str]) -> str:
    for folder in (base, os.getcwd()):
        if folder is not None and path.startswith(folder.rstrip(os.sep) + os.sep):
            return os.path.relpath(path, folder).replace(os.sep, "/")
    return os.path.basename(path)


def _state(paths: list[str]) -> str:
    """Which files there are, with time and size."""
    facts = []
    for path in sorted(paths):
        try:
            found = os.stat(path)
        except OSError:
            continue
        facts.append(f"{path} {found.st_mtime_ns} {found.st_size}")
    return "\n".join(facts)
