# generated from protocol/, do not edit; npm run generate
"""Named numbers: each is a series over steps.

Functions work on the project of the current folder; answers have the protocol's own names. All of them raise
DatmoError; with ``DATMO_MODE=disabled`` nothing is done and the answer is empty.
"""

from __future__ import annotations

from ._call import call_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from ._protocol import (
        MetricHistoryResult,
        MetricListResult,
        MetricLogParamsSpool,
        MetricLogResult,
        Points,
    )


def log(
    run_id: str,
    *,
    points: Optional[Points] = None,
    spool: Optional[MetricLogParamsSpool] = None,
) -> MetricLogResult:
    """Logs points: inline columns, or a stretch of a spool file.

    Inline points: answered when they survive the end of the engine; on disk within a second. Nothing is
    dropped: repeated and out-of-order steps are kept.

    ``run_id``: Id of the run.
    ``points``: Points as columns. Absent: `spool` is given.
    ``spool``: A stretch of a spool file (docs/formats.md) in the run's folder, or in the folder
        registered with the run. Absent: `points` is given.

    Answers ``points``, ``durableTo``. Raises DatmoError: RUN_NOT_FOUND, SPOOL_INVALID, DISK_FULL.
    """
    result: MetricLogResult = call_method("metric.log", {"runId": run_id, "points": points, "spool": spool})
    return result


def list(
    run_id: str,
    *,
    system: Optional[bool] = None,
) -> MetricListResult:
    """The metrics of a run.

    ``run_id``: Id, name or unique prefix.
    ``system``: The system metrics: what the run used of the machine, measured by datmo. Absent: those
        that the run logged.

    Answers ``items``. Raises DatmoError: RUN_NOT_FOUND, RUN_AMBIGUOUS.
    """
    result: MetricListResult = call_method("metric.list", {"runId": run_id, "system": system})
    return result


def history(
    run_id: str,
    name: str,
    *,
    from_step: Optional[int] = None,
    to_step: Optional[int] = None,
    buckets: Optional[int] = None,
    system: Optional[bool] = None,
) -> MetricHistoryResult:
    """The points of one metric, in order of step.

    ``run_id``: Id, name or unique prefix.
    ``name``: Name of the metric.
    ``from_step``: First step. Absent: the beginning.
    ``to_step``: Last step. Absent: the end.
    ``buckets``: Down-sample to this many stretches, keeping the minimum and maximum of each. Absent:
        every point.
    ``system``: Of the system metric of that name. Absent: of the one that the run logged; when it logged
        none, of the system metric.

    Answers ``name``, ``points``. Raises DatmoError: RUN_NOT_FOUND, RUN_AMBIGUOUS, METRIC_NOT_FOUND.
    """
    result: MetricHistoryResult = call_method("metric.history", {
        "runId": run_id,
        "name": name,
        "fromStep": from_step,
        "toStep": to_step,
        "buckets": buckets,
        "system": system,
    })
    return result


ls = list
