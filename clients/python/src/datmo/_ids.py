"""Ids: 26 lower-case base32 characters, 130 bits."""

from __future__ import annotations

import os

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH = 26


def random_id() -> str:
    """A fresh id of a run or a writer."""
    return _base32(os.urandom(17))


def content_id(text: str) -> str:
    """The id that everybody who knows ``text`` arrives at."""
    import hashlib

    return _base32(hashlib.sha256(text.encode("utf-8")).digest())


def is_id(text: str) -> bool:
    """True for a complete id."""
    return len(text) == _LENGTH and all(char in _ALPHABET for char in text)


def _base32(data: bytes) -> str:
    number = int.from_bytes(data[:17], "big") >> 6
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
