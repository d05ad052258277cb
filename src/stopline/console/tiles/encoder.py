"""Mapbox Vector Tile 2.1: lines and polygons of one layer as bytes, encoded with numpy.

The commands of all geometries of a layer are laid out as one integer array and turned into
variable-length bytes at once; only the frame of each feature is put together in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EXTENT: Final = 4096
LINE: Final = 2
_MOVE: Final = 9  # command 1, once
_LINE_TO: Final = 2
_BYTE: Final = 0x80
_STRING, _UNSIGNED = 0x0A, 0x28  # fields 1 and 5 of a value


def line_layer(
    name: str,
    ids: NDArray[np.int64],
    lines: NDArray[Any],
    tags: Sequence[Sequence[tuple[str, str | int]]],
) -> bytes:
    """Encode a layer of lines.

    Args:
        name: of the layer.
        ids: int64[n], id of each feature.
        lines: shapely lines or multilines in tile coordinates, object[n]; empty ones are left out.
        tags: key and value of each feature.

    Returns:
        The layer as field 3 of a tile; empty bytes if nothing is left.
    """
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    at = np.rint(points).astype(np.int64)
    # Neighbours that fall on one place say nothing.
    keep = np.ones(len(at), dtype=bool)
    keep[1:] = (part[1:] != part[:-1]) | (at[1:] != at[:-1]).any(axis=1)
    at, part = at[keep], part[keep]
    count = np.bincount(part, minlength=len(parts))
    whole = count >= 2  # noqa: PLR2004  (a line has two ends)
    at, part = at[whole[part]], part[whole[part]]
    owner, count = owner[whole], count[whole]
    if not len(owner):
        return b""
    commands, begins = _commands(at, count, owner)
    data, sizes = _varints(commands)
    ends = np.concatenate((np.cumsum(sizes), [0]))  # the last is for an empty begin
    features = _TileFeatures(name)
    of_owner = np.flatnonzero(np.diff(owner, prepend=-1))
    first = begins[of_owner]
    last = np.concatenate((first[1:], [len(commands)]))
    from_byte = np.where(first > 0, ends[first - 1], 0)
    for number, begin, end in zip(
        owner[of_owner].tolist(), from_byte.tolist(), ends[last - 1].tolist(), strict=True
    ):
        features.add(int(ids[number]), LINE, tags[number], data[begin:end])
    return features.layer()


def _commands(
    at: NDArray[np.int64], count: NDArray[np.int64], owner: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Lay out the commands of all lines, and say where each line's begin.

    A line of n points is: move, dx, dy, line to (n - 1), then dx, dy for each further point. The
    cursor goes on from the last point of the line before in the same feature.
    """
    first = np.concatenate(([0], np.cumsum(count)[:-1]))
    before = np.concatenate((np.zeros((1, 2), np.int64), at[:-1]))
    begins_feature = np.diff(owner, prepend=-1) != 0
    before[first[begins_feature]] = 0
    delta = at - before
    zigzag = ((delta << 1) ^ (delta >> 63)).astype(np.uint64)
    length = 2 + 2 * count
    begins = np.concatenate(([0], np.cumsum(length)[:-1]))
    commands = np.zeros(int(length.sum()), np.uint64)
    commands[begins] = _MOVE
    commands[begins + 3] = ((count - 1) << 3) | _LINE_TO
    # Point k of a line stands 1 + 2k behind its begin, and one further behind the second command.
    order = np.arange(len(at)) - np.repeat(first, count)
    place = np.repeat(begins, count) + 1 + 2 * order + (order > 0)
    commands[place] = zigzag[:, 0]
    commands[place + 1] = zigzag[:, 1]
    return commands, begins


def _varints(values: NDArray[np.uint64]) -> tuple[bytes, NDArray[np.int64]]:
    """Write integers below 2^35 as variable-length bytes; give the size of each, too."""
    sizes = np.ones(len(values), np.int64)
    for bits in (7, 14, 21, 28):
        sizes += values >= np.uint64(1 << bits)
    begins = np.cumsum(sizes) - sizes
    out = np.zeros(int(sizes.sum()), np.uint8)
    for number in range(5):
        has = sizes > number
        part = (values[has] >> np.uint64(7 * number)) & np.uint64(_BYTE - 1)
        more = np.where(sizes[has] > number + 1, _BYTE, 0).astype(np.uint64)
        out[begins[has] + number] = (part | more).astype(np.uint8)
    return out.tobytes(), sizes


class _TileFeatures:
    """Features of one layer as they are put together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._features: list[bytes] = []
        self._keys: dict[str, int] = {}
        self._values: dict[str | int, int] = {}

    def add(
        self, number: int, kind: int, tags: Sequence[tuple[str, str | int]], geometry: bytes
    ) -> None:
        numbers = b"".join(
            varint(self._keys.setdefault(key, len(self._keys)))
            + varint(self._values.setdefault(value, len(self._values)))
            for key, value in tags
        )
        body = b"".join(
            (
                b"\x08", varint(number), b"\x12", varint(len(numbers)), numbers,
                b"\x18", varint(kind), b"\x22", varint(len(geometry)), geometry,
            )
        )  # fmt: skip
        self._features.append(b"\x12" + varint(len(body)) + body)

    def layer(self) -> bytes:
        """The layer: its name, features, keys, values, extent and version."""
        keys = (_field(b"\x1a", key.encode()) for key in self._keys)
        values = (_field(b"\x22", _value(value)) for value in self._values)
        body = b"".join(
            (
                b"\x78\x02", _field(b"\x0a", self._name.encode()), *self._features, *keys, *values,
                b"\x28", varint(EXTENT),
            )
        )  # fmt: skip
        return _field(b"\x1a", body)


def varint(value: int) -> bytes:
    """Write one integer as variable-length bytes."""
    out = bytearray()
    while value >= _BYTE:
        out.append((value & (_BYTE - 1)) | _BYTE)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(mark: bytes, content: bytes) -> bytes:
    return mark + varint(len(content)) + content


def _value(value: str | int) -> bytes:
    if isinstance(value, str):
        return _field(bytes((_STRING,)), value.encode())
    return bytes((_UNSIGNED,)) + varint(value)
