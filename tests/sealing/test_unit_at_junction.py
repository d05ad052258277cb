"""A unit that stands at a junction can take every road there, also where a one-way lies nearest."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from stopline.forces.unit import Unit
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.network.road_network import ROAD_CLASSES, Direction, RoadNetwork
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import SiteKind
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections

# 0 ---- 1 ---- 2 ---- 3; a one-way leads from 3 (or to 3) to the dead end 4.
LON = [9.50, 9.51, 9.52, 9.53, 9.53]
LAT = [47.0, 47.0, 47.0, 47.0, 47.01]


def network(sign: Direction) -> RoadNetwork:
    return build_network(
        RawRoads(
            junction_lon=LON,
            junction_lat=LAT,
            section_tail=[0, 1, 2, 3],
            section_head=[1, 2, 3, 4],
            section_length_m=[760.0, 760.0, 760.0, 1112.0],
            section_speed_mps=[10.0] * 4,
            section_class=[ROAD_CLASSES.index("primary")] * 4,
            section_direction=[Direction.BOTH] * 3 + [sign],
            source="a one-way at a junction",
        ),
        reorder=False,
    )


def problem(sign: Direction, fraction: float) -> SealingProblem:
    """The vehicle starts at 0 and must not reach 2; the unit stands at 3, put on the one-way."""
    roads = network(sign)
    unit = Unit(id="u", side="s", agency="police", lon=LON[3], lat=LAT[3] + 0.01 * fraction)
    return SealingProblem(
        network=roads,
        vehicle=Vehicle(speed_factor=0.2),
        sources=(Source(name="seen", time_s=0.0, junction=0),),
        exits=(Exit(name="out", kind=SiteKind.JUNCTION, index=2),),
        sites=all_sections(roads, setup_s=0.0),
        units=(unit,),
        unit_places=((3, fraction),),
        rules=Rules(margin_s=0.0, objective=("units",)),
    )


@pytest.mark.parametrize("sign", [Direction.FORWARD, Direction.BACKWARD, Direction.BOTH])
def test_it_drives_away_from_the_junction_by_any_road(sign: Direction) -> None:
    asked = problem(sign, 0.0)
    plan = make_plan(asked)
    assert plan.verdict == "sealed"
    checked = check_plan(form_of(plan, asked), asked.network, unit_places={"u": (3, 0.0)})
    assert checked.ok, checked.sentence
    assert check_plan(form_of(plan, asked), asked.network).ok


def test_farther_along_a_one_way_it_may_not_turn_back() -> None:
    asked = problem(Direction.FORWARD, 0.5)
    plan = make_plan(asked)
    assert plan.verdict == "impossible"
    assert check_plan(form_of(plan, asked), asked.network, unit_places={"u": (3, 0.5)}).ok


def test_whoever_leaves_for_unknown_territory_crosses(network_of_two: RoadNetwork) -> None:
    assert network_of_two.crossings().tolist() == [1, 2]


@pytest.fixture
def network_of_two() -> RoadNetwork:
    roads = network(Direction.BOTH)
    land = np.array([0, 0, 1, -1, -1], dtype=np.int16)
    return dataclasses.replace(roads, junction_territory=land, territories=("A", "B"))
