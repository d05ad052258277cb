"""Car parks and the like, drawn as areas: a vehicle gets across, and no unit is counted on to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stopline.network.access import CarefulUnits, known_course, unit_closed, vehicle_closed
from stopline.network.drive_graph import Vehicle
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork

PLACES = {
    1: (9.5, 47.1), 2: (9.501, 47.1), 3: (9.502, 47.1), 4: (9.503, 47.1),
    5: (9.501, 47.101), 6: (9.502, 47.101),
}  # fmt: skip
WAYS = [(1, [1, 2], {"highway": "primary"}), (2, [3, 4], {"highway": "primary"})]
RIM = [2, 3, 6, 5, 2]
PARKING = {"amenity": "parking", "name": "P"}


@pytest.mark.parametrize(
    ("tags", "crossed"),
    [
        (PARKING, True),
        ({**PARKING, "access": "private"}, True),
        ({**PARKING, "parking": "multi-storey"}, False),
        ({**PARKING, "building": "yes"}, False),
        ({"amenity": "fuel"}, True),
        ({"amenity": "marketplace"}, True),
        ({"place": "square"}, True),
        ({"amenity": "school"}, False),
    ],
)
@pytest.mark.parametrize("as_relation", [False, True])
def test_a_car_park_between_two_roads_joins_them_for_the_vehicle(
    read_osm_text: Callable[..., RoadNetwork],
    tags: dict[str, str],
    crossed: bool,  # noqa: FBT001
    as_relation: bool,  # noqa: FBT001
) -> None:
    if as_relation:
        relation = [(7, [("way", 3, "outer")], {"type": "multipolygon", **tags})]
        network = read_osm_text(osm_text(PLACES, [*WAYS, (3, RIM, {})], relation))
    else:
        network = read_osm_text(osm_text(PLACES, [*WAYS, (3, RIM, tags)]))
    assert network.sections == 2 + crossed
    assert network.ways_in_file == network.ways_read == 2 + (crossed and not as_relation)
    if crossed:
        over = ~known_course(network)
        assert over.tolist().count(True) == 1
        assert not vehicle_closed(network, Vehicle())[over].any()
        assert unit_closed(network, CarefulUnits())[over].all()
        assert {one.kind: one.count for one in network.findings}["squares"] == 1


def test_a_car_park_beside_one_road_is_none_and_is_not_counted(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    network = read_osm_text(osm_text(PLACES, [WAYS[0], (3, RIM, PARKING)]))
    assert (network.sections, network.ways_in_file) == (1, 1)
    assert not [one for one in network.findings if one.group == "left out"]


def test_ways_and_relations_that_are_left_out_add_up(
    read_osm_text: Callable[..., RoadNetwork],
) -> None:
    square = {"highway": "pedestrian", "area": "yes"}
    ways = [WAYS[1], (3, [2, 6, 5, 2], square), (4, [1, 2, 5, 1], {})]
    relations = [
        (7, [("way", 4, "outer")], {"type": "multipolygon", "highway": "pedestrian"}),
        (8, [("way", 99, "outer")], {"type": "multipolygon", "highway": "pedestrian"}),
    ]
    network = read_osm_text(osm_text(PLACES, ways, relations))
    left = {one.kind: one.count for one in network.findings if one.group == "left out"}
    assert left == {"area": 1, "area_relations": 1, "square_outlines": 1}
    assert (network.ways_in_file, network.ways_read) == (2, 1)
