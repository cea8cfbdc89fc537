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
    from typing import Any, Callable, Optional, Union

    from ._run import Run

_ABOUT_THE_PLACE = ("PROJECT_UNWRITABLE", "FORMAT_NEWER", "READ_ONLY", "DISK_FULL")


def init(
    config: Any = None,
    name: Optional[str] = None,
    tags: Iterable[str] = (),
    group: Optional[str] = None,
    notes: Optional[str] = None,
    resume: Union[str, bool, None] = None,
    snapshots: bool = True,
    capture: bool = True,
    project: Optional[str | os.PathLike[str]] = None,
    id: Optional[str] = None,
    params: Any = None,
    *,
    mode: Optional[str] = None,
    job_type: Optional[str] = None,
    config_include_keys: Optional[Iterable[str]] = None,
    config_exclude_keys: Optional[Iterable[str]] = None,
    **others: Any,
) -> Run:
    """Begins a run that this script records; inside ``datmo run`` joins the enclosing one.

    ``config``: the script's settings (``params`` is another word for it): a mapping, namespace, dataclass, pydantic
    model or OmegaConf config, or the path of a YAML, JSON or TOML file; inside a run what the command line chose wins,
    and ``run.config`` holds the result. ``resume``: id, name or unique prefix of a run to append to. ``snapshots``:
    record the state of the project before and after, in the background. ``capture``: keep what is printed.
    ``project``: folder to look for the project from, upwards; absent: the current one; where there is none, one is
    created in it. ``id``: of a run that several processes share or that is gone on with later: 26 base32 characters,
    or any text, which within a project always means the same run.

    As W&B's: ``project`` that is no folder becomes a tag, so does ``job_type``; with ``id``, ``resume`` may be
    ``allow``, ``must`` or ``never``; ``mode="disabled"`` records nothing; ``config_include_keys`` and
    ``config_exclude_keys``. Other arguments of W&B's mean nothing here, which is said once.

    Takes a few milliseconds. A missing engine or Node, or a folder that cannot be written, is said on stderr and
    the script goes on (``DATMO_STRICT=1`` raises). Raises DatmoError for a run to resume that is not there, TypeError
    for a config that is no mapping and for an argument that nobody knows.
    """
    from . import _init_words as words

    words.refuse_unknown(others)
    directory, label = words.folder_or_label(project)
    given = [tags] if isinstance(tags, str) else [str(tag) for tag in tags or ()]
    facts = {
        "name": name or _name_of(id),
        "tags": [*given, *filter(None, (label, job_type))],
        "group": group,
        "note": notes,
    }
    wish = Wish({}, {key: value for key, value in facts.items() if value}, snapshots, capture)

    def values() -> dict[str, Any]:
        return words.chosen(_values(config, params), config_include_keys, config_exclude_keys)

    if disabled() or mode == "disabled":
        return _disabled_run(values())
    word = words.resume_word(resume, id)
    which = None if word or not resume else str(resume)
    task = os.environ.get("DATMO_TASK_DIR", "")
    joins = which is None and (id is None or _name_of(id) is not None)
    if joins and task and os.environ.get("DATMO_RUN_ID") and os.path.isdir(task):
        return _join(task, os.environ["DATMO_RUN_ID"], values(), wish)
    previous = current()
    if previous is not None:
        previous.finish()
    try:
        run = _begin(Start(directory, which, id, word), wish, values)
    except Exception as error:
        if strict() or not (isinstance(error, OSError) or getattr(error, "kind", "") in _ABOUT_THE_PLACE):
            raise
        note(f"{error} The script goes on; nothing is recorded.".replace("\n", " "))
        return _disabled_run(values())
    make_current(run)
    return run


def _begin(beginning: Start, wish: Wish, values: Callable[[], dict[str, Any]]) -> Run:
    try:
        wish.config = values()
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
    from ._values import merge

    return merge(_object(config), _object(params))


def _object(config: Any) -> dict[str, Any]:
    if isinstance(config, (str, os.PathLike)):
        from ._config_file import read_config_file

        return read_config_file(os.fspath(config))
    from ._values import to_object

    return to_object(config)


def _disabled_run(values: dict[str, Any]) -> Run:
    from ._disabled import DisabledRun

    run = DisabledRun(values)
    make_current(run)
    return run


def _name_of(id: Optional[str]) -> Optional[str]:
    """What a script calls its run, when that is no id of datmo's."""
    from ._ids import is_id

    return None if id is None or is_id(id) else id[:200]
