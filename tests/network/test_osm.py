"""Sections, restrictions, barriers and broken files of the OpenStreetMap reader."""

from __future__ import annotations

import bz2
import gzip
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import osmium
import pytest

from stopline.errors import BadInput
from stopline.network.access import Access
from stopline.network.invariants import violations
from stopline.network.reading import read_network
from stopline.network.road_network import SectionFlag
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork
    from stopline.testing.osm_text import Relation


DATA = Path(os.environ.get("STOPLINE_DATA", "/work/shared/data"))
LINE = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 10)}

ROAD = {"highway": "primary"}


def turns(network: RoadNetwork) -> set[tuple[int, int, int]]:
    ids = network.section_id
    return {
        (int(ids[a]), int(network.junction_id[v]), int(ids[b]))
        for a, v, b in zip(network.turn_from, network.turn_via, network.turn_to, strict=True)
    }


def test_shape_points_become_geometry(read_osm_text: Callable[..., RoadNetwork]) -> None:
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 3, 4], ROAD)]))
    assert (network.junctions, network.sections) == (2, 1)
    assert np.allclose(sorted(network.geometry(0)[:, 0]), [9.501, 9.502, 9.503, 9.504])
    assert network.section_length_m[0] == pytest.approx(3 * 75.69, rel=1e-3)


@pytest.mark.parametrize(
    ("second", "sections"),
    [({}, 1), ({"name": "x"}, 2), ({"maxspeed": "30"}, 2), ({"bridge": "yes"}, 2)],
)
@pytest.mark.parametrize("refs", [[3, 4, 5], [5, 4, 3]])
def test_ways_join_only_if_they_agree(
    read_osm_text: Callable[..., RoadNetwork],
    second: dict[str, str],
    sections: int,
    refs: list[int],
) -> None:
    ways = [(1, [1, 2, 3], ROAD), (2, refs, {**ROAD, **second})]
    network = read_osm_text(osm_text(LINE, ways))
    assert network.sections == sections
    assert network.section_length_m.sum() == pytest.approx(4 * 75.69, rel=1e-3)
    for section in range(sections):
        assert np.all(np.abs(np.diff(network.geometry(section)[:, 0])) < 0.0011)


def test_one_way_roads_join_only_head_to_tail(read_osm_text: Callable[..., RoadNetwork]) -> None:
    one = {**ROAD, "oneway": "yes"}
    assert read_osm_text(osm_text(LINE, [(1, [1, 2], one), (2, [2, 3], one)])).sections == 1
    assert read_osm_text(osm_text(LINE, [(1, [2, 1], one), (2, [3, 2], one)])).sections == 1
    assert read_osm_text(osm_text(LINE, [(1, [1, 2], one), (2, [3, 2], one)])).sections == 2
    back = {**ROAD, "oneway": "-1"}
    joined = read_osm_text(osm_text(LINE, [(1, [1, 2], one), (2, [3, 2], back)]))
    assert joined.sections == 1
    assert joined.junction_id[joined.section_tail[0]] == 1


def test_odd_shapes(read_osm_text: Callable[..., RoadNetwork]) -> None:
    places = {**LINE, 20: (9.502, 47.101), 21: (9.503, 47.101)}
    ways = [
        (1, [1, 2, 3, 21, 20, 2], ROAD),  # a lollipop: a loop at junction 2
        (2, [5, 6], ROAD),
        (3, [5, 20, 6], {**ROAD, "name": "other"}),  # through 20, a second road from 5 to 6
        (4, [7, 7, 8], ROAD),  # a repeated point
        (5, [9], ROAD),  # a single point
        (6, [9, 8, 9], {**ROAD, "name": "there and back"}),
    ]
    network = read_osm_text(osm_text(places, ways))
    assert violations(network) == []
    assert 5 not in network.section_id


def test_ring_of_its_own(read_osm_text: Callable[..., RoadNetwork]) -> None:
    ways = [(1, [1, 2, 3, 1], {"highway": "service"}), (2, [7, 8], ROAD), (3, [8, 9, 7], ROAD)]
    network = read_osm_text(osm_text(LINE, ways))
    assert network.sections == 2
    assert np.array_equal(network.section_tail, network.section_head)
    assert violations(network) == []


def test_the_vehicle_crosses_a_gap_and_no_unit(read_osm_text: Callable[..., RoadNetwork]) -> None:
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 77, 3, 4, 78], ROAD)]))
    assert sorted(network.junction_id) == [1, 2, 3, 4]
    gaps = np.flatnonzero(network.section_access & int(Access.UNSURE))
    ends = {int(network.section_tail[gaps[0]]), int(network.section_head[gaps[0]])}
    assert gaps.size == 1
    assert {int(network.junction_id[end]) for end in ends} == {2, 3}
    assert {one.kind: one.count for one in network.findings if one.matters} == {
        "gaps": 1,
        "leaves_map": 1,
    }


CROSS = {1: (9.5, 47.1), 2: (9.499, 47.1), 3: (9.501, 47.1), 4: (9.5, 47.101), 5: (9.5, 47.099)}
ARMS = [(10 + end, [end, 1], {**ROAD, "name": str(end)}) for end in (2, 3, 4, 5)]


def restriction(
    rule: str,
    tags: dict[str, str] | None = None,
    via: tuple[str, int, str] = ("node", 1, "via"),
) -> Relation:
    members = [("way", 12, "from"), via, ("way", 13, "to")]
    return (100, members, {"type": "restriction", "restriction": rule, **(tags or {})})


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (restriction("no_straight_on"), {(12, 1, 13)}),
        (restriction("only_straight_on"), {(12, 1, 12), (12, 1, 14), (12, 1, 15)}),
        (restriction("no_straight_on", {"except": "bus;motorcar"}), set()),
        (restriction("no_straight_on", {"except": "bus"}), {(12, 1, 13)}),
        (restriction("no_straight_on", via=("way", 14, "via")), set()),
        (restriction("no_straight_on", via=("node", 99, "via")), set()),
        (restriction("nonsense"), set()),
    ],
)
def test_turn_restrictions(
    read_osm_text: Callable[..., RoadNetwork],
    relation: Relation,
    expected: set[tuple[int, int, int]],
) -> None:
    assert turns(read_osm_text(osm_text(CROSS, ARMS, [relation]))) == expected


def test_barriers_flag_sections(read_osm_text: Callable[..., RoadNetwork]) -> None:
    tags = {2: {"barrier": "gate"}, 5: {"barrier": "border_control"}, 8: {"barrier": "kerb"}}
    ways = [(1, [1, 2, 3], ROAD), (2, [4, 5], ROAD), (3, [5, 6], {**ROAD, "name": "b"})]
    text = osm_text(LINE, [*ways, (4, [7, 8, 9], ROAD)], node_tags=tags)
    network = read_osm_text(text)
    flagged = network.section_id[(network.section_flags & int(SectionFlag.BARRIER)) > 0]
    assert set(flagged.tolist()) == {1, 2, 3}


def test_compressed_files_read_alike(tmp_path: Path) -> None:
    text = osm_text(LINE, [(1, [1, 2], ROAD)]).encode()
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.osm.bz2").write_bytes(bz2.compress(text))
    for name in ("a.osm.gz", "a.osm.bz2"):
        assert read_network(tmp_path / name).sections == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<osm",
        "<html></html>",
        '<osm version="0.6"></osm>',
        osm_text(LINE, [(1, [1, 2], {"highway": "footway"})]),
        osm_text({}, [(1, [1, 2], ROAD)]),
        '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6">&a;</osm>',
    ],
)
def test_bad_files(read_osm_text: Callable[..., RoadNetwork], text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_osm_text(text)
    assert "small.osm" in str(caught.value)


@pytest.mark.parametrize("ending", ["osm.pbf", "osm", "osm.gz", "osm.bz2"])
def test_damaged_files_give_bad_input_or_a_sound_network(tmp_path: Path, ending: str) -> None:
    text = osm_text(CROSS, ARMS, [restriction("no_left_turn")]).encode()
    if ending == "osm.pbf":
        source, target = tmp_path / "s.osm", tmp_path / "whole.osm.pbf"
        source.write_bytes(text)
        with osmium.SimpleWriter(str(target)) as writer:
            for thing in osmium.FileProcessor(str(source)):
                writer.add(thing)
        whole = target.read_bytes()
    else:
        pack = {"osm": bytes, "osm.gz": gzip.compress, "osm.bz2": bz2.compress}[ending]
        whole = pack(text)
    rng = random.Random(1)
    for turn in range(60):
        broken = bytearray(whole[: rng.randrange(len(whole))] if turn % 2 else whole)
        for _ in range(rng.randrange(1, 6)):
            if broken:
                broken[rng.randrange(len(broken))] = rng.randrange(256)
        path = tmp_path / f"broken{turn}.{ending}"
        path.write_bytes(broken)
        try:
            network = read_network(path)
        except BadInput:
            continue
        assert violations(network) == []


@pytest.mark.skipif(not DATA.exists(), reason="development data is not here")
def test_truncated_pbf(tmp_path: Path) -> None:
    whole = (DATA / "liechtenstein/liechtenstein.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match=r"cut\.osm\.pbf"):
        read_network(path)
