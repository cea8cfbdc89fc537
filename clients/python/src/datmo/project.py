# generated from protocol/, do not edit; npm run generate
"""A folder with a `.datmo` folder.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from ._protocol import (
        ProjectCreateResult,
        ProjectDeleteResult,
        ProjectDoctorResult,
        ProjectGetResult,
        ProjectStatusResult,
        ProjectUpdateResult,
    )


def create(
    *,
    directory: Optional[str] = None,
    name: Optional[str] = None,
    description: Optional[str] = None,
) -> ProjectCreateResult:
    """Creates a project, or updates the one that is there.

    All or nothing: when it fails, nothing is left behind.

    ``directory``: Its root. Absent: the connection's project folder.
    ``name``: Its name. Absent: the folder's name for a new project, unchanged for an existing one.
    ``description``: What it is about. Absent: empty, or unchanged.

    Answers ``project``, ``created``. Raises DatmoError: PROJECT_UNWRITABLE, DIRECTORY_NOT_FOUND,
    FORMAT_NEWER.
    """
    result: ProjectCreateResult = call_method("project.create", {"directory": directory, "name": name, "description": description})
    return result


def get() -> ProjectGetResult:
    """The connection's project.

    Answers ``project``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: ProjectGetResult = call_method("project.get", {})
    return result


def update(
    *,
    name: Optional[str] = None,
    description: Optional[str] = None,
) -> ProjectUpdateResult:
    """Changes name or description.

    ``name``: New name. Absent: unchanged.
    ``description``: New description. Absent: unchanged.

    Answers ``project``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: ProjectUpdateResult = call_method("project.update", {"name": name, "description": description})
    return result


def status(
    *,
    limit: Optional[int] = None,
    verify: Optional[bool] = None,
) -> ProjectStatusResult:
    """Is anything unsaved, and against what.

    ``limit``: At most this many. Absent: all.
    ``verify``: Read the files that pointers name, however big. Absent: only those that are read quickly.

    Answers ``project``, ``clean``, ``changes``, ``changeCount``, ``current``, ``newestUser``,
    ``newestAutomatic``, ``environment``, ``environmentChanges``, ``activeRuns``, ``interruptedCheckout``,
    ``problems``, ``keptChanges``, ``definitionChanges``, ``unstable``, ``skipped``, ``pointers``. Raises
    DatmoError: PROJECT_NOT_FOUND.
    """
    result: ProjectStatusResult = call_method("project.status", {"limit": limit, "verify": verify})
    return result


def delete(confirm: str) -> ProjectDeleteResult:
    """Removes `.datmo` and everything datmo keeps of the project. The project's own files stay.

    ``confirm``: Id of the project, as a safeguard.

    Answers ``directory``, ``bytes``, ``images``, ``containers``. Raises DatmoError: PROJECT_NOT_FOUND,
    RUN_ACTIVE.
    """
    result: ProjectDeleteResult = call_method("project.delete", {"confirm": confirm})
    return result


def doctor() -> ProjectDoctorResult:
    """What datmo found on this machine, and how to get what is missing. Works without a project.

    Answers ``engine``, ``tools``, ``gpus``, ``project``, ``problems``.
    """
    result: ProjectDoctorResult = call_method("project.doctor", {})
    return result
