"""Ids of facts and messages: UUIDv7, so that they sort by time; some follow from what they name."""

from __future__ import annotations

import hashlib
import secrets
import uuid

_RANDOM_BYTES = 10


def new_id(time_s: float) -> str:
    """Make a UUIDv7 of a time (UTC seconds) and chance."""
    return _uuid7(time_s, secrets.token_bytes(_RANDOM_BYTES))


def derived_id(time_s: float, *parts: object) -> str:
    """Make the same UUIDv7 each time from the same time and parts."""
    named = "\0".join(str(part) for part in parts).encode()
    return _uuid7(time_s, hashlib.sha256(named).digest()[:_RANDOM_BYTES])


def _uuid7(time_s: float, chance: bytes) -> str:
    value = int(time_s * 1000) << 80 | int.from_bytes(chance, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value & (1 << 128) - 1))
