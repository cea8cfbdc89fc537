"""Times as they are written into documents."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


def rfc3339(seconds: Optional[float] = None) -> str:
    """RFC 3339 in UTC with milliseconds; ``seconds`` since the epoch, now when absent."""
    whole, millis = divmod(int((time.time() if seconds is None else seconds) * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{millis:03d}Z"
