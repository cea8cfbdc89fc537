"""Words of W&B's module, so that ``import datmo as wandb`` runs a script that is written for it."""

from __future__ import annotations

from ._current import of_current
from ._notice import note
from .errors import DatmoError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from ._artifact import Artifact, UsedArtifact

Error = DatmoError


def define_metric(name: str, step_metric: Optional[str] = None, **more: Any) -> None:
    """``define_metric`` of the current run."""
    of_current("define_metric")(name, step_metric, **more)


def save(glob_str: Any = None, base_path: Any = None, policy: str = "live") -> list[str]:
    """``save`` of the current run: keeps the files that match."""
    return list(of_current("save")(glob_str, base_path, policy) or ())


def log_artifact(
    artifact_or_path: Any, name: Optional[str] = None, type: Optional[str] = None, **more: Any
) -> Artifact:
    """``log_artifact`` of the current run."""
    found: Artifact = of_current("log_artifact")(artifact_or_path, name, type, **more)
    return found


def use_artifact(artifact_or_name: str, **_others: Any) -> UsedArtifact:
    """An artifact that a run of the project logged; with or without a current run."""
    from ._artifact import find_artifact

    return find_artifact(artifact_or_name)


def watch(*models: Any, **more: Any) -> None:
    """Does nothing: gradients and weights are not recorded."""
    of_current("watch")(*models, **more)


def unwatch(*models: Any) -> None:
    """Does nothing."""


def alert(title: str, text: str = "", **_others: Any) -> None:
    """Prints it on stderr."""
    of_current("alert")(title, text)


def login(*_others: Any, **_more: Any) -> bool:
    """True: there is no account."""
    return True


def setup(*_others: Any, **_more: Any) -> None:
    """Does nothing."""


def require(*_others: Any, **_more: Any) -> None:
    """Does nothing."""


def teardown(exit_code: Optional[int] = None) -> None:
    """Ends the current run."""
    from ._current import finish

    finish(exit_code)


def termlog(text: str = "", newline: bool = True, repeat: bool = True) -> None:
    """Prints a line on stderr."""
    note(text)


termwarn = termerror = termlog


class Settings:
    """Takes any settings and keeps them; none of them means anything here."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class _Util:
    @staticmethod
    def generate_id(length: int = 8) -> str:
        """A random text of letters and digits for ``init(id=…)``."""
        from ._ids import random_id

        return random_id()[:length]


util = _Util()


def missing(name: str) -> AttributeError:
    """What to do instead, for words of W&B's that there are none of here."""
    instead = {
        "Api": "read runs with datmo.runs() and datmo.get_run()",
        "agent": "start a sweep with `datmo sweep` and its workers with `datmo worker`",
        "plot": "log the numbers or a datmo.Table, or a matplotlib figure as a datmo.Image",
        "restore": "get files with datmo.get_run(id).get_file(path, destination)",
        "sklearn": "log a matplotlib figure as a datmo.Image; datmo.integrations.sklearn records fits",
    }
    hint = f"; {instead[name]}" if name in instead else ""
    return AttributeError(f"module 'datmo' has no attribute {name!r}{hint}")
