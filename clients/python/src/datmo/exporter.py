# generated from protocol/, do not edit; npm run generate
"""Making files of other tools out of runs: exporters are built in or of plugins.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence
    from ._protocol import (
        ExporterRunResult,
    )


def run(
    format: str,
    directory: str,
    *,
    runs: Optional[Sequence[str]] = None,
    filter: Optional[str] = None,
    system: Optional[bool] = None,
    force: Optional[bool] = None,
) -> ExporterRunResult:
    """Writes runs as the files of another tool.

    Exporting again brings the files up to date. Files that datmo did not write there are left alone. Safe to
    cut off: files are complete or not there, and the next time goes on.

    ``format``: `mlruns`, `tfevents`, `dvclive`, `csv`, `parquet`, or what a plugin writes.
    ``directory``: Folder, absolute or relative to where the connection began; created when it is not
        there.
    ``runs``: Ids, names or beginnings of ids. Absent: all runs, or those of the filter.
    ``filter``: Only runs that it is true of (docs/filter.md). Absent: all.
    ``system``: Also what the runs used of the machine, as metrics `system/…`. Absent: no.
    ``force``: Replaces files that datmo did not write there, or that were changed since. Absent: no.

    Answers ``format``, ``directory``, ``runs``, ``files``, ``unchanged``, ``bytes``, ``problems``. Raises
    DatmoError: PROJECT_NOT_FOUND, RUN_NOT_FOUND, RUN_AMBIGUOUS, FILTER_INVALID, EXPORT_FORMAT_UNKNOWN,
    EXPORT_IN_THE_WAY, PATH_INVALID, PLUGIN_NOT_GRANTED, PLUGIN_INVALID, PLUGIN_FAILED, PLUGIN_CRASHED,
    PLUGIN_TIMEOUT, PLUGIN_ANSWER, DISK_FULL, CANCELLED.
    """
    result: ExporterRunResult = call_method("exporter.run", {
        "format": format,
        "directory": directory,
        "runs": runs,
        "filter": filter,
        "system": system,
        "force": force,
    })
    return result
