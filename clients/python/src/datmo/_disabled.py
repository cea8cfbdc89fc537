"""A run that records nothing: ``DATMO_MODE=disabled``, or nowhere to write."""

from __future__ import annotations

import os

from ._config import Config, Summary
from ._run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

    from ._history import History


class _NoJournal:
    writer = ""

    def append(self, kind: str, **fields: Any) -> bool:
        return True

    def append_object(self, kind: str, field: str, values: Mapping[str, Any]) -> None:
        return

    def flush(self) -> bool:
        return True

    def close(self) -> None:
        return

    def abandon(self) -> None:
        return


class DisabledRun(Run):
    """Takes every call of a run and does nothing; ``config`` and ``summary`` hold what is put in."""

    def __init__(self, values: dict[str, Any]) -> None:
        """``values``: the config."""
        self._run_id = self.id = ""
        self.project = self.directory = self._spool_directory = ""
        self.config = Config(values, lambda changes: None)
        self.summary = Summary(lambda changes: None, lambda name: None)
        self._journal = _NoJournal()  # type: ignore[assignment]
        self._sender = self._capture = self._exits = None
        self._facts = {}
        self._began = 0.0
        self._saved = {}
        self._owner = False
        self._recording = True
        self._idle, self._writers, self._ended = [], [], []

    disabled = True

    def log(
        self, data: Mapping[str, Any], step: Optional[int] = None, commit: Optional[bool] = None, sync: Any = None
    ) -> None:
        """Does nothing."""

    def log_file(self, path: str | os.PathLike[str], name: Optional[str] = None) -> None:
        """Does nothing."""

    def snapshot(self, message: str, label: Optional[str] = None, timeout: float = 300.0) -> Any:
        """Does nothing; answers None."""
        return None

    def save(self, glob_str: Any = None, base_path: Any = None, policy: str = "live") -> list[str]:
        """Does nothing."""
        return []

    def log_artifact(self, artifact_or_path: Any, *_others: Any, **_more: Any) -> Any:
        """Does nothing; answers what it was given."""
        return artifact_or_path

    def history(self, name: Optional[str] = None, buckets: Optional[int] = None) -> History:
        """Nothing was recorded."""
        from ._history import History

        return History({"step": [], "value": [], "at": []})
