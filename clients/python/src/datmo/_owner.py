"""Who this process is, so that another process can tell later whether it still lives."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union


def owner() -> dict[str, Union[str, int]]:
    """``owner`` of ``schemas/open-run.schema.json``, for this process."""
    pid = os.getpid()
    return {"pid": pid, "startTime": start_time(pid), "bootId": _boot_id(), "host": _host()}


def start_time(pid: int) -> str:
    """Field 22 of ``/proc/<pid>/stat``; without /proc what ``ps`` says; empty when neither is there."""
    text = _read(f"/proc/{pid}/stat")
    if not text:
        return _ps_start_time(pid)
    # The name of the program, in brackets, may hold spaces and brackets itself.
    fields = text.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def is_gone(process: Mapping[str, Any]) -> bool:
    """Whether a process that was written down so has ended. Of another machine's nobody can tell: not gone."""
    if process.get("host") != _host():
        return False
    boot_id = _boot_id()
    if process.get("bootId") != boot_id:
        return True
    pid = process.get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return False
    state = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1]
    return state in (["Z"], ["X"]) or start_time(pid) != process.get("startTime")


def _ps_start_time(pid: int) -> str:
    if sys.platform == "win32":
        return ""
    import subprocess

    # The engine asks in the same words and compares the texts.
    environment = {"PATH": "/bin:/usr/bin", "LC_ALL": "C", "TZ": "UTC"}
    try:
        told = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], env=environment, stdout=subprocess.PIPE, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.decode("utf-8", "replace").strip()


def _boot_id() -> str:
    return _read("/proc/sys/kernel/random/boot_id").strip()


def _host() -> str:
    if sys.platform != "win32":
        return os.uname().nodename
    return os.environ.get("COMPUTERNAME", "")


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
