"""``Content-Length`` frames, as in LSP."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

_LARGEST = 64 << 20
_LONGEST_HEADER = 4096
_CHUNK = 1 << 16


class FramingError(Exception):
    """The bytes are no frames, or a frame holds no JSON object."""


def encode_frame(message: Any) -> bytes:
    """Header and body. Raises ValueError for NaN and infinities, TypeError for what JSON cannot hold."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameReader:
    """Reads messages from ``read(size)``, which answers at most that many bytes, and none at the end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._buffer = bytearray()

    def next(self) -> Optional[Any]:
        """The next message; None at the end. Raises FramingError."""
        header = self._until_blank_line()
        if header is None:
            return None
        length = _content_length(header)
        while len(self._buffer) < length:
            if not self._fill():
                raise FramingError(f"the stream ended inside a message of {length} bytes")
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        try:
            message = json.loads(body)
        except ValueError as error:
            raise FramingError(f"a message is no JSON ({error}): {body[:200]!r}") from None
        if not isinstance(message, dict):
            raise FramingError(f"a message is no JSON object: {body[:200]!r}")
        return message

    def _until_blank_line(self) -> Optional[bytes]:
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                header = bytes(self._buffer[:end])
                del self._buffer[: end + 4]
                return header
            if len(self._buffer) > _LONGEST_HEADER:
                raise FramingError(f"no header where one was expected: {bytes(self._buffer[:200])!r}")
            if not self._fill():
                if self._buffer:
                    raise FramingError(f"the stream ended inside a header: {bytes(self._buffer[:200])!r}")
                return None

    def _fill(self) -> bool:
        chunk = self._read(_CHUNK)
        self._buffer += chunk
        return bool(chunk)


def _content_length(header: bytes) -> int:
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
            if length > _LARGEST:
                raise FramingError(f"a message of {length} bytes is too large")
            return length
    raise FramingError(f"no Content-Length in {header[:200]!r}")
