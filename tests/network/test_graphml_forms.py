"""GraphML as tools other than OSMnx write it: defaults, directions, lengths and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stopline.network.access import Access
from stopline.network.geodesy import distance_m
from stopline.network.reading import read_network
from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

FIELDS = ("osmid", "highway", "maxspeed", "speed_kph", "length", "geometry", "access")
METRES = float(distance_m(9.5, 47.0, 9.51, 47.0))


def read(folder: Path, *edges: dict[str, str], head: str = "", default: str = "") -> RoadNetwork:
    keys = "".join(
        f'<key id="{name}" for="edge" attr.name="{name}">'
        + (
            f"<default>{default.partition('=')[2]}</default>"
            if default[: len(name)] == name
            else ""
        )
        + "</key>"
        for name in FIELDS
    )
    nodes = "".join(
        f'<node id="{v}"><data key="x">{9.5 + v * 0.01}</data><data key="y">47</data></node>'
        for v in range(2)
    )
    lines = "".join(
        f'<edge source="0" target="1" {edge.pop("at", "")}>'
        + "".join(f'<data key="{k}">{v}</data>' for k, v in edge.items())
        + "</edge>"
        for edge in map(dict, edges)
    )
    (folder / "g.graphml").write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="x" for="node" attr.name="x"/><key id="y" for="node" attr.name="y"/>'
        f"{keys}<graph {head}>{nodes}{lines}</graph></graphml>"
    )
    return read_network(folder / "g.graphml")


def test_what_a_key_says_holds_for_edges_that_do_not_say_it(tmp_path: Path) -> None:
    network = read(tmp_path, {"highway": "primary"}, default="access=private")
    assert network.section_access.tolist() == [int(Access.PRIVATE | Access.UNIT_SIGN)]


@pytest.mark.parametrize(
    ("head", "at", "direction"),
    [
        ('edgedefault="undirected"', "", Direction.BOTH),
        ('edgedefault="undirected"', 'directed="true"', Direction.FORWARD),
        ('edgedefault="directed"', 'directed="false"', Direction.BOTH),
        ('edgedefault="directed"', "", Direction.FORWARD),
    ],
)
def test_an_edge_may_tell_its_own_direction(
    tmp_path: Path, head: str, at: str, direction: Direction
) -> None:
    network = read(tmp_path, {"highway": "primary", "at": at}, head=head)
    assert network.section_unit_direction.tolist() == [direction]


def test_a_shape_that_runs_the_other_way_round(tmp_path: Path) -> None:
    bent = "LINESTRING (9.51 47, 9.508 47.001, 9.502 47.001, 9.5 47)"
    network = read(tmp_path, {"highway": "primary", "geometry": bent})
    assert network.geometry(0)[:, 0].tolist() == pytest.approx([9.5, 9.502, 9.508, 9.51])
    assert METRES < float(network.section_length_m[0]) < 1.2 * METRES


@pytest.mark.parametrize(
    ("told", "vehicle", "unit"),
    [(METRES, 80, 80), (METRES * 5, 80, 16), (METRES / 2, 80, 80), (0, 80, 80)],
)
def test_a_length_that_is_not_that_of_the_shape(
    tmp_path: Path, told: float, vehicle: float, unit: float
) -> None:
    network = read(tmp_path, {"highway": "primary", "maxspeed": "80", "length": str(told)})
    kmh = network.section_speed_mps[0] * 3.6, network.section_unit_speed_mps[0] * 3.6
    assert kmh == pytest.approx((vehicle, unit))


def test_a_shape_longer_than_the_road_does_not_slow_the_vehicle(tmp_path: Path) -> None:
    detour = "LINESTRING (9.5 47, 9.505 47.01, 9.51 47)"
    edge = {"highway": "primary", "maxspeed": "80", "geometry": detour, "length": str(METRES)}
    network = read(tmp_path, edge)
    seconds = network.section_length_m[0] / network.section_speed_mps[0]
    assert seconds == pytest.approx(METRES / (80 / 3.6))
    assert network.section_unit_speed_mps[0] * 3.6 == pytest.approx(80)


def test_speeds_that_were_made_of_limits(tmp_path: Path) -> None:
    network = read(tmp_path, {"highway": "residential", "speed_kph": "100"})
    kmh = network.section_speed_mps[0] * 3.6, network.section_unit_speed_mps[0] * 3.6
    assert kmh == pytest.approx((100, 50))


def test_an_edge_that_stands_twice_is_one_road_and_others_stay_two(tmp_path: Path) -> None:
    edge = {"highway": "primary", "osmid": "5"}
    assert read(tmp_path, edge, edge).sections == 1
    assert read(tmp_path, edge, {**edge, "osmid": "6"}).sections == 2
    assert read(tmp_path, {"highway": "primary"}, {"highway": "primary"}).sections == 2
    bent = {**edge, "geometry": "LINESTRING (9.5 47, 9.505 47.01, 9.51 47)"}
    assert read(tmp_path, edge, bent).sections == 2
