"""Snapping against shapely as the oracle, one position and many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from stopline.errors import BadInput
from stopline.network.builder import RawRoads, build_network
from stopline.network.geodesy import METRES_PER_DEGREE, distance_m
from stopline.network.info import describe
from stopline.network.snapping import (
    Snapper,
    junctions_within,
    nearest_junction,
    passing_spots,
    snap,
)

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork


def random_network(seed: int, *, lat: float = 60.0) -> RoadNetwork:
    """A messy network with inner points, loops and a road of no length."""
    rng = np.random.default_rng(seed)
    n, s = 30, 60
    lon, lat_of = rng.uniform(10, 10.3, n), rng.uniform(lat, lat + 0.2, n)
    tail, head = rng.integers(0, n, s), rng.integers(0, n, s)
    inner = rng.integers(0, 4, s)
    first = np.concatenate(([0], np.cumsum(inner)))
    return build_network(
        RawRoads(
            junction_lon=lon,
            junction_lat=lat_of,
            section_tail=tail,
            section_head=head,
            section_length_m=np.full(s, 100.0),
            shape_first=first,
            shape_lon=rng.uniform(10, 10.3, first[-1]),
            shape_lat=rng.uniform(lat, lat + 0.2, first[-1]),
        )
    )


@pytest.mark.parametrize("count", [1, 20, 300])
@pytest.mark.parametrize("lat", [0.0, 60.0, -75.0])
def test_nearest_section(count: int, lat: float) -> None:
    network = random_network(5, lat=lat)
    rng = np.random.default_rng(6)
    x, y = rng.uniform(9.9, 10.4, count), rng.uniform(lat - 0.1, lat + 0.3, count)
    allowed = rng.random(network.sections) < 0.7
    for mask in (None, allowed):
        found = snap(network, x, y, mask)
        for row in range(min(count, 40)):
            scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(y[row])), 1.0])
            lines = [
                shapely.LineString((network.geometry(s) - (x[row], y[row])) * scale)
                for s in range(network.sections)
            ]
            away = np.array([line.distance(shapely.Point(0, 0)) for line in lines])
            if mask is not None:
                away[~mask] = np.inf
            assert found.distance_m[row] == pytest.approx(away.min(), abs=1e-6)
            assert away[found.section[row]] == pytest.approx(away.min(), abs=1e-6)
            line = lines[found.section[row]]
            place = line.interpolate(found.fraction[row], normalized=True)
            # The fraction counts metres on the sphere, the oracle in the plane.
            assert place.distance(shapely.Point(0, 0)) <= away.min() + line.length * 0.01


def test_fraction_counts_from_the_tail() -> None:
    network = build_network(
        RawRoads(
            junction_lon=[10.0, 10.01],
            junction_lat=[47.0, 47.0],
            section_tail=[0],
            section_head=[1],
            section_length_m=[759.0],
        )
    )
    found = snap(network, [10.0025, 9.0, 11.0], [47.001, 47.0, 47.0])
    turned = network.junction_lon[network.section_tail[0]] != 10.0
    expected = [0.75, 1, 0] if turned else [0.25, 0, 1]
    assert found.fraction == pytest.approx(expected, abs=1e-3)
    assert found.distance_m[0] == pytest.approx(111.2, abs=0.1)
    assert nearest_junction(network, 10.009, 47.0) == int(np.argmax(network.junction_lon))
    near = junctions_within(network, 10.0, 47.0, 100.0)
    assert network.junction_lon[near].tolist() == [10.0]
    assert junctions_within(network, 10.0, 47.0, 1000.0).size == 2
    assert float(distance_m(0, 0, 180, 0)) == pytest.approx(20_015_115, abs=10)


def test_what_cannot_be_snapped() -> None:
    nowhere = build_network(
        RawRoads(
            junction_lon=[np.nan, np.nan],
            junction_lat=[np.nan, np.nan],
            section_tail=[0],
            section_head=[1],
            section_length_m=[1.0],
        )
    )
    with pytest.raises(BadInput, match="without coordinates"):
        snap(nowhere, [1.0], [1.0])
    with pytest.raises(BadInput, match="without coordinates"):
        nearest_junction(nowhere, 1.0, 1.0)
    assert describe(nowhere).bounds is None
    network = random_network(1)
    with pytest.raises(BadInput, match="position 1"):
        snap(network, [10.0, np.nan], [60.0, 60.0])
    with pytest.raises(BadInput, match="no section"):
        Snapper(network, np.zeros(network.sections, dtype=bool))
    assert snap(network, [], []).section.size == 0


def test_description() -> None:
    network = random_network(2)
    info = describe(network, seconds=0.01)
    assert info.sections == 60
    assert info.km_by_class == {"tertiary": 6.0}
    assert info.as_dict()["junctions"] == 30
    assert any("opened in     10.0 ms" in line for line in info.lines())


@pytest.mark.parametrize("seed", range(20))
def test_roads_that_pass_through_a_circle_are_found_where_they_enter_and_leave(seed: int) -> None:
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(10.05, 10.25), rng.uniform(60.05, 60.15)
    radius_m = rng.uniform(300, 2500)
    east = METRES_PER_DEGREE * np.cos(np.radians(lat))
    circle = shapely.Point(0, 0).buffer(radius_m, quad_segs=256)
    spots = passing_spots(network, lon, lat, radius_m)
    found = {section for section, _ in spots}
    for section in range(network.sections):
        line = (network.geometry(section) - [lon, lat]) * [east, METRES_PER_DEGREE]
        road = shapely.LineString(line)
        ends_m = np.hypot(*line[[0, -1]].T)
        if (
            abs(shapely.Point(0, 0).distance(road) - radius_m) < 5
            or (
                np.abs(ends_m - radius_m) < 60  # degrees are not the same length all over the map
            ).any()
        ):
            continue
        passes = bool((ends_m > radius_m).all()) and circle.intersects(road)
        assert (section in found) is passes
        if passes:
            inside = shapely.intersection(circle, road)
            along = [road.project(shapely.Point(p)) for p in shapely.get_coordinates(inside)]
            got = sorted(f * road.length for s, f in spots if s == section)
            assert got == pytest.approx([min(along), max(along)], abs=2.0)
