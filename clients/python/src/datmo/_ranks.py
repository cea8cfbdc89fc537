"""Many processes, one run: an id that all ranks of a distributed job arrive at by themselves."""

from __future__ import annotations

import os

from ._ids import content_id, is_id
from ._owner import start_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Optional


def shared_run_id(project: str, environ: Mapping[str, str] = os.environ) -> Optional[str]:
    """``DATMO_RUN_ID``, else derived from the job that Slurm or torchrun started; None for a process on its own."""
    named = environ.get("DATMO_RUN_ID", "")
    if is_id(named):
        return named
    job = _slurm_job(environ) or _torchrun_job(environ)
    return content_id(f"{project_id(project)} {job}") if job else None


def _slurm_job(environ: Mapping[str, str]) -> str:
    # Without `srun` a batch script is one process after another, and each of them may be a run of its own.
    if "SLURM_PROCID" not in environ or _count(environ, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS") < 2:
        return ""
    if not environ.get("SLURM_JOB_ID"):
        return ""
    names = ("SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
    return "slurm " + " ".join(environ.get(name, "") for name in names)


def _torchrun_job(environ: Mapping[str, str]) -> str:
    size = _count(environ, "WORLD_SIZE")
    if size < 2 or "RANK" not in environ:
        return ""
    job = environ.get("TORCHELASTIC_RUN_ID", "")
    if job and job != "none":
        return f"torchrun {job}"
    if job and _count(environ, "LOCAL_WORLD_SIZE") == size:
        # `torchrun` without a name, all on one machine: its own process is what the ranks have in common.
        parent = os.getppid()
        return f"torchrun {parent} {start_time(parent)}"
    return ""


def _count(environ: Mapping[str, str], *names: str) -> int:
    for name in names:
        if environ.get(name, "").isdigit():
            return int(environ[name])
    return 0


def project_id(project: str) -> str:
    """The id in the project's file ``format``; its path when that cannot be read."""
    import json

    try:
        with open(os.path.join(project, ".datmo", "format"), encoding="utf-8") as file:
            return str(json.load(file)["project"])
    except (OSError, ValueError, KeyError, TypeError):
        return project
