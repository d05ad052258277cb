"""The smallest area that can be sealed, against the brute force on every area."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sealing.instances import random_problem
from sealing.oracle import Oracle
from stopline.network.builder import RawRoads, build_network
from stopline.sealing.checker.check import check_plan
from stopline.sealing.containment import _Areas, contain, map_edge
from stopline.sealing.plan_file.writing import form_of


@pytest.mark.parametrize("block", range(2))
def test_the_least_area_is_that_of_the_brute_force(block: int) -> None:
    found, lacking = {"sealed": 0, "none": 0}, 0
    for seed in range(40 * block, 40 * block + 40):
        problem = random_problem(seed)
        nowhere = np.zeros(problem.network.junctions, dtype=bool)
        areas = _Areas(problem, None, nowhere, 60.0)
        times = np.unique(areas.arrival_s[np.isfinite(areas.arrival_s)])[:-1]
        sealable = [
            at_s
            for at_s in times.tolist()
            if Oracle(areas.area(at_s)).can_seal(problem.rules.margin_s)
        ]
        best = contain(problem, limit_s=60.0, beyond=nowhere)
        if best is None:
            assert not times.size
        elif not sealable:
            assert best.plan is None, seed
            assert best.least, seed
            assert best.needed == 0 or best.needed > len(problem.units), seed
            assert best.missing == max(0, best.needed - len(problem.units))
            assert best.problem.exits, seed
            assert np.isfinite(best.within_m)
            lacking += best.missing > 0 or best.too_late
            found["none"] += 1
        else:
            assert best.plan is not None, seed
            assert best.least, seed
            assert best.edge_s == min(sealable), seed
            # Whoever is kept within an area is kept within every larger one.
            assert sealable == times[times >= best.edge_s].tolist(), seed
            places = dict(
                zip((u.id for u in problem.units), problem.unit_places or (), strict=False)
            )
            form = form_of(best.plan, best.problem)
            assert check_plan(form, problem.network, unit_places=places).holds, seed
            found["sealed"] += 1
    assert min(found.values()) >= 4, found
    assert lacking >= 1, found


def test_no_area_reaches_over_the_end_of_the_map() -> None:
    problem = random_problem(5)
    everywhere = np.ones(problem.network.junctions, dtype=bool)
    found = contain(problem, limit_s=20.0, beyond=everywhere)
    assert found is None or found.plan is None


def test_a_large_road_that_ends_at_the_edge_of_the_map_goes_on() -> None:
    network = build_network(
        RawRoads(
            junction_lon=np.array([9.0, 9.5, 10.0, 9.5]),
            junction_lat=np.array([47.0, 47.5, 47.5, 48.0]),
            section_tail=np.array([0, 1, 1]),
            section_head=np.array([1, 2, 3]),
            section_length_m=np.array([100.0, 100.0, 100.0]),
            section_class=np.array([0, 6, 2]),
            source="three roads",
        )
    )
    lon = np.asarray(network.junction_lon)[map_edge(network)]
    assert sorted(lon.tolist()) == [9.0, 9.5]  # the residential road to the east just ends


def test_without_time_an_area_is_not_called_the_least() -> None:
    problem = random_problem(3)
    problem = replace(problem, rules=replace(problem.rules, time_limit_s=1e-3))
    found = contain(problem)
    assert found is None or not (found.least and found.plan is None)
