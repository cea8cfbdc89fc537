"""What W&B's ``init`` takes and datmo's does not need, or means otherwise."""

from __future__ import annotations

import os

from ._notice import note, note_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Optional

_WORDS = ("allow", "must", "never", "auto")
# Without a meaning where there is no server, no account and no limit on values.
_WITHOUT_MEANING = frozenset(
    "allow_val_change anonymous dir entity force fork_from magic monitor_gym reinit resume_from save_code settings "
    "sync_tensorboard tensorboard".split()
)


def refuse_unknown(others: Mapping[str, Any]) -> None:
    """Says once which arguments mean nothing here. Raises TypeError for those that nobody knows."""
    for name in others:
        if name not in _WITHOUT_MEANING:
            raise TypeError(f"init() got an unexpected keyword argument {name!r}")
    if others:
        note_once("init words", f"{', '.join(sorted(others))}: without a meaning for datmo, and left out.")


def folder_or_label(project: Any) -> tuple[str, Optional[str]]:
    """Where to look for the project, and a tag: a bare name that is no folder is a project of W&B's.

    Raises DatmoError of kind PATH_NOT_FOUND for a path that is no folder.
    """
    if project is None:
        return os.getcwd(), None
    place = os.path.abspath(os.fspath(project))
    if os.path.isdir(place):
        return place, None
    bare = isinstance(project, str) and not set(project) & {"/", os.sep, "~"} and project not in (".", "..")
    if not bare:
        from .errors import make_error

        raise make_error("PATH_NOT_FOUND", {"path": place})
    note(f"{project!r} is no folder here: the run goes into this folder's project, with the tag {project!r}.")
    return os.getcwd(), project


def resume_word(resume: Any, id: Optional[str]) -> Optional[str]:
    """``resume`` as one of W&B's words; None when it names a run, or nothing is to be resumed."""
    if resume is True:
        return "allow"
    return resume if resume in _WORDS and (id is not None or resume in ("allow", "auto")) else None


def derived_id(project: str, text: str) -> str:
    """An id of the run that a script calls by a text of its own choice; within a project always the same."""
    from ._ids import content_id, is_id
    from ._ranks import project_id

    return text if is_id(text) else content_id(f"{project_id(project)} run {text}")


def chosen(values: dict[str, Any], include: Any, exclude: Any) -> dict[str, Any]:
    """Of a config, the keys that were asked for."""
    kept = values if not include else {key: values[key] for key in values if key in set(include)}
    return {key: kept[key] for key in kept if key not in set(exclude or ())}
