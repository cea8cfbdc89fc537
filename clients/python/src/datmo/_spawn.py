"""The engine's process: two pipes, and a session of its own."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class EngineProcess:
    """A started engine. ``stdin`` and ``stdout`` are descriptors of this side's ends of the pipes.

    The engine has its own session, so that Ctrl-C in a terminal and the end of this process do not reach it.
    """

    def __init__(self, command: list[str], stderr: Optional[int]) -> None:
        """Starts the command; ``stderr``: descriptor for its messages, absent: thrown away. Raises OSError."""
        inner_in, self.stdin = _pipe()
        self.stdout, inner_out = _pipe()
        messages = os.open(os.devnull, os.O_WRONLY) if stderr is None else stderr
        self._popen: Any = None
        self._status: Optional[int] = None
        try:
            self.pid = self._start(command, inner_in, inner_out, messages)
        except BaseException:
            self.close()
            raise
        finally:
            os.close(inner_in)
            os.close(inner_out)
            if stderr is None:
                os.close(messages)

    def close_stdin(self) -> None:
        """End of input: the engine finishes what it began and leaves."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def close(self) -> None:
        """Lets go of both pipes."""
        self.close_stdin()
        if self.stdout >= 0:
            os.close(self.stdout)
            self.stdout = -1

    def ended(self, seconds: float = 0.0) -> Optional[int]:
        """Exit code (negative: signal) once the process is gone, waiting at most so long; None while it lives."""
        from time import monotonic, sleep

        deadline = monotonic() + seconds
        while self._status is None and not self._poll() and monotonic() < deadline:
            sleep(0.01)
        return self._status

    def terminate(self) -> None:
        """Asks the engine to leave at once."""
        if self._status is None and not self._poll():
            import signal

            try:
                os.kill(self.pid, signal.SIGTERM)
            except OSError:
                pass

    def _start(self, command: list[str], stdin: int, stdout: int, stderr: int) -> int:
        spawn = getattr(os, "posix_spawnp", None)
        if spawn is not None:
            # Several milliseconds less than importing `subprocess`, and no fork of a large process.
            actions = [(os.POSIX_SPAWN_DUP2, stdin, 0), (os.POSIX_SPAWN_DUP2, stdout, 1)]
            if stderr != 2:
                actions.append((os.POSIX_SPAWN_DUP2, stderr, 2))
            try:
                return int(spawn(command[0], command, _environment(), file_actions=actions, setsid=True))
            except NotImplementedError:
                pass
        return self._start_slowly(command, stdin, stdout, stderr)

    def _start_slowly(self, command: list[str], stdin: int, stdout: int, stderr: int) -> int:
        import subprocess

        self._popen = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stderr, env=_environment(), start_new_session=True
        )
        return int(self._popen.pid)

    def _poll(self) -> bool:
        if self._popen is not None:
            self._status = self._popen.poll()
            return self._status is not None
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            # Somebody else (a SIGCHLD handler, a test runner) has collected it.
            self._status = 0
            return True
        if pid == self.pid:
            self._status = os.waitstatus_to_exitcode(status)
        return pid == self.pid


def message_descriptor(outlives: bool) -> Optional[int]:
    """Where the engine writes its messages; None: nowhere.

    When it may outlive this process not a pipe: whoever reads that (``python train.py 2>&1 | tee log``) would
    wait for the engine's end. ``DATMO_LOG`` asks for the messages wherever they go.
    """
    import stat

    try:
        mode = os.fstat(2).st_mode
    except OSError:
        return None
    piped = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    return None if outlives and piped and not os.environ.get("DATMO_LOG") else 2


def _environment() -> dict[str, str]:
    # The engine is nobody's run: what it executes gets these anew.
    hidden = ("DATMO_RUN_ID", "DATMO_TASK_DIR", "DATMO_DATA_DIR", "DATMO_CONFIG")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def _pipe() -> tuple[int, int]:
    """A pipe; none of its ends is one of the standard descriptors, even when those are closed."""
    ends = list(os.pipe())
    if sys.platform != "win32":
        import fcntl

        for index, descriptor in enumerate(ends):
            if descriptor <= 2:
                ends[index] = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
                os.close(descriptor)
    return ends[0], ends[1]
