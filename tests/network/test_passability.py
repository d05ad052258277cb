"""Who can pass: each way and node read twice, for the vehicle and for a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest

from stopline.network.access import (
    Access,
    CarefulUnits,
    NodeAccess,
    known_course,
    unit_barred,
    unit_closed,
    vehicle_closed,
)
from stopline.network.drive_graph import Vehicle
from stopline.network.geodesy import distance_m
from stopline.network.road_network import Direction
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork

LINE = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 10)}
ROAD = {"highway": "primary"}


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "bollard"}, False),
        ({"barrier": "block"}, False),
        ({"barrier": "jersey_barrier"}, False),
        ({"barrier": "chain"}, False),
        ({"barrier": "log"}, False),
        ({"barrier": "debris"}, False),
        ({"barrier": "planter"}, False),
        ({"barrier": "cycle_barrier"}, False),
        ({"barrier": "height_restrictor"}, False),
        ({"barrier": "something_new"}, False),
        ({"barrier": "bollard;gate"}, False),
        ({"barrier": "gate"}, False),
        ({"barrier": "lift_gate", "access": "private"}, False),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, False),
        ({"barrier": "bollard", "bicycle": "yes", "foot": "yes"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
        ({"barrier": "block", "emergency": "yes"}, True),
        ({"barrier": "gate", "access": "yes"}, True),
        ({"barrier": "gate", "locked": "no"}, True),
        ({"barrier": "gate", "access": "yes", "motor_vehicle": "no"}, False),
        ({"barrier": "gate", "access": "yes", "locked": "yes"}, False),
        ({"barrier": "gate", "access": "yes", "locked": "Yes"}, False),
        ({"barrier": "city_wall"}, False),
        ({"barrier": "gate", "access": "yes", "maxwidth": "1.5"}, False),
        ({"barrier": "cattle_grid", "motor_vehicle": "no"}, False),
        ({"barrier": "toll_booth", "access": "private"}, False),
        ({"barrier": "border_control", "access": "yes"}, True),
        ({"barrier": "gate", "access": "yes", "opening_hours": "06:00-20:00"}, False),
        ({"barrier": "gate", "access": "yes", "opening_hours": "24/7"}, True),
        ({"barrier": "lift_gate", "access": "yes", "access:conditional": "no @ (wet)"}, False),
        ({"barrier": "bollard", "access": "yes"}, False),
        ({"barrier": "block", "vehicle": "yes"}, True),
        ({"obstacle": "fallen_tree"}, False),
        ({"barrier": "border_control"}, True),
        ({"barrier": "toll_booth"}, True),
        ({"barrier": "cattle_grid"}, True),
        ({"barrier": "entrance"}, True),
        ({"ford": "yes"}, False),
        ({"motor_vehicle": "no"}, False),
        ({"access": "private"}, False),
        ({"access": "yes"}, True),
        ({"access": "no", "emergency": "yes"}, True),
        ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, False),
        ({"maxheight": "1.9"}, False),
        ({"maxwidth": "2"}, False),
        ({"maxweight": "2.5"}, False),
        ({"highway": "street_lamp", "width": "0.3"}, True),
        ({"barrier": "entrance", "maxwidth": "1.5"}, False),
    ],
)
def test_a_barrier_stops_a_unit_and_not_the_vehicle(
    read_osm_text: Callable[..., RoadNetwork],
    tags: dict[str, str],
    passes: bool,  # noqa: FBT001
) -> None:
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 3], ROAD)], node_tags={2: tags}))
    barred = unit_barred(network, CarefulUnits())
    assert bool(barred.any()) is not passes
    assert set(network.junction_id[barred].tolist()) <= {2}
    assert not vehicle_closed(network, Vehicle()).any()
    assert len(set(network.section_id.tolist())) == 1
    joined = {*network.section_tail.tolist(), *network.section_head.tolist()}
    assert len(joined) == network.sections + 1  # the vehicle's road is whole


def test_keys_open_gates_and_no_bollards(read_osm_text: Callable[..., RoadNetwork]) -> None:
    tags = {2: {"barrier": "gate"}, 4: {"barrier": "bollard"}}
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 3, 4, 5], ROAD)], node_tags=tags))
    with_keys = unit_barred(network, CarefulUnits(units_open_gates=True))
    assert network.junction_id[with_keys].tolist() == [4]
    assert np.count_nonzero(unit_barred(network, CarefulUnits())) == 2


def test_a_sign_at_one_place_stops_units_that_obey_it(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    signs = {2: {"access": "no"}, 9: {"access": "no"}}
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 3], ROAD)], node_tags=signs))
    assert network.junction_id[unit_barred(network, CarefulUnits())].tolist() == [2]
    assert not unit_barred(network, CarefulUnits(units_obey_access_signs=False)).any()
    assert unit_barred(network, CarefulUnits(units_open_gates=True)).any()
    (told,) = (one for one in network.findings if one.kind == "signed")
    assert told.sentence == "1 no-entry sign at one place of a road, which stops units (node 2)"


def test_a_wall_stops_both(read_osm_text: Callable[..., RoadNetwork]) -> None:
    ways = [(1, [1, 2, 3], ROAD), (2, [3, 4], ROAD), (3, [4, 5], {**ROAD, "name": "b"})]
    tags = {2: {"barrier": "wall"}, 4: {"barrier": "wall"}}
    network = read_osm_text(osm_text(LINE, ways, node_tags=tags))
    assert network.sections == 3
    ends = network.section_tail.tolist() + network.section_head.tolist()
    assert len(set(ends)) == 6  # three roads apart
    (told,) = (one for one in network.findings if one.kind == "walls")
    assert (told.count, told.names, told.matters) == (2, ("node 2", "node 4"), True)


def test_a_barrier_drawn_across(read_osm_text: Callable[..., RoadNetwork]) -> None:
    places = {**LINE, 20: (9.502, 47.101), 21: (9.502, 47.099)}
    ways = [(1, [1, 2, 3], ROAD), (2, [20, 2, 21], {"barrier": "block"})]
    network = read_osm_text(osm_text(places, ways))
    assert network.junction_id[network.junction_access > 0].tolist() == [2]


@pytest.mark.parametrize(
    ("tags", "access", "closed_to_unit"),
    [
        ({"highway": "residential"}, 0, False),
        ({"highway": "residential", "access": "destination"}, 0, False),
        ({"highway": "residential", "motor_vehicle": "no"}, 5, True),
        ({"highway": "residential", "access": "private"}, 6, True),
        ({"highway": "service", "access": "customers"}, 6, True),
        ({"highway": "residential", "access": "no", "emergency": "yes"}, 1, False),
        ({"highway": "residential", "motor_vehicle": "agricultural;forestry"}, 6, True),
        ({"highway": "residential", "motor_vehicle": "no;destination"}, 4, True),
        ({"highway": "pedestrian"}, 5, True),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, 0, False),
        ({"highway": "footway", "motor_vehicle": "destination"}, 0, False),
        ({"highway": "busway"}, 5, True),
        ({"highway": "track", "tracktype": "grade5"}, 8, True),
        ({"highway": "track", "tracktype": "grade1"}, 0, False),
        ({"highway": "residential", "smoothness": "impassable"}, 8, True),
        ({"highway": "residential", "width": "1.8"}, 8, True),
        ({"highway": "residential", "barrier": "gate"}, 8, True),
        ({"highway": "residential", "ford": "yes"}, 16, True),
        ({"highway": "residential", "construction": "yes"}, 8, True),
        ({"highway": "residential", "construction": "minor"}, 0, False),
        ({"highway": "residential", "seasonal": "summer"}, 8, True),
        ({"highway": "residential", "maxheight": "1.9"}, 8, True),
        ({"highway": "residential", "bridge": "collapsed"}, 8, True),
        ({"highway": "residential", "passable": "no"}, 8, True),
        ({"highway": "residential", "maxheight": "7'6\""}, 8, True),
        ({"highway": "residential", "maxheight": "4 m"}, 0, False),
        ({"highway": "residential", "maxweight": "2"}, 8, True),
        ({"highway": "minor"}, 8, True),
        ({"highway": "abandoned"}, 8, True),
        ({"disused:highway": "primary"}, 8, True),
        ({"abandoned:highway": "track"}, 8, True),
        ({"highway": "construction", "construction": "primary", "access": "destination"}, 8, True),
        ({"highway": "construction", "motor_vehicle:conditional": "yes @ (Sa)"}, 8, True),
        ({"highway": "primary", "route": "ferry"}, 8, True),
        ({"highway": "residential", "barrier": "wall"}, 8, True),
        ({"highway": "residential", "barrier": "kerb"}, 0, False),
        ({"highway": "residential", "width": "200 cm"}, 8, True),
        ({"highway": "residential", "width": "4;1.8"}, 8, True),
        ({"highway": "residential", "maxheight": "below_default"}, 8, True),
        ({"highway": "residential", "maxweight": "2000 kg"}, 8, True),
        ({"highway": "residential", "surface": "mud"}, 8, True),
        ({"highway": "track", "tracktype": "grade2;grade4"}, 8, True),
        ({"highway": "residential", "flood_prone": "seasonal"}, 8, True),
        ({"highway": "residential", "tidal": "yes"}, 8, True),
        ({"highway": "residential", "bridge": "movable"}, 8, True),
        ({"highway": "residential", "bridge:movable": "bascule"}, 8, True),
        ({"highway": "residential", "operational_status": "closed"}, 8, True),
        ({"highway": "residential", "temporary:access": "no"}, 8, True),
        ({"highway": "residential", "locked": "yes"}, 8, True),
        ({"highway": "footway;service"}, 0, False),
    ],
)
def test_a_sign_stops_a_unit_and_not_the_vehicle(
    read_tags: Callable[..., Any],
    tags: dict[str, str],
    access: int,
    closed_to_unit: bool,  # noqa: FBT001
) -> None:
    network = read_tags(tags)
    section = int(np.flatnonzero(network.section_id == 1)[0])
    assert network.section_access[section] == access
    assert not vehicle_closed(network, Vehicle()).any()
    assert bool(unit_closed(network, CarefulUnits())[section]) is closed_to_unit
    obeying = vehicle_closed(network, Vehicle(obeys_access_signs=True))[section]
    assert bool(obeying) is bool(access & (Access.FORBIDDEN | Access.PRIVATE))
    bold = CarefulUnits(units_obey_access_signs=False, units_use_fords=True)
    assert bool(unit_closed(network, bold)[section]) is bool(access & Access.UNSURE)


@pytest.mark.parametrize(
    ("tags", "time", "vehicle_stopped", "unit_stopped"),
    [
        ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, "23:00", True, True),
        ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, "12:00", False, False),
        ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, "21:00", False, True),
        ({"access:conditional": "no @ 22:00-06:00"}, "23:00", True, True),
        ({"access": "no", "access:conditional": "yes @ (06:00-10:00)"}, "07:00", False, False),
        ({"access": "no", "access:conditional": "yes @ (06:00-10:00)"}, "11:00", True, True),
        ({"access": "no", "access:conditional": "yes @ (06:00-10:00)"}, "09:00", False, True),
        ({"vehicle:conditional": "no @ (Mo-Fr 07:00-20:00; Sa 07:00-14:00)"}, "12:00", True, True),
        ({"vehicle:conditional": "no @ (Sa,Su)"}, "12:00", False, False),
        ({"access:conditional": "no @ (Nov-Apr)"}, "12:00", False, False),
        ({"access:conditional": "no @ (May-Oct)"}, "12:00", True, True),
        ({"motor_vehicle:conditional": "no @ (wet)"}, "12:00", False, True),
        ({"motor_vehicle:conditional": "no @ (PH 08:00-20:00)"}, "12:00", False, True),
        ({"motor_vehicle:conditional": "no @ (weight > 3.5)"}, "12:00", False, True),
        ({"motor_vehicle:conditional": "gibberish"}, "12:00", False, True),
        ({"access": "no", "hour_on": "07:00", "hour_off": "09:00"}, "12:00", False, True),
        ({"motor_vehicle:conditional": "no @ (sunset-sunrise)"}, "23:00", False, True),
        ({"access": "no", "motor_vehicle:conditional": "gibberish"}, "12:00", False, True),
        ({"motor_vehicle:conditional": "no @ (22:00-06:00)"}, "", False, True),
        # A sign for motor vehicles outdoes one for everybody, as far as the vehicle goes.
        (
            {"motor_vehicle": "yes", "access:conditional": "no @ (22:00-06:00)"},
            "23:00",
            False,
            True,
        ),
        (
            {
                "motor_vehicle:conditional": "yes @ (22:00-06:00)",
                "access:conditional": "no @ (22:00-06:00)",
            },
            "23:00",
            False,
            True,
        ),
        ({"access": "no", "access:conditional": "yes @ (06:00-10:00)"}, "06:00", False, False),
        # Where the kind of a way closes it, hours that open it say nothing of the others.
        (
            {"highway": "path", "motor_vehicle:conditional": "yes @ (06:00-10:00)"},
            "07:00",
            False,
            False,
        ),
        (
            {"highway": "path", "motor_vehicle:conditional": "yes @ (06:00-10:00)"},
            "12:00",
            True,
            True,
        ),
        ({"motor_vehicle:forward:conditional": "no @ (22:00-06:00)"}, "23:00", False, True),
        ({"opening_hours": "06:00-20:00"}, "23:00", False, True),
        ({"opening_hours": "06:00-20:00"}, "12:00", False, False),
        ({"opening_hours": "24/7"}, "12:00", False, False),
    ],
)
def test_signs_with_hours(
    read_tags: Callable[..., Any],
    tags: dict[str, str],
    time: str,
    vehicle_stopped: bool,  # noqa: FBT001
    unit_stopped: bool,  # noqa: FBT001
) -> None:
    network = read_tags({**ROAD, **tags})
    section = int(np.flatnonzero(network.section_id == 1)[0])
    now = f"2026-06-12T{time}:00" if time else ""  # a Friday
    obeys = Vehicle(obeys_access_signs=True, local_time=now)
    assert bool(vehicle_closed(network, obeys)[section]) is vehicle_stopped
    assert bool(unit_closed(network, CarefulUnits(local_time=now))[section]) is unit_stopped
    assert not vehicle_closed(network, Vehicle(local_time=now)).any()


@pytest.mark.parametrize(
    ("tags", "vehicle", "unit"),
    [
        ({"oneway": "yes"}, Direction.FORWARD, Direction.FORWARD),
        ({"oneway": "reversible"}, Direction.BOTH, Direction.NEITHER),
        ({"oneway": "alternating"}, Direction.BOTH, Direction.NEITHER),
        ({"oneway": "whatever"}, Direction.BOTH, Direction.NEITHER),
        ({"oneway:conditional": "yes @ (07:00-19:00)"}, Direction.BOTH, Direction.FORWARD),
        (
            {"oneway": "yes", "oneway:conditional": "no @ (22:00-05:00)"},
            Direction.BOTH,
            Direction.FORWARD,
        ),
        (
            {"oneway": "yes", "oneway:conditional": "-1 @ (16:00-20:00)"},
            Direction.BOTH,
            Direction.NEITHER,
        ),
        ({"motor_vehicle:backward": "no"}, Direction.FORWARD, Direction.FORWARD),
        ({"access:backward": "private"}, Direction.FORWARD, Direction.FORWARD),
        (
            {"vehicle:backward": "no", "vehicle:backward:conditional": "yes @ (22:00-06:00)"},
            Direction.BOTH,
            Direction.FORWARD,
        ),
        (
            {"vehicle:backward": "no", "motorcar:backward": "yes"},
            Direction.BOTH,
            Direction.FORWARD,
        ),
        ({"highway": "motorway_link"}, Direction.BOTH, Direction.FORWARD),
        ({"highway": "motorway"}, Direction.FORWARD, Direction.FORWARD),
    ],
)
def test_directions(
    read_tags: Callable[..., Any],
    tags: dict[str, str],
    vehicle: Direction,
    unit: Direction,
) -> None:
    network = read_tags({**ROAD, **tags})
    section = int(np.flatnonzero(network.section_id == 1)[0])
    assert network.section_direction[section] == vehicle
    assert network.section_unit_direction[section] == unit


def test_a_way_that_units_drive_backward_only(read_tags: Callable[..., Any]) -> None:
    network = read_tags({**ROAD, "access:forward": "no"})
    section = int(np.flatnonzero(network.section_id == 1)[0])
    assert network.section_unit_direction[section] == Direction.FORWARD
    assert network.junction_id[network.section_tail[section]] == 2  # turned round


@pytest.mark.parametrize(
    ("tags", "vehicle", "unit"),
    [
        ({"maxspeed": "80"}, 80, 80),
        ({"maxspeed": "100", "maxspeed:conditional": "130 @ (19:00-06:00)"}, 130, 100),
        ({"maxspeed": "100", "maxspeed:conditional": "80 @ (wet); 60 @ (22:00-06:00)"}, 100, 60),
        ({"maxspeed:lanes": "100|80|60"}, 100, 60),
        ({"maxspeed": "80", "maxspeed:lanes:forward": "120|none"}, 150, 80),
        ({"maxspeed": "70", "maxspeed:variable": "yes"}, 80, 40),
        ({"maxspeed": "signals"}, 80, 40),
        ({"maxspeed": "90", "maxspeed:variable": "110"}, 110, 40),
        ({"maxspeed:backward": "100", "maxspeed:forward": "50"}, 100, 50),
        ({"maxspeed": "60 mph"}, 96.56064, 96.56064),
        ({"maxspeed": "50", "maxspeed:advisory": "30"}, 50, 30),
        ({"maxspeed": "5"}, 40, 5),
        ({"maxspeed:hgv": "50"}, 80, 50),
        ({"maxspeed:forward": "30"}, 80, 30),
        ({"maxspeed:conditional": "30 @ (22:00-06:00)"}, 80, 30),
        ({"maxspeed:conditional": "30 @ (wet)", "source:maxspeed": "DE:rural"}, 100, 30),
        ({"maxspeed:advisory": "40"}, 80, 40),
        ({"maxspeed:motorcar": "60"}, 60, 60),
        ({"maxspeed": "50,80"}, 80, 50),
        ({"maxspeed": "60mi/h"}, 96.56064, 96.56064),
        ({"maxspeed": "100 - 120"}, 120, 100),
        ({"maxspeed": "130/110"}, 130, 110),
        ({"maxspeed": "~90"}, 90, 90),
        ({"maxspeed": "120 (wet 80)"}, 120, 80),
        ({"maxspeed": "UK:motorway"}, 130, 80),
        ({"maxspeed": "fixme"}, 80, 80),
        ({"source:maxspeed": "DE:urban"}, 50, 50),
        ({"maxspeed": "none"}, 150, 80),
        ({"highway": "pedestrian"}, 50, 20),
        ({"highway": "pedestrian", "maxspeed": "10"}, 20, 10),
        ({"highway": "pedestrian", "maxspeed:hgv": "10"}, 50, 10),
        ({}, 80, 80),
    ],
)
def test_two_speeds(
    read_tags: Callable[..., Any], tags: dict[str, str], vehicle: float, unit: float
) -> None:
    network = read_tags({**ROAD, **tags})
    section = int(np.flatnonzero(network.section_id == 1)[0])
    assert network.section_speed_mps[section] * 3.6 == pytest.approx(vehicle)
    assert network.section_unit_speed_mps[section] * 3.6 == pytest.approx(unit)


@pytest.mark.parametrize(
    ("tags", "stops"),
    [
        ({"barrier": "fence"}, True),
        ({"barrier": "wall"}, True),
        ({"barrier": "chain", "motor_vehicle": "yes"}, False),
        ({"barrier": "kerb"}, False),
    ],
)
def test_lines_across_a_road_stop_units(
    read_osm_text: Callable[..., RoadNetwork],
    tags: dict[str, str],
    stops: bool,  # noqa: FBT001
) -> None:
    places = {**LINE, 20: (9.502, 47.101), 21: (9.502, 47.099), 22: (9.504, 47.101)}
    ways = [(1, [1, 2, 3, 4, 5], ROAD), (2, [20, 2, 21], tags), (3, [22, 4], tags)]
    network = read_osm_text(osm_text(places, ways, node_tags={4: {"barrier": "entrance"}}))
    barred = network.junction_id[unit_barred(network, CarefulUnits())].tolist()
    assert barred == ([2] if stops else [])
    assert not vehicle_closed(network, Vehicle()).any()


SQUARE = {10: (9.502, 47.1), 11: (9.503, 47.101), 12: (9.504, 47.1), 13: (9.503, 47.099)}


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "pedestrian", "area": "yes"},
        {"highway": "footway", "area": "yes"},
        {"highway": "service", "area": "yes"},
        {"highway": "rest_area"},
    ],
)
def test_a_vehicle_crosses_a_square_and_a_unit_does_not(
    read_osm_text: Callable[..., RoadNetwork], tags: dict[str, str]
) -> None:
    places = {1: (9.5, 47.1), 2: (9.51, 47.1), **SQUARE}
    ways = [(1, [1, 10], ROAD), (2, [12, 2], ROAD), (3, [10, 11, 12, 13, 10], tags)]
    network = read_osm_text(osm_text(places, ways))
    assert network.sections == 3
    crossing = int(np.flatnonzero(network.section_id == 3)[0])
    assert network.section_length_m[crossing] == pytest.approx(151, abs=2)
    assert not vehicle_closed(network, Vehicle()).any()
    assert unit_closed(network, CarefulUnits()).tolist().count(True) == 1
    assert network.ways_read == network.ways_in_file == 3
    assert np.flatnonzero(~known_course(network)).tolist() == [crossing]
    assert [one.kind for one in network.findings if one.group == "guessed"][-1] == "squares"


def test_squares_next_to_each_other_are_crossed_and_lonely_ones_are_not(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    places = {1: (9.5, 47.1), 2: (9.51, 47.1), **SQUARE, 14: (9.505, 47.1)}
    plaza = {"highway": "pedestrian", "area": "yes"}
    ways = [
        (1, [1, 10], ROAD),
        (2, [14, 2], ROAD),
        (3, [10, 11, 13, 10], plaza),
        (4, [11, 12, 14, 13, 11], plaza),
        (5, [2, 20, 21, 2], plaza),
    ]
    network = read_osm_text(osm_text({**places, 20: (9.52, 47.1), 21: (9.52, 47.2)}, ways))
    assert (network.ways_in_file, network.ways_read) == (5, 4)
    assert {one.kind: one.count for one in network.findings}["area"] == 1
    reached, ends = {1}, network.junction_id[np.stack((network.section_tail, network.section_head))]
    for _ in range(6):
        reached |= {b for pair in ends.T.tolist() for a, b in (pair, pair[::-1]) if a in reached}
    assert 2 in reached


def test_no_way_over_a_square_with_many_roads_takes_longer_than_the_straight_line(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    rim = {
        100 + n: (9.5 + 0.001 * np.cos(a), 47.1 + 0.001 * np.sin(a)) for n, a in enumerate(angle)
    }
    out = {
        200 + n: (9.5 + 0.002 * np.cos(a), 47.1 + 0.002 * np.sin(a)) for n, a in enumerate(angle)
    }
    ways = [(n, [100 + n, 200 + n], ROAD) for n in range(40)]
    ways.append((99, [*rim, 100], {"highway": "pedestrian", "area": "yes"}))
    network = read_osm_text(osm_text({**rim, **out}, ways))
    over = np.flatnonzero(network.section_id == 99)
    assert 39 <= over.size <= 3 * 40
    times = nx.Graph()
    for section in over.tolist():
        ends = network.junction_id[
            [network.section_tail[section], network.section_head[section]]
        ].tolist()
        seconds = network.section_length_m[section] / network.section_speed_mps[section]
        times.add_edge(*ends, s=seconds)
    took = dict(nx.all_pairs_dijkstra_path_length(times, weight="s"))
    for one, place in rim.items():
        for two, other in rim.items():
            assert took[one][two] <= distance_m(*place, *other) / (50 / 3.6) + 1e-6


def test_entrances_on_one_line(read_osm_text: Callable[..., RoadNetwork]) -> None:
    rim = {100 + n: (9.5 + 0.001 * n, 47.1) for n in range(12)}
    out = {200 + n: (9.5 + 0.001 * n, 47.101) for n in range(12)}
    ways = [(n, [100 + n, 200 + n], ROAD) for n in range(12)]
    ways.append((99, [*rim, 300, 100], {"highway": "pedestrian", "area": "yes"}))
    network = read_osm_text(osm_text({**rim, **out, 300: (9.5, 47.0)}, ways))
    assert np.count_nonzero(network.section_id == 99) == 11


def test_node_access_stays_when_roads_are_joined(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    ways = [(1, [1, 2], ROAD), (2, [2, 3], ROAD)]
    network = read_osm_text(osm_text(LINE, ways, node_tags={2: {"barrier": "chain"}}))
    assert network.sections == 2
    assert network.junction_access.tolist().count(NodeAccess.BARRED) == 1
