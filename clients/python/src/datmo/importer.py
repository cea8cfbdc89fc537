# generated from protocol/, do not edit; npm run generate
"""Taking over runs of other tools: importers read their files, built in or of plugins.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from ._protocol import (
        ImporterRunResult,
    )


def run(
    path: str,
    *,
    format: Optional[str] = None,
    dry_run: Optional[bool] = None,
) -> ImporterRunResult:
    """Takes over the runs of another tool.

    Importing again adds only what is new. Safe to cut off: what is missing comes with the next time. Nothing
    of the source is changed.

    ``path``: File or folder of the other tool, absolute or relative to where the connection began.
    ``format``: What it is: `mlruns`, `tfevents`, `wandb`, `trackio`, `dvclive`, `datmo`, or what a plugin
        reads. Absent: found out.
    ``dry_run``: Only says what would come. Absent: no.

    Answers ``format``, ``path``, ``dryRun``, ``newRuns``, ``changedRuns``, ``unchangedRuns``, ``points``,
    ``files``, ``runIds``, ``problems``, ``problemCount``. Raises DatmoError: PROJECT_NOT_FOUND,
    PATH_NOT_FOUND, IMPORT_FORMAT_UNKNOWN, IMPORT_SOURCE_UNKNOWN, IMPORT_SOURCE_INVALID, PLUGIN_NOT_GRANTED,
    PLUGIN_FAILED, DISK_FULL.
    """
    result: ImporterRunResult = call_method("importer.run", {"path": path, "format": format, "dryRun": dry_run})
    return result
