"""One road is never two, and roads that meet are joined, whatever ids mappers gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stopline.network.access import CarefulUnits, unit_barred, unit_closed
from stopline.network.road_network import Direction
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork

LINE = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 10)}
ROAD = {"highway": "primary"}


def kinds(network: RoadNetwork) -> dict[str, int]:
    return {one.kind: one.count for one in network.findings}


@pytest.mark.parametrize("again", [[1, 2, 3, 4], [4, 3, 2, 1], [2, 3]])
def test_a_road_drawn_twice_is_one(
    read_osm_text: Callable[..., RoadNetwork], again: list[int]
) -> None:
    lane = {"highway": "service", "access": "private", "maxspeed": "10", "oneway": "yes"}
    network = read_osm_text(osm_text(LINE, [(1, [1, 2, 3, 4], ROAD), (2, again, lane)]))
    ends = {
        frozenset(pair)
        for pair in zip(network.section_tail.tolist(), network.section_head.tolist(), strict=True)
    }
    assert len(ends) == network.sections == 3
    assert (network.ways_in_file, network.ways_read) == (2, 2)
    assert kinds(network)["doubled"] == len(again) - 1
    assert (network.section_direction == Direction.BOTH).all()
    assert network.section_speed_mps.min() * 3.6 == pytest.approx(80)
    twice = int(np.argmin(network.section_unit_speed_mps))
    assert network.section_unit_speed_mps[twice] * 3.6 == pytest.approx(10)
    assert unit_closed(network, CarefulUnits())[twice]


def test_a_road_that_ends_where_another_begins_is_joined_for_the_vehicle_alone(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    places = {**LINE, 20: LINE[3]}
    network = read_osm_text(osm_text(places, [(1, [1, 2, 3], ROAD), (2, [20, 4, 5], ROAD)]))
    assert network.junctions == 3
    barred = network.junction_id[unit_barred(network, CarefulUnits())].tolist()
    assert barred == [3]
    assert kinds(network)["same_place"] == 1


def test_roads_that_cross_at_one_place_without_an_end_stay_apart(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    places = {**LINE, 20: LINE[2], 21: (9.502, 47.2), 22: (9.502, 47.0)}
    network = read_osm_text(osm_text(places, [(1, [1, 2, 3], ROAD), (2, [21, 20, 22], ROAD)]))
    assert (network.sections, network.junctions) == (2, 4)


def test_a_road_along_a_square_is_not_the_way_over_it(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    places = {**LINE, 20: (9.5025, 47.101)}
    plaza = {"highway": "pedestrian", "area": "yes"}
    ways = [(1, [1, 2], ROAD), (2, [2, 3], ROAD), (3, [3, 4], ROAD), (9, [2, 20, 3, 2], plaza)]
    network = read_osm_text(osm_text(places, ways))
    over = network.section_id == 9
    assert np.count_nonzero(over) == 1
    assert np.count_nonzero(~over) >= 3
    assert "doubled" not in kinds(network)


def test_a_square_drawn_as_a_relation_is_crossed(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    places = {**LINE, 20: (9.5035, 47.101)}
    text = osm_text(places, [(1, [1, 2], ROAD), (2, [4, 5], ROAD), (9, [2, 20, 4, 2], {})])
    square = (
        '<relation id="7"><member type="way" ref="9" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="highway" v="pedestrian"/></relation></osm>'
    )
    network = read_osm_text(text.replace("</osm>", square))
    assert (network.sections, network.junctions) == (3, 4)
    assert (network.ways_in_file, network.ways_read) == (2, 2)
    assert kinds(network)["squares"] == 1
    assert unit_closed(network, CarefulUnits()).tolist().count(True) == 1
