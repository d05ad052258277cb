"""The size that a picture file states, before anything of it is decoded."""

from __future__ import annotations

from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_NO_SIZE: Final = frozenset({0xC4, 0xC8, 0xCC})  # markers among those that begin a frame
_LEAST: Final = 30  # bytes; no picture is shorter


def stated_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height, pixels; None for what is no JPEG, PNG, WebP or BMP."""
    if len(data) < _LEAST:
        return None
    if data.startswith(_PNG):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data.startswith(b"BM"):
        wide = int.from_bytes(data[18:22], "little", signed=True)
        return abs(wide), abs(int.from_bytes(data[22:26], "little", signed=True))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    return _jpeg(data) if data.startswith(_JPEG) else None


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        wide, high = data[26:28], data[28:30]
        return int.from_bytes(wide, "little") & 0x3FFF, int.from_bytes(high, "little") & 0x3FFF
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    place = len(_JPEG)
    while place + 9 < len(data) and data[place] == 0xFF:  # noqa: PLR2004  (a marker)
        kind = data[place + 1]
        if kind == 0xFF:  # noqa: PLR2004  (filled up)
            place += 1
            continue
        if 0xC0 <= kind <= 0xCF and kind not in _NO_SIZE:  # noqa: PLR2004  (start of frame)
            high, wide = data[place + 5 : place + 7], data[place + 7 : place + 9]
            return int.from_bytes(wide, "big"), int.from_bytes(high, "big")
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
