"""Starting an engine's process. Light: a run's engine boots while the rest of this package is being loaded."""

from __future__ import annotations

from ._find import EngineMissing, engine_command
from ._spawn import EngineProcess, message_descriptor


def start(outlives: bool) -> EngineProcess:
    """Starts an engine and does not wait for it; ``outlives``: it may go on when this process has ended.

    Raises DatmoError of kind ENGINE_NOT_FOUND.
    """
    reason = ""
    try:
        command = engine_command()
        return EngineProcess(command, message_descriptor(outlives))
    except EngineMissing as error:
        reason = str(error)
    except OSError as error:
        reason = f"{command[0]}: {error.strerror}"
    from .errors import make_error

    raise make_error("ENGINE_NOT_FOUND", {"reason": reason})
