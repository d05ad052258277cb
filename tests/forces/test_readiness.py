"""Who can hold a site, and by when."""

from __future__ import annotations

import numpy as np
import pytest

from sealing.instances import random_problem
from stopline.forces.placing import PlacedUnits, SiteTable
from stopline.forces.readiness import UnitReadiness
from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.sealing.session import prepare


def two_roads_apart() -> UnitReadiness:
    """Sections 0 and 1 are not joined; a unit stands on each; both sections are sites."""
    network = build_network(
        RawRoads(
            junction_lon=[9.50, 9.51, 9.60, 9.61],
            junction_lat=[47.1] * 4,
            section_tail=[0, 2],
            section_head=[1, 3],
            section_length_m=[700.0, 700.0],
        ),
        reorder=False,
    )
    units = tuple(Unit(id=name, side="A", agency="police", lon=0, lat=0) for name in "ab")
    placed = PlacedUnits(
        units=units, section=np.array([0, 1], dtype=np.int32), fraction=np.array([0.5, 0.5])
    )
    sites = SiteTable(
        ends=np.array([[0, 1], [2, 3]], dtype=np.int32),
        section=np.array([0, 1], dtype=np.int32),
        setup_s=np.array([30.0, 30.0]),
        need=np.array([1, 1], dtype=np.int32),
    )
    return UnitReadiness(network, placed, sites)


def test_a_unit_that_never_gets_there_is_not_in_time_even_without_a_deadline() -> None:
    readiness = two_roads_apart()
    assert readiness.near(0, np.inf, 10) == [(30.0, 0)]
    assert readiness.near(1, np.inf, 10) == [(30.0, 1)]


def test_a_unit_on_the_section_needs_no_drive_but_sets_up() -> None:
    readiness = two_roads_apart()
    assert readiness.near(0, 29.0, 10) == []
    assert readiness.near(0, 30.0, 10) == [(30.0, 0)]


@pytest.mark.parametrize("seed", range(12))
def test_all_ready_times_at_once_are_those_of_each_site(seed: int) -> None:
    for readiness in prepare(random_problem(seed)).readiness.values():
        every = readiness.every_ready_s()
        for site in range(readiness.sites.need.shape[0]):
            near = {unit: when for when, unit in readiness.near(site, np.inf, 10**9)}
            for unit in range(len(readiness)):
                assert every[unit, site] == pytest.approx(near.get(unit, np.inf), abs=1e-6)
