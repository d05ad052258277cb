"""GMNS and GraphML as people and tools write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stopline.errors import BadInput
from stopline.network.access import Access
from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network
from stopline.network.road_network import Direction

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

NODES = "node_id,x_coord,y_coord\n7,20,50\na7,20.1,50\n07,20.2,50\n"
METRES = 7147.0


def read(folder: Path, links: str, *, config: str = "", **settings: object) -> RoadNetwork:
    (folder / "node.csv").write_text(NODES)
    (folder / "link.csv").write_text(links)
    if config:
        (folder / "config.csv").write_text(f"long_length,speed\n{config}\n")
    return read_network(folder, ReadSettings(**settings))  # type: ignore[arg-type]


def link(header: str, *rows: str) -> str:
    return f"from_node_id,to_node_id,{header}\n" + "".join(f"{row}\n" for row in rows)


def test_ids_that_are_no_numbers_stay_apart(tmp_path: Path) -> None:
    network = read(tmp_path, link("name", "7,a7,x", "a7,07,y", "7.0,07,z"))
    assert (network.junctions, network.sections) == (3, 3)
    assert len(set(network.junction_id.tolist())) == 3


@pytest.mark.parametrize(
    ("uses", "is_road", "access"),
    [
        ("auto", True, 0), ("ALL", True, 0), ("", True, 0), ("car;walk", True, 0),
        ("auto|bike", True, 0), ("drive", True, 0), ("sov", True, 0),
        ("walk", False, 0), ("WALK;BIKE", False, 0), ("railway", False, 0), ("aeroway", False, 0),
        ("bus", True, int(Access.PRIVATE | Access.UNIT_SIGN)), ("hover", True, int(Access.UNSURE)),
    ],
)  # fmt: skip
def test_allowed_uses(
    tmp_path: Path,
    uses: str,
    is_road: bool,  # noqa: FBT001
    access: int,
) -> None:
    network = read(tmp_path, link("link_id,allowed_uses", f"7,a7,1,{uses}", "a7,07,2,auto"))
    assert (1 in network.section_id) is is_road
    assert network.ways_in_file == 2
    assert network.ways_read == 1 + is_road
    if is_road:
        assert network.section_access[0] == access


@pytest.mark.parametrize(
    ("header", "cells", "vehicle", "unit"),
    [
        ("directed", "1", Direction.FORWARD, Direction.FORWARD),
        ("directed", "false", Direction.BOTH, Direction.BOTH),
        ("directed", "", Direction.BOTH, Direction.FORWARD),
        ("directed", "-1", Direction.BOTH, Direction.FORWARD),
        ("dir_flag", "1", Direction.FORWARD, Direction.FORWARD),
        ("dir_flag", "0", Direction.BOTH, Direction.BOTH),
        ("dir_flag", "-1", Direction.BOTH, Direction.NEITHER),
        ("dir_flag", "", Direction.BOTH, Direction.FORWARD),
        ("dir_flag,from_biway", "1,1", Direction.BOTH, Direction.FORWARD),
        ("directed,dir_flag", "1,-1", Direction.FORWARD, Direction.FORWARD),
    ],
)
def test_direction(
    tmp_path: Path, header: str, cells: str, vehicle: Direction, unit: Direction
) -> None:
    network = read(tmp_path, link(header, f"7,a7,{cells}"))
    assert network.section_direction.tolist() == [vehicle]
    assert network.section_unit_direction.tolist() == [unit]


def test_links_against_each_other_are_one_road_unless_something_tells_them_apart(
    tmp_path: Path,
) -> None:
    rows = ("7,a7,1,x,7147,80", "a7,7,1,x,7150,100", "a7,07,1,up,7147,50", "07,a7,1,down,7147,50")
    network = read(tmp_path, link("directed,name,length,free_speed", *rows))
    assert network.sections == 3
    joined = int(np.flatnonzero(network.section_direction == Direction.BOTH)[0])
    assert network.section_speed_mps[joined] * 3.6 == pytest.approx(100)
    assert network.section_unit_speed_mps[joined] * 3.6 == pytest.approx(80)
    assert network.section_length_m[joined] == METRES


@pytest.mark.parametrize(
    ("config", "length", "speed", "kmh"),
    [
        ("mile,mph", 4.441, 50, 80.4672), ("km,km/h", 7.147, 50, 50), ("meter,m/s", 7147, 20, 72),
        ("foot,mph", 23448, 30, 48.28032), ("km,knots", 7.147, 30, 55.56),
    ],
)  # fmt: skip
def test_units_of_config(
    tmp_path: Path, config: str, length: float, speed: float, kmh: float
) -> None:
    network = read(tmp_path, link("length,free_speed", f"7,a7,{length},{speed}"), config=config)
    assert network.section_length_m[0] == pytest.approx(METRES, rel=1e-3)
    assert network.section_speed_mps[0] * 3.6 == pytest.approx(kmh)


def test_units_that_nobody_told(tmp_path: Path) -> None:
    network = read(tmp_path, link("length,free_speed", "7,a7,4.441,50"))  # miles, so perhaps mph
    assert network.section_speed_mps[0] == pytest.approx(50 * 0.44704)
    assert network.section_unit_speed_mps[0] == pytest.approx(50 / 3.6)
    with pytest.raises(BadInput, match=r"as km/h that is .* as m/s it is 46\.8 km/h"):
        read(tmp_path, link("length,free_speed,facility_type", "7,a7,7147,13,primary"))
    with pytest.raises(BadInput, match="if in m or"):
        read(tmp_path, link("length", "7,a7,1200"))
    told = link("length,free_speed", "7,a7,7147,25 mph")
    assert read(tmp_path, told).section_speed_mps[0] == pytest.approx(25 * 0.44704)


def test_speeds_that_fit_miles_per_hour_better_favour_the_vehicle(tmp_path: Path) -> None:
    low = link("length,free_speed,facility_type", "7,a7,7147,65,motorway")
    network = read(tmp_path, low)
    assert network.section_speed_mps[0] == pytest.approx(65 * 0.44704)
    assert network.section_unit_speed_mps[0] == pytest.approx(65 / 3.6)
    usual = link("length,free_speed,facility_type", "7,a7,7147,110,motorway")
    assert read(tmp_path, usual).section_speed_mps[0] == pytest.approx(110 / 3.6)


def test_a_unit_of_speed_that_cannot_be_is_refused(tmp_path: Path) -> None:
    links = link("directed,length,free_speed,facility_type", f"7,a7,False,{METRES},80,primary")
    with pytest.raises(BadInput, match=r"speeds in mps, as config.csv says, 3.6 times"):
        read(tmp_path, links, config="m,m/s")
    network = read(tmp_path, links, config="m,m/s", speed_unit="kmh")
    assert float(network.section_speed_mps[0]) == pytest.approx(80 / 3.6)


@pytest.mark.parametrize(
    ("text", "vehicle", "unit"),
    [
        ("\"['20 mph', '25 mph']\"", 25 * 1.609344, 20 * 1.609344),
        ('"[50, 80]"', 80, 50),
        ("\"['80']\"", 80, 80),
        ("50 km/h", 50, 50),
    ],
)
def test_a_list_of_speeds(tmp_path: Path, text: str, vehicle: float, unit: float) -> None:
    network = read(tmp_path, link("free_speed", f"7,a7,{text}", "a7,07,50"), speed_unit="kmh")
    kmh = network.section_speed_mps[0] * 3.6, network.section_unit_speed_mps[0] * 3.6
    assert kmh == pytest.approx((vehicle, unit))


def test_a_link_without_lanes_or_that_stands_twice_and_a_pedestrian_street(tmp_path: Path) -> None:
    rows = ("7,a7,1,0,primary", "7,a7,1,0,primary", "a7,07,2,2,pedestrian", "a7,07,3,2,primary")
    network = read(tmp_path, link("link_id,lanes,facility_type", *rows))
    assert network.section_id.tolist() == [1, 2, 3]
    signs = int(Access.FORBIDDEN | Access.UNIT_SIGN)
    assert network.section_access.tolist() == [int(Access.UNSURE), signs, 0]
    assert (network.ways_in_file, network.ways_read) == (4, 4)
    assert {one.kind: one.count for one in network.findings}["doubled"] == 1


def test_a_config_of_one_setting_a_line(tmp_path: Path) -> None:
    (tmp_path / "config.csv").write_text("name,value\nlong_length,mile\nspeed,mph\n")
    network = read(tmp_path, link("length,free_speed", "7,a7,4.441,50"))
    assert network.section_unit_speed_mps[0] == pytest.approx(50 * 0.44704)


def test_ids_that_are_the_same_number_stay_apart(tmp_path: Path) -> None:
    nodes = "node_id,x_coord,y_coord\n07,20,50\n7,20.1,50\n8,20.2,50\n"
    (tmp_path / "node.csv").write_text(nodes)
    (tmp_path / "link.csv").write_text(link("name", "07,8,x", "7,8,y"))
    network = read_network(tmp_path)
    assert len(set(network.junction_id.tolist())) == 3


def test_a_link_shorter_than_the_straight_line_takes_a_unit_as_long_as_that(
    tmp_path: Path,
) -> None:
    rows = ("7,a7,7147,50,a", "a7,07,7147,50,b", "7,07,4000,50,c")
    network = read(tmp_path, link("length,free_speed,name", *rows), speed_unit="kmh")
    short = int(np.argmin(network.section_length_m))
    took_s = network.section_length_m[short] / network.section_unit_speed_mps[short]
    assert took_s == pytest.approx(2 * METRES / (50 / 3.6), rel=1e-2)
    assert {one.kind: one.count for one in network.findings}["short"] == 1


def test_names_pair_in_either_case_and_tables_that_are_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "link_tod.csv").write_text("link_id,free_speed\n1,90\n")
    network = read(tmp_path, link("directed,name", "7,a7,1,High St", "a7,7,1,HIGH ST"))
    assert network.sections == 1
    told = {one.kind: one.names for one in network.findings}
    assert told["tables"] == ("link_tod.csv",)


def test_columns_of_a_shapefile_and_lines_of_several_parts(tmp_path: Path) -> None:
    text = (
        "from_node_,to_node_id,allowed_us,geometry\n"
        '7,a7,auto,"MULTILINESTRING ((20.1 50, 20.05 50.01, 20 50))"\n7,a7,walk,\n'
    )
    network = read(tmp_path, text)
    assert network.sections == 1
    assert network.geometry(0).shape == (3, 2)


def graphml(nodes: dict[str, tuple[float, float]], edges: list[tuple[str, str, str]]) -> str:
    keys = "".join(
        f'<key id="{k}" attr.name="{k}"/>' for k in ("x", "y", "osmid", "highway", "maxspeed")
    )
    keys += '<key id="access" attr.name="access"/><key id="oneway" attr.name="oneway"/>'
    body = "".join(
        f'<node id="{n}"><data key="x">{x}</data><data key="y">{y}</data></node>'
        for n, (x, y) in nodes.items()
    )
    body += "".join(f'<edge source="{a}" target="{b}">{data}</edge>' for a, b, data in edges)
    return (
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
        f'<graph edgedefault="directed">{body}</graph></graphml>'
    )


def test_graphml_ids_and_lists(tmp_path: Path) -> None:
    data = (
        "<data key=\"osmid\">5</data><data key=\"highway\">['residential', 'primary']</data>"
        "<data key=\"maxspeed\">['30', '90']</data><data key=\"access\">['no', 'yes']</data>"
    )
    nodes = {"7": (9.5, 47.0), "a7": (9.51, 47.0), "8": (9.52, 47.0), "07": (9.53, 47.0)}
    edges = [("7", "a7", data), ("a7", "7", data), ("a7", "8", ""), ("8", "07", data)]
    (tmp_path / "g.graphml").write_text(graphml(nodes, edges))
    network = read_network(tmp_path / "g.graphml")
    assert network.junctions == 4
    assert len(set(network.junction_id.tolist())) == 4
    first = int(np.flatnonzero(network.section_id == 5)[0])
    assert network.class_of(first) == "residential"  # the first of those that are as fast
    assert network.section_speed_mps[first] * 3.6 == pytest.approx(90)
    assert network.section_unit_speed_mps[first] * 3.6 == pytest.approx(30)
    assert network.section_access[first] == Access.UNIT_SIGN
    assert network.section_direction[first] == Direction.BOTH
    assert (network.ways_in_file, network.ways_read) == (4, 4)


@pytest.mark.parametrize("told", ["False", "[True, False]", "reversible"])
def test_an_edge_that_is_not_plainly_one_way_is_so_for_a_unit_alone(
    tmp_path: Path, told: str
) -> None:
    data = f'<data key="highway">primary</data><data key="oneway">{told}</data>'
    nodes = {"1": (9.5, 47.0), "2": (9.51, 47.0)}
    (tmp_path / "g.graphml").write_text(graphml(nodes, [("1", "2", data)]))
    network = read_network(tmp_path / "g.graphml")
    assert network.section_direction.tolist() == [Direction.BOTH]
    assert network.section_unit_direction.tolist() == [Direction.FORWARD]
