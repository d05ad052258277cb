"""Whoever changes what a reader gives must raise the readers' version, or old copies lie."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stopline.network import cache
from stopline.network.cache import open_network
from stopline.network.readers import READERS
from stopline.network.reading import read_network
from stopline.network.road_network import RoadNetwork

if TYPE_CHECKING:
    import pytest

CASES = Path(__file__).parent / "cases"
FIXTURES = (
    "01-bollard-unit/map.osm",
    "03-ways-before-nodes/map.osm",
    "oddities.osm",
    "06-osm2gmns",
    "07-gmns-two-directed-links",
    "10-bridge-closed-by-sign/map.osm",
    "13-night-speed-limit/map.osm",
    "19-alarm-in-a-closed-yard/map.osm",
)
# What the readers of each version make of the fixtures. Change the readers: raise READERS in
# stopline/network/readers/__init__.py, and write the new digest here.
DIGESTS = {10: "72660dafa28b2a1a"}


def digest() -> str:
    total = hashlib.sha256()
    for name in FIXTURES:
        network = read_network(CASES / name)
        for field in RoadNetwork.__dataclass_fields__:
            value = getattr(network, field)
            if isinstance(value, np.ndarray):
                plain = value.astype("<f8").round(9) if value.dtype.kind == "f" else value
                total.update(np.ascontiguousarray(plain).tobytes())
            elif field not in ("source", "digest"):
                total.update(repr(value).encode())
    return total.hexdigest()[:16]


def test_a_change_of_the_readers_raises_their_version() -> None:
    assert DIGESTS.get(READERS) == digest(), "the readers give something else: raise READERS"


def test_copies_of_other_readers_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.osm"
    path.write_bytes((CASES / "01-bollard-unit/map.osm").read_bytes())
    first = open_network(path)
    monkeypatch.setattr(cache, "READERS", READERS + 1)
    asked: list[Path] = []
    read = cache.read_network
    monkeypatch.setattr(
        cache, "read_network", lambda *args, **more: (asked.append(path), read(*args, **more))[1]
    )
    second = open_network(path)
    assert asked == [path]
    assert first.digest != second.digest


def test_other_content_of_the_same_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "map.osm"
    text = (CASES / "01-bollard-unit/map.osm").read_text()
    path.write_text(text)
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    assert "Old Lane" in open_network(path).names
    path.write_text(text.replace("Old Lane", "New Lane"))
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    assert "New Lane" in open_network(path).names
