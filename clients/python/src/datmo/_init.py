"""``datmo.init``: begins the run of this script, or joins the one it is in."""

from __future__ import annotations

import os

from ._begin import Start, Wish, read_config
from ._current import current, make_current
from ._notice import disabled, note, strict
from ._project import find_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Optional

    from ._run import Run

_ABOUT_THE_PLACE = ("PROJECT_UNWRITABLE", "FORMAT_NEWER", "READ_ONLY", "DISK_FULL")


def init(
    config: Any = None,
    name: Optional[str] = None,
    tags: Iterable[str] = (),
    group: Optional[str] = None,
    notes: Optional[str] = None,
    resume: Optional[str] = None,
    snapshots: bool = True,
    capture: bool = True,
    project: Optional[str | os.PathLike[str]] = None,
    id: Optional[str] = None,
    params: Any = None,
) -> Run:
    """Begins a run that this script records; inside ``datmo run`` joins the enclosing one.

    ``config``: the script's settings, a mapping, namespace or dataclass (``params`` is another word for it); inside
    a run what the command line chose wins, and ``run.config`` holds the result. ``resume``: id, name or unique
    prefix of a run to append to. ``snapshots``: record the state of the project before and after, in the
    background. ``capture``: keep what is printed. ``project``: folder to look for the project from, upwards; absent:
    the current one; where there is none, one is created in it. ``id``: 26 base32 characters, for processes that
    share a run.

    Takes a few milliseconds. A missing engine or Node, or a folder that cannot be written, is said on stderr and
    the script goes on (``DATMO_STRICT=1`` raises). Raises DatmoError for a run to resume that is not there and an id
    that is none, TypeError for a config that is no mapping.
    """
    if id is not None:
        _check_id(id)
    facts = {"name": name, "tags": [str(tag) for tag in tags], "group": group, "note": notes}
    wish = Wish({}, {key: value for key, value in facts.items() if value}, snapshots, capture)
    if disabled():
        return _disabled_run(config, params)
    task = os.environ.get("DATMO_TASK_DIR", "")
    if task and os.environ.get("DATMO_RUN_ID") and os.path.isdir(task) and id is None and resume is None:
        return _join(task, os.environ["DATMO_RUN_ID"], _values(config, params), wish)
    previous = current()
    if previous is not None:
        previous.finish()
    directory = os.path.abspath(os.fspath(project) if project is not None else os.getcwd())
    try:
        run = _begin(Start(directory, resume, id), wish, config, params)
    except Exception as error:
        if strict() or not (isinstance(error, OSError) or getattr(error, "kind", "") in _ABOUT_THE_PLACE):
            raise
        note(f"{error} The script goes on; nothing is recorded.".replace("\n", " "))
        return _disabled_run(config, params)
    make_current(run)
    return run


def _begin(beginning: Start, wish: Wish, config: Any, params: Any) -> Run:
    try:
        wish.config = _values(config, params)
    except BaseException:
        beginning.cancel()
        raise
    return beginning.begin(wish)


def _join(task: str, run_id: str, values: dict[str, Any], wish: Wish) -> Run:
    from ._filesystem import make_private
    from ._run import Run

    run = current()
    if run is None or run.id != run_id:
        project = find_project(os.path.dirname(os.path.abspath(task))) or os.getcwd()
        for name in ("journal", "spool", "reply"):
            make_private(os.path.join(task, name))
        run = Run(run_id, project, task, os.path.join(task, "spool"))
        run.leave_at_exit()
        make_current(run)
    run.take_facts(read_config(os.environ.get("DATMO_CONFIG", "")), values, wish.facts)
    return run


def _values(config: Any, params: Any) -> dict[str, Any]:
    from ._values import merge, to_object

    return merge(to_object(config), to_object(params))


def _disabled_run(config: Any, params: Any) -> Run:
    from ._disabled import DisabledRun

    run = DisabledRun(_values(config, params))
    make_current(run)
    return run


def _check_id(text: str) -> None:
    from ._ids import is_id
    from .errors import make_error

    if not is_id(text):
        summary = f"{text!r} is no id: 26 characters of a-z and 2-7."
        raise make_error("INVALID_PARAMS", {"summary": summary, "problems": []})
