# generated from protocol/, do not edit; npm run generate
"""The project's own records, and what it shares with others.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from ._protocol import (
        StoreFsckResult,
        StoreGcResult,
        StorePullResult,
        StorePurgeResult,
        StorePushResult,
        StoreSyncResult,
        StoreUsageResult,
    )


def sync() -> StoreSyncResult:
    """Folds the journal and refreshes `datmo.sqlite` for stock sqlite3.

    Answers ``generation``, ``sqlitePath``, ``records``. Raises DatmoError: PROJECT_NOT_FOUND, DISK_FULL.
    """
    result: StoreSyncResult = call_method("store.sync", {})
    return result


def fsck() -> StoreFsckResult:
    """Reads everything the project keeps and says what is damaged. Changes nothing.

    Git objects with their hashes, big files with theirs, references, metric points, journal and the folders
    of runs.

    Answers ``clean``, ``problems``, ``objects``, ``notes``. Raises DatmoError: PROJECT_NOT_FOUND.
    """
    result: StoreFsckResult = call_method("store.fsck", {})
    return result


def push(*, remote: Optional[str] = None) -> StorePushResult:
    """Sends what a remote does not have: snapshots, runs, tasks and metrics.

    Safe to repeat and to cut off. What was deleted here is deleted there.

    ``remote``: The git repository: a path, or an https, ssh, git or file address. Absent: the one of the
        last push or pull.

    Answers ``remote``, ``nothingNew``, ``snapshots``, ``removed``, ``runs``, ``records``, ``points``,
    ``objects``, ``bigFiles``, ``bytes``, ``waiting``, ``keptBack``. Raises DatmoError: PROJECT_NOT_FOUND,
    REMOTE_NEEDED, REMOTE_INVALID, REMOTE_NOT_FOUND, REMOTE_REFUSED, REMOTE_BROKEN, REMOTE_NEWER,
    SHARE_REFUSED, GIT_NEEDED, DISK_FULL, SHARE_BUSY.
    """
    result: StorePushResult = call_method("store.push", {"remote": remote})
    return result


def pull(*, remote: Optional[str] = None) -> StorePullResult:
    """Takes in what a remote has and this project has not.

    A union: nothing that is here is lost, but what was deleted elsewhere is deleted. Safe to repeat and to
    cut off.

    ``remote``: The git repository: a path, or an https, ssh, git or file address. Absent: the one of the
        last push or pull.

    Answers ``remote``, ``nothingNew``, ``snapshots``, ``removed``, ``runs``, ``records``, ``points``,
    ``objects``, ``bigFiles``, ``bytes``. Raises DatmoError: PROJECT_NOT_FOUND, REMOTE_NEEDED, REMOTE_INVALID,
    REMOTE_NOT_FOUND, REMOTE_REFUSED, REMOTE_BROKEN, REMOTE_NEWER, SHARE_REFUSED, GIT_NEEDED, DISK_FULL.
    """
    result: StorePullResult = call_method("store.pull", {"remote": remote})
    return result


def gc(*, dry_run: Optional[bool] = None) -> StoreGcResult:
    """Removes what nothing needs any more: deleted runs and snapshots, and what only they used.

    Safe beside everything else, and safe to cut off and repeat. What work under way may need goes with a
    later call.

    ``dry_run``: Only say what would go. Absent: no.

    Answers ``dryRun``, ``collected``, ``bytes``, ``laterBytes``, ``displaced``. Raises DatmoError:
    PROJECT_NOT_FOUND, STORE_DAMAGED, SNAPSHOT_CORRUPT, DISK_FULL, READ_ONLY.
    """
    result: StoreGcResult = call_method("store.gc", {"dryRun": dry_run})
    return result


def usage() -> StoreUsageResult:
    """Where the bytes are: parts of `.datmo`, runs and snapshots, the largest first.

    Answers ``bytes``, ``parts``, ``runs``, ``snapshots``. Raises DatmoError: PROJECT_NOT_FOUND,
    STORE_DAMAGED.
    """
    result: StoreUsageResult = call_method("store.usage", {})
    return result


def purge(
    targets: Sequence[str],
    *,
    dry_run: Optional[bool] = None,
) -> StorePurgeResult:
    """Removes a recorded secret for good: files in everything that was recorded, or whole snapshots.

    Snapshots that hold the content are written anew without it, with their ids, dates and messages. A record
    of it stays, which other copies of the project respect.

    ``targets``: Paths relative to the project, to the files of a snapshot or run (`*`, `**`, `?`
        allowed), or ids or labels of snapshots.
    ``dry_run``: Only say what would go. Absent: no.

    Answers ``dryRun``, ``id``, ``paths``, ``contents``, ``snapshots``, ``removedSnapshots``, ``stillThere``,
    ``taskFiles``. Raises DatmoError: PROJECT_NOT_FOUND, NOTHING_TO_PURGE, SNAPSHOT_AMBIGUOUS, PATH_INVALID,
    RUN_ACTIVE, STORE_DAMAGED, SNAPSHOT_CORRUPT, DISK_FULL, READ_ONLY.
    """
    result: StorePurgeResult = call_method("store.purge", {"targets": targets, "dryRun": dry_run})
    return result
