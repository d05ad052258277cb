"""A small reader of Mapbox Vector Tiles 2.1, written from the specification alone."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Layer:
    """A layer as it was read; features by id with tags and lines in tile units."""

    name: str = ""
    extent: int = 0
    version: int = 0
    features: dict[int, tuple[dict[str, Any], list[list[tuple[int, int]]]]] = field(
        default_factory=dict
    )


def read_tile(packed: bytes) -> Layer:
    """Read a tile of one layer."""
    ((number, body),) = _fields(gzip.decompress(packed))
    assert number == 3
    layer, keys, values, found = Layer(), [], [], []
    for number, value in _fields(body):
        if number == 1:
            layer.name = value.decode()
        elif number == 2:
            found.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            ((kind, content),) = _fields(value)
            values.append(content.decode() if kind == 1 else content)
        elif number == 5:
            layer.extent = value
        elif number == 15:
            layer.version = value
    for body in found:
        parts = dict(_fields(body))
        assert parts[3] == 2  # a line
        tags = _packed(parts[2])
        named = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        layer.features[parts[1]] = named, _lines(_packed(parts[4]))
    return layer


def _lines(commands: list[int]) -> list[list[tuple[int, int]]]:
    lines: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 1:
            assert count == 1
            lines.append([])
        else:
            assert command == 2
        for _ in range(count):
            dx, dy = (_zigzag(commands[at]), _zigzag(commands[at + 1]))
            x, y, at = x + dx, y + dy, at + 2
            lines[-1].append((x, y))
    return lines


def _zigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _fields(data: bytes) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    at = 0
    while at < len(data):
        head, at = _varint(data, at)
        if head & 7 == 0:
            value, at = _varint(data, at)
            found.append((head >> 3, value))
        else:
            assert head & 7 == 2
            length, at = _varint(data, at)
            found.append((head >> 3, data[at : at + length]))
            at += length
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
