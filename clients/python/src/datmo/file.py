# generated from protocol/, do not edit; npm run generate
"""What a run or the user chose to keep.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from ._protocol import (
        FileGetResult,
        FileListResult,
        FileLogResult,
    )


def log(
    run_id: str,
    path: str,
    *,
    name: Optional[str] = None,
) -> FileLogResult:
    """Keeps a file with a run.

    ``run_id``: Id of the run.
    ``path``: File, absolute or relative to the project's root.
    ``name``: Name to keep it under. Absent: the file's own name.

    Answers ``file``. Raises DatmoError: RUN_NOT_FOUND, FILE_NOT_FOUND, PATH_INVALID, DISK_FULL.
    """
    result: FileLogResult = call_method("file.log", {"runId": run_id, "path": path, "name": name})
    return result


def list(
    *,
    run_id: Optional[str] = None,
    snapshot_id: Optional[str] = None,
) -> FileListResult:
    """Files of a run or snapshot.

    ``run_id``: A run. Absent: `snapshotId` is given.
    ``snapshot_id``: A snapshot. Absent: `runId` is given.

    Answers ``items``. Raises DatmoError: RUN_NOT_FOUND, SNAPSHOT_NOT_FOUND.
    """
    result: FileListResult = call_method("file.list", {"runId": run_id, "snapshotId": snapshot_id})
    return result


def get(
    path: str,
    *,
    run_id: Optional[str] = None,
    snapshot_id: Optional[str] = None,
    destination: Optional[str] = None,
) -> FileGetResult:
    """One kept file.

    ``path``: Its path in the component.
    ``run_id``: A run. Absent: `snapshotId` is given.
    ``snapshot_id``: A snapshot. Absent: `runId` is given.
    ``destination``: File to write it to, absolute; must not exist. Absent: the content is in the answer,
        up to 8 MiB.

    Answers ``file``, ``content``. Raises DatmoError: RUN_NOT_FOUND, SNAPSHOT_NOT_FOUND, FILE_NOT_FOUND,
    PATH_INVALID.
    """
    result: FileGetResult = call_method("file.get", {"runId": run_id, "snapshotId": snapshot_id, "path": path, "destination": destination})
    return result


ls = list
