# generated from protocol/, do not edit; npm run generate
"""Where code runs: the machine as it is, a venv, or a container image.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Literal, Optional, Sequence
    from ._protocol import (
        Environment,
        EnvironmentBuildResult,
        EnvironmentCatalogResult,
        EnvironmentCreateResult,
        EnvironmentDeleteResult,
        EnvironmentExportResult,
        EnvironmentGetResult,
        EnvironmentSetupResult,
        EnvironmentUpdateResult,
        EnvironmentUseResult,
    )


def catalog() -> EnvironmentCatalogResult:
    """Environments that can be set up.

    Datmo's own entries first, then those of granted plugins.

    Answers ``entries``, ``problems``.
    """
    result: EnvironmentCatalogResult = call_method("environment.catalog", {})
    return result


def setup(
    *,
    framework: Optional[str] = None,
    kind: Optional[Literal["docker", "venv"]] = None,
    type: Optional[str] = None,
    language: Optional[str] = None,
    name: Optional[str] = None,
    force: Optional[bool] = None,
) -> EnvironmentSetupResult:
    """Writes an environment of the catalogue into `datmo_environment/` and records it.

    ``framework``: Entry of the catalogue; `requirements`: the packages that the project's scripts import,
        of Python and of R, as they are installed. Absent: `python-base`.
    ``kind``: What is made of `requirements`. Absent: `docker`.
    ``type``: `cpu` or `gpu`. Absent: `cpu`.
    ``language``: Language and version. Absent: the entry's default.
    ``name``: Name. Absent: `framework:type-language`.
    ``force``: Replace files in `datmo_environment/` that no environment holds. Absent: refuse.

    Answers ``environment``, ``created``, ``written``, ``notes``. Raises DatmoError: PROJECT_NOT_FOUND,
    CATALOGUE_UNKNOWN, ENVIRONMENT_FOLDER_CHANGED, ENVIRONMENT_NAME_TAKEN, ENVIRONMENT_INVALID, DISK_FULL,
    PLUGIN_NOT_GRANTED, PLUGIN_OFF, PLUGIN_CRASHED, PLUGIN_TIMEOUT, PLUGIN_FAILED, PLUGIN_LIMIT,
    PLUGIN_ANSWER.
    """
    result: EnvironmentSetupResult = call_method("environment.setup", {
        "framework": framework,
        "kind": kind,
        "type": type,
        "language": language,
        "name": name,
        "force": force,
    })
    return result


def create(
    *,
    paths: Optional[Sequence[str]] = None,
    image: Optional[str] = None,
    kind: Optional[Literal["docker", "venv"]] = None,
    python: Optional[str] = None,
    name: Optional[str] = None,
    description: Optional[str] = None,
) -> EnvironmentCreateResult:
    """Records an environment: from paths, an image, `datmo_environment/`, a Dockerfile at the root, or the
    packages that the project's scripts import, in this order.

    ``paths``: Files and folders, each `SRC` or `SRC>NAME`; a single folder stands for what is in it.
        Absent: none.
    ``image``: An image, by name. Absent: none.
    ``kind``: `docker` or `venv`, where the files allow both. Absent: `docker` when there is a Dockerfile
        or nothing at all, else `venv`.
    ``python``: Version of Python for a venv or a generated Dockerfile, such as `3.12`. Absent: that of
        the project.
    ``name``: Name. Absent: made from what it is.
    ``description``: What it is for. Absent: none.

    Answers ``environment``, ``created``, ``source``, ``notes``. Raises DatmoError: PROJECT_NOT_FOUND,
    PATH_NOT_FOUND, PATH_INVALID, PATH_DUPLICATE, ENVIRONMENT_INVALID, ENVIRONMENT_CONFLICT,
    ENVIRONMENT_NAME_TAKEN, DISK_FULL.
    """
    result: EnvironmentCreateResult = call_method("environment.create", {
        "paths": paths,
        "image": image,
        "kind": kind,
        "python": python,
        "name": name,
        "description": description,
    })
    return result


def get(id: str) -> EnvironmentGetResult:
    """One environment: files, packages, builds, and what uses it.

    ``id``: Id, name or unique prefix; `host` is the machine as it is.

    Answers ``environment``, ``files``, ``packages``, ``builds``, ``runs``, ``runCount``, ``snapshotCount``.
    Raises DatmoError: PROJECT_NOT_FOUND, ENVIRONMENT_NOT_FOUND, ENVIRONMENT_AMBIGUOUS.
    """
    result: EnvironmentGetResult = call_method("environment.get", {"id": id})
    return result


def list(*, limit: Optional[int] = None) -> List[Environment]:
    """Environments, newest first; the last one is the host.

    ``limit``: At most this many. Absent: all.

    Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: List[Environment] = items("environment.list", {"limit": limit})
    return result


def update(
    id: str,
    *,
    name: Optional[str] = None,
    description: Optional[str] = None,
) -> EnvironmentUpdateResult:
    """Changes name or description.

    ``id``: Id, name or unique prefix.
    ``name``: New name. Absent: unchanged.
    ``description``: New description. Absent: unchanged.

    Answers ``environment``. Raises DatmoError: PROJECT_NOT_FOUND, ENVIRONMENT_NOT_FOUND,
    ENVIRONMENT_AMBIGUOUS, ENVIRONMENT_NAME_TAKEN.
    """
    result: EnvironmentUpdateResult = call_method("environment.update", {"id": id, "name": name, "description": description})
    return result


def use(*, id: Optional[str] = None) -> EnvironmentUseResult:
    """Makes an environment the one that runs use when nothing else is said, on this machine.

    ``id``: Id, name or unique prefix; `host` is the machine as it is. Absent: forget the choice; then
        `datmo_environment/` counts, else the host.

    Answers ``environment``, ``reason``, ``folderDiffers``. Raises DatmoError: PROJECT_NOT_FOUND,
    ENVIRONMENT_NOT_FOUND, ENVIRONMENT_AMBIGUOUS.
    """
    result: EnvironmentUseResult = call_method("environment.use", {"id": id})
    return result


def build(
    *,
    id: Optional[str] = None,
    no_cache: Optional[bool] = None,
) -> EnvironmentBuildResult:
    """Makes what an environment needs to run: an image, or a venv.

    ``id``: Id, name or unique prefix. Absent: the active one.
    ``no_cache``: Build again although it is there. Absent: no.

    Answers ``environment``, ``build``, ``cached``, ``notes``. Raises DatmoError: PROJECT_NOT_FOUND,
    ENVIRONMENT_NOT_FOUND, ENVIRONMENT_AMBIGUOUS, ENVIRONMENT_NEEDS_ENGINE, ENVIRONMENT_INVALID,
    PYTHON_NOT_FOUND, PACKAGES_UNAVAILABLE, VENV_FAILED, R_NOT_AVAILABLE, LOCK_FILE_INVALID, DISK_FULL,
    CANCELLED.
    """
    result: EnvironmentBuildResult = call_method("environment.build", {"id": id, "noCache": no_cache})
    return result


def delete(
    ids: Sequence[str],
    *,
    force: Optional[bool] = None,
    images: Optional[bool] = None,
) -> EnvironmentDeleteResult:
    """Deletes environments. Their images and venvs stay unless asked for.

    ``ids``: Ids, names or unique prefixes.
    ``force``: Also those that runs or snapshots used. Absent: no.
    ``images``: Remove their images from the container engine as well. Absent: no.

    Answers ``ids``, ``images``. Raises DatmoError: PROJECT_NOT_FOUND, ENVIRONMENT_NOT_FOUND,
    ENVIRONMENT_AMBIGUOUS, ENVIRONMENT_IN_USE, ENVIRONMENT_NEEDS_ENGINE.
    """
    result: EnvironmentDeleteResult = call_method("environment.delete", {"ids": ids, "force": force, "images": images})
    return result


def export(id: str, directory: str) -> EnvironmentExportResult:
    """Writes a folder that `docker build` builds anywhere.

    ``id``: Id, name or unique prefix.
    ``directory``: Absolute path of an empty or absent folder.

    Answers ``files``, ``bytes``. Raises DatmoError: PROJECT_NOT_FOUND, ENVIRONMENT_NOT_FOUND,
    ENVIRONMENT_AMBIGUOUS, ENVIRONMENT_INVALID, PATH_INVALID, DISK_FULL.
    """
    result: EnvironmentExportResult = call_method("environment.export", {"id": id, "directory": directory})
    return result


ls = list
