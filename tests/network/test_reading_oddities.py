"""Files as people have them: out of order, edited, joined, cut; nothing is lost without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import osmium
import pytest

from stopline.errors import BadInput
from stopline.network.info import describe
from stopline.network.reading import read_network
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

LINE = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 10)}
ROAD = {"highway": "primary"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">'


def found(network: RoadNetwork) -> dict[str, int]:
    return {one.kind: one.count for one in network.findings}


def balanced(network: RoadNetwork) -> bool:
    left = sum(one.count for one in network.findings if one.ways)
    return network.ways_in_file == network.ways_read + left


def shuffled(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([lines[0], *reversed(lines[1:-1]), lines[-1]])


def test_order_does_not_matter(read_osm_text: Callable[..., RoadNetwork]) -> None:
    text = osm_text(LINE, [(1, [1, 2, 3], ROAD), (2, [3, 4], {**ROAD, "name": "b"})])
    networks = [read_osm_text(text), read_osm_text(shuffled(text))]
    assert [n.section_id.tolist() for n in networks] == [[1, 2], [1, 2]]
    assert networks[0].findings == networks[1].findings


def test_ids_of_an_editor(read_osm_text: Callable[..., RoadNetwork]) -> None:
    text = osm_text(
        {-1: (9.5, 47.1), -2: (9.51, 47.1), 3: (9.52, 47.1), 4: (9.53, 47.1)},
        [(-7, [-1, -2, 3], ROAD), (8, [3, 4], ROAD), (9, [4, -2], {"highway": "residential"})],
        node_tags={-2: {"barrier": "gate"}},
    )
    text = text.replace('<way id="8"', "<way id='8' action='delete'")
    network = read_osm_text(text)
    assert sorted(set(network.section_id.tolist())) == [-7, 9]
    assert set(network.junction_id.tolist()) == {-1, -2, 3, 4}
    assert found(network)["deleted"] == 1
    assert network.junction_access[network.junction_id.tolist().index(-2)] > 0
    assert balanced(network)


def test_deleted_and_older_versions(read_osm_text: Callable[..., RoadNetwork]) -> None:
    nodes = "".join(
        f'<node id="{n}" version="1" lon="{x}" lat="{y}"/>' for n, (x, y) in LINE.items()
    )
    way = '<way id="{}" version="{}" {}>{}<tag k="highway" v="{}"/></way>'
    refs = '<nd ref="1"/><nd ref="2"/>'
    text = (
        HEAD
        + nodes
        + way.format(5, 1, "", refs, "service")
        + way.format(5, 3, "", refs, "primary")
        + way.format(5, 2, "", refs, "track")
        + way.format(6, 1, "", '<nd ref="3"/><nd ref="4"/>', "primary")
        + '<way id="6" version="2" visible="false"/>'
        + way.format(7, 1, 'visible="false"', '<nd ref="5"/><nd ref="6"/>', "primary")
        + "</osm>"
    )
    network = read_osm_text(text)
    assert network.section_id.tolist() == [5]
    assert network.class_of(0) == "primary"
    assert found(network)["several_versions"] == 2
    assert balanced(network)


def test_a_way_in_two_joined_extracts_is_one_road(tmp_path: Path) -> None:
    text = osm_text(LINE, [(1, [1, 2, 3], ROAD), (2, [3, 4], {**ROAD, "name": "b"})])
    other = osm_text(LINE, [(2, [3, 4], {**ROAD, "name": "b"}), (3, [4, 5], ROAD)])
    body = other.split('<osm version="0.6">')[1].replace("</osm>", "")
    (tmp_path / "joined.osm").write_text(text.replace("</osm>", body + "</osm>"))
    network = read_network(tmp_path / "joined.osm")
    assert sorted(network.section_id.tolist()) == [1, 2, 3]
    assert found(network)["several_versions"] == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [([1, 2, 3], [3, 4, 5]), ([1, 2, 3, 4], [2, 3, 4, 5]), ([3, 4, 5], [1, 2, 3])],
)
def test_a_way_that_was_cut_at_two_rims_is_whole(
    read_osm_text: Callable[..., RoadNetwork], one: list[int], other: list[int]
) -> None:
    network = read_osm_text(osm_text(LINE, [(1, one, ROAD), (1, other, ROAD), (2, [5, 6], ROAD)]))
    assert found(network)["several_copies"] == 1
    ends = network.section_tail.tolist() + network.section_head.tolist()
    assert sorted(network.junction_id[[n for n in set(ends) if ends.count(n) == 1]]) == [1, 6]
    assert float(network.section_length_m.sum()) == pytest.approx(5 * 75.69, rel=1e-3)
    assert (network.ways_in_file, network.ways_read) == (2, 2)
    assert balanced(network)


def test_copies_stand_where_the_newest_nodes_do(read_osm_text: Callable[..., RoadNetwork]) -> None:
    text = osm_text(LINE, [(1, [1, 2, 3], ROAD), (1, [3, 4, 5], ROAD)])
    older = "".join(f'<node id="{n}" version="0" lon="9.9" lat="47.1"/>' for n in LINE)
    network = read_osm_text(text.replace("</osm>", older + "</osm>"))
    assert float(network.section_length_m.sum()) == pytest.approx(4 * 75.69, rel=1e-3)


def test_an_older_copy_does_not_count(read_osm_text: Callable[..., RoadNetwork]) -> None:
    text = osm_text(LINE, [(1, [1, 2, 3], ROAD), (1, [1, 2], ROAD)])
    network = read_osm_text(text.replace('way id="1" version="1"', 'way id="1" version="2"', 1))
    assert "several_copies" not in found(network)
    assert float(network.section_length_m.sum()) == pytest.approx(2 * 75.69, rel=1e-3)


def test_parts_that_number_alike_are_refused(read_osm_text: Callable[..., RoadNetwork]) -> None:
    one = osm_text({-1: (9.5, 47.1), -2: (9.51, 47.1)}, [(-3, [-1, -2], ROAD)])
    two = osm_text({-1: (9.6, 47.1), -2: (9.61, 47.1)}, [(-4, [-1, -2], ROAD)])
    body = two.split('<osm version="0.6">')[1].replace("</osm>", "")
    with pytest.raises(BadInput, match=r"two nodes -1 of one version, 7,5\d\d m apart"):
        read_osm_text(one.replace("</osm>", body + "</osm>"))
    near = body.replace('lon="9.6"', 'lon="9.50001"').replace('lon="9.61"', 'lon="9.51"')
    assert found(read_osm_text(one.replace("</osm>", near + "</osm>")))["moved"] == 1


def test_ids_of_an_editor_in_a_packed_file(tmp_path: Path) -> None:
    places = {-1: (9.5, 47.1), -2: (9.51, 47.1), 3: (9.52, 47.1), 4: (9.53, 47.1)}
    text = osm_text(places, [(-7, [-1, -2, 3], ROAD), (8, [3, 4], {**ROAD, "name": "b"})])
    (tmp_path / "a.osm").write_text(text)
    with osmium.SimpleWriter(str(tmp_path / "b.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "a.osm")):
            writer.add(thing)
    gone = osmium.osm.mutable.Way(id=9, version=1, visible=False, nodes=[3, -1], tags=ROAD)
    with osmium.SimpleWriter(str(tmp_path / "c.osh.pbf")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "a.osm")):
            writer.add(thing)
        writer.add(gone)
    assert read_network(tmp_path / "c.osh.pbf").section_id.tolist() == [8, -7]
    plain, packed = read_network(tmp_path / "a.osm"), read_network(tmp_path / "b.osm.pbf")
    assert plain.section_id.tolist() == packed.section_id.tolist() == [8, -7]
    assert plain.section_length_m.tolist() == pytest.approx(packed.section_length_m.tolist())
    assert balanced(packed)


@pytest.mark.parametrize("ending", ["osm.pbf", "osm.gz"])
def test_packed_files_read_alike(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.osm").write_text(osm_text(LINE, [(1, [1, 2, 3], ROAD), (2, [3, 77, 4], ROAD)]))
    with osmium.SimpleWriter(str(tmp_path / f"b.{ending}")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "a.osm")):
            writer.add(thing)
    plain, packed = read_network(tmp_path / "a.osm"), read_network(tmp_path / f"b.{ending}")
    assert plain.findings == packed.findings
    assert np.array_equal(plain.section_id, packed.section_id)


def test_what_is_left_out_is_counted_and_named(read_osm_text: Callable[..., RoadNetwork]) -> None:
    ways = [
        (1, [1, 2], {**ROAD, "maxspeed": "80"}),
        (2, [2, 3], {"highway": "construction", "name": "New bridge"}),
        (3, [3, 4], {"highway": "footway"}),
        (4, [4, 5], {"highway": "steps"}),
        (5, [5, 55], {**ROAD, "name": "Lost road"}),
        (6, [5, 6, 5], {"highway": "pedestrian", "area": "yes"}),
        (7, [6, 7], {"route": "ferry", "name": "Ferry"}),
        (8, [7, 8], {"building": "yes"}),
        (9, [7, 8], {"highway": "platform"}),
        (10, [2, 8], {**ROAD, "access": "no", "name": "Shut road"}),
    ]
    network = read_osm_text(osm_text(LINE, ways))
    assert (network.ways_in_file, network.ways_read) == (9, 2)
    assert balanced(network)
    by_kind = {one.kind: one for one in network.findings}
    assert by_kind["unbuilt"].names == ("way 2 New bridge",)
    assert by_kind["nodes_missing"].names == ("way 5 Lost road",)
    assert by_kind["closed_by_sign"].names == ("way 10 Shut road",)
    lines = "\n".join(describe(network).lines())
    for part in ("9 ways that could be roads: 2 read, 7 left out", "New bridge", "Lost road"):
        assert part in lines
    assert describe(network).as_dict()["findings"][0]["group"] == "left out"


BANS = [
    ({"restriction": "no_left_turn"}, 1, ()),
    ({"restriction": "no_left_turn", "hour_on": "07:00"}, 0, ("bans_at_hours",)),
    ({"restriction:conditional": "no_left_turn @ (07:00-19:00)"}, 0, ("bans_at_hours",)),
    ({"restriction": "no_left_turn @ (Mo-Fr)"}, 0, ("bans_at_hours",)),
    ({"restriction": "no_right_turn_on_red"}, 0, ("bans_at_hours",)),
    ({"restriction": "no_left_turn", "type": "disused:restriction"}, 0, ("bans_at_hours",)),
    ({"disused:restriction": "no_left_turn"}, 0, ()),
    ({"restriction:motorcar": "no_left_turn"}, 1, ()),
    ({"restriction:hgv": "no_left_turn"}, 0, ()),
    ({"restriction": "no_left_turn", "except": "motor_vehicle"}, 0, ()),
    ({"restriction": "left_please"}, 0, ("bans_unread",)),
]


@pytest.mark.parametrize(("tags", "bans", "kinds"), BANS)
def test_only_plain_bans_bind(
    read_osm_text: Callable[..., RoadNetwork],
    tags: dict[str, str],
    bans: int,
    kinds: tuple[str, ...],
) -> None:
    ways = [(10 + n, [n, 2], {**ROAD, "name": str(n)}) for n in (1, 3, 4)]
    members = [("way", 11, "from"), ("node", 2, "via"), ("way", 13, "to")]
    relation = (100, members, {"type": "restriction", **tags})
    network = read_osm_text(osm_text({**LINE, 4: (9.502, 47.101)}, ways, [relation]))
    assert network.turn_via.size == bans
    assert {k for k in found(network) if k.startswith("bans")} == set(kinds)


@pytest.mark.parametrize(
    "members",
    [
        [("way", 11, "from"), ("way", 14, "via"), ("way", 13, "to")],
        [("way", 99, "from"), ("node", 2, "via"), ("way", 13, "to")],
        [("way", 11, "from"), ("node", 99, "via"), ("way", 13, "to")],
        [("way", 11, "from"), ("way", 13, "to")],
    ],
)
def test_bans_with_missing_or_other_members_bind_nobody_and_are_counted(
    read_osm_text: Callable[..., RoadNetwork], members: list[tuple[str, int, str]]
) -> None:
    ways = [(10 + n, [n, 2], {**ROAD, "name": str(n)}) for n in (1, 3, 4)]
    relation = (100, members, {"type": "restriction", "restriction": "no_left_turn"})
    network = read_osm_text(osm_text({**LINE, 4: (9.502, 47.101)}, ways, [relation]))
    assert network.turn_via.size == 0
    assert sum(count for kind, count in found(network).items() if kind.startswith("bans")) == 1


def test_a_gap_in_a_border_is_told_with_place_and_width(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    """Two states part at a line of which the middle way is missing."""
    places = {
        1: (9.4, 47.0), 2: (9.6, 47.0),  # a road from west to east
        10: (9.5, 46.0), 11: (9.5, 46.99), 12: (9.5, 47.01), 13: (9.5, 48.0),
        20: (9.0, 46.5), 21: (10.0, 47.5),
    }  # fmt: skip
    border = {"boundary": "administrative", "admin_level": "2"}
    ways = [
        (1, [1, 2], ROAD),
        (2, [20, 1], {**ROAD, "name": "w"}),
        (3, [2, 21], {**ROAD, "name": "e"}),
        (30, [10, 11], {"boundary": "administrative"}),
        (31, [12, 13], {"boundary": "administrative"}),
    ]
    relations = [
        (
            number,
            [("way", 30, "outer"), ("way", 99, "outer"), ("way", 31, "outer")],
            {"type": "boundary", "ISO3166-1:alpha2": name, **border},
        )
        for number, name in ((50, "AA"), (51, "BB"))
    ]
    network = read_osm_text(osm_text(places, ways, relations))
    gap = next(one for one in network.findings if one.kind == "border_gap")
    assert gap.group == "guessed"
    assert gap.names == ("AA and BB at 9.50000 46.99000, 2,224 m wide",)
