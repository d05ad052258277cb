"""The memory-mapped copy: the same network, made anew when anything changed or broke."""

from __future__ import annotations

import os
import random
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stopline.errors import BadInput
from stopline.network.cache import cache_place, open_network
from stopline.network.invariants import violations
from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

PLACES = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 6)}
WAYS = [
    (1, [1, 2, 3], {"highway": "primary", "name": "Straße"}),
    (2, [3, 4], {"highway": "service", "name": "x"}),
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "small.osm"
    file.write_text(osm_text(PLACES, WAYS))
    return file


def same(one: RoadNetwork, two: RoadNetwork) -> bool:
    left, right = ({n: getattr(x, n) for n in x.__dataclass_fields__} for x in (one, two))
    left.pop("digest"), right.pop("digest")
    return all(
        np.array_equal(left[n], right[n]) and type(left[n]) is type(right[n])
        and (not isinstance(left[n], np.ndarray) or left[n].dtype == right[n].dtype)
        for n in left
    )  # fmt: skip


def test_copy_equals_reading(path: Path) -> None:
    first, plain = open_network(path), read_network(path)
    second = open_network(path)
    assert same(first, plain)
    assert same(second, plain)
    assert violations(second) == []
    assert not second.section_length_m.flags.writeable
    assert len(second.digest) == 64
    place = cache_place(path)
    assert place is not None
    assert place.parent == path.with_name("small.osm.stopline-cache")


def test_settings_and_content_are_told_apart(path: Path) -> None:
    assert open_network(path).sections == 2
    assert open_network(path, ReadSettings(include_service=False)).sections == 1
    path.write_text(osm_text(PLACES, WAYS[:1]))
    assert open_network(path).sections == 1
    before = path.stat()
    path.write_text(osm_text(PLACES, [(1, [1, 2, 4], WAYS[0][2])]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert open_network(path).geometry(0)[:, 0].max() == pytest.approx(9.504)


def test_touched_file_keeps_its_copy(path: Path) -> None:
    open_network(path)
    place = cache_place(path)
    assert place is not None
    made = place.stat().st_mtime_ns
    os.utime(path, ns=(1, 1))
    open_network(path)
    assert place.stat().st_mtime_ns == made


def test_read_only_folder_uses_the_user_cache(path: Path, tmp_path: Path) -> None:
    path.parent.chmod(0o555)
    open_network(path)
    path.parent.chmod(0o755)
    assert [p.name for p in path.parent.iterdir()] == ["small.osm"]
    place = cache_place(path)
    assert place is not None
    assert tmp_path / "user" in place.parents


def test_no_place_at_all_still_reads(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    path.parent.chmod(0o555)
    assert open_network(path).sections == 2
    path.parent.chmod(0o755)


def test_damaged_copy_is_made_anew(path: Path) -> None:
    plain = open_network(path)
    place = cache_place(path)
    assert place is not None
    whole = place.read_bytes()
    rng = random.Random(4)
    header = 8 + int.from_bytes(whole[:8], "little")
    for turn in range(80):
        broken = bytearray(whole)
        if turn % 2:
            broken = broken[: rng.randrange(len(broken))]
        else:
            end = header if turn % 4 else len(broken)
            broken[rng.randrange(end)] ^= rng.randrange(1, 256)
        place.write_bytes(broken)
        assert same(open_network(path), plain)


def test_many_at_once(path: Path) -> None:
    results: list[RoadNetwork] = []
    threads = [
        threading.Thread(target=lambda: results.append(open_network(path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(same(results[0], network) for network in results)
    folder = path.with_name("small.osm.stopline-cache")
    assert [file.suffix for file in folder.iterdir()] == [".network"]


def test_unknown_file_and_settings(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        open_network(tmp_path / "none.osm.pbf")
    (tmp_path / "a.txt").touch()
    with pytest.raises(BadInput, match="the name"):
        open_network(tmp_path / "a.txt")
    with pytest.raises(BadInput, match="length_unit") as caught:
        ReadSettings(kind="x", length_unit="y", class_speed_kmh={"primary": -1.0, "lane": 5.0})
    assert len(caught.value.faults) == 4
