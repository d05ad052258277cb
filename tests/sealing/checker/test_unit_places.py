"""A unit stands where the plan says, also where no unit would be put by its position."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from stopline.forces.unit import FREE, UNDER_WAY, Unit
from stopline.network.access import Access
from stopline.network.builder import RawRoads, build_network
from stopline.network.drive_graph import Vehicle
from stopline.scenario.orders import point_on_site
from stopline.sealing.checker.check import check_plan
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.plan_file.writing import form_of
from stopline.sealing.planner import make_plan
from stopline.sealing.problem import Exit, Rules, SealingProblem, Source, all_sections

if TYPE_CHECKING:
    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import PlanFile

# 0 ---- 1 ---- 2 ---- 3 by a road, and 1 ---- 4 ---- 3 by a track that no unit is sure to drive.
LON = [9.50, 9.51, 9.52, 9.53, 9.52]
LAT = [47.0, 47.0, 47.0, 47.0, 47.002]
TRACK = 3


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return build_network(
        RawRoads(
            junction_lon=LON,
            junction_lat=LAT,
            section_tail=[0, 1, 2, 1, 4],
            section_head=[1, 2, 3, 4, 3],
            section_length_m=[760.0, 760.0, 760.0, 800.0, 800.0],
            section_speed_mps=[10.0] * 5,
            section_access=[0, 0, 0, Access.UNSURE, Access.UNSURE],
            source="a road and a track",
        ),
        reorder=False,
    )


def problem(network: RoadNetwork, status: str) -> SealingProblem:
    """One unit holds the track, one is near the road; the vehicle at 0 must not reach 3."""
    at_m = 3.0 if status == UNDER_WAY else 400.0
    point, lon, lat = point_on_site(
        network, TRACK, LON[1] + at_m / 76_000, LAT[1], is_junction=False
    )
    there = Unit(id="t", side="s", agency="police", lon=lon, lat=lat, status=status, ready_s=-60.0)
    near = Unit(id="n", side="s", agency="police", lon=9.526, lat=47.0)
    return SealingProblem(
        network=network,
        vehicle=Vehicle(speed_factor=1.0),
        sources=(Source(name="seen", time_s=0.0, junction=0),),
        exits=(Exit(name="out", kind=SiteKind.JUNCTION, index=3),),
        sites=all_sections(network, setup_s=60.0),
        units=(there, near),
        unit_places=((point.section, point.fraction), (2, 0.6)),
        rules=Rules(margin_s=0.0, objective=("units",)),
    )


def planned(network: RoadNetwork, status: str) -> PlanFile:
    asked = problem(network, status)
    plan = make_plan(asked, orders={"t": TRACK})
    assert plan.verdict is Verdict.SEALED
    assert any(holder.unit == "t" for seal in plan.seals for holder in seal.holders)
    return form_of(plan, asked)


@pytest.mark.parametrize("status", [UNDER_WAY, FREE])
def test_who_is_ordered_to_a_road_that_no_unit_drives_holds_it(
    network: RoadNetwork, status: str
) -> None:
    checked = check_plan(planned(network, status), network)
    assert checked.ok, checked.sentence


def altered(form: PlanFile, **changes: object) -> PlanFile:
    """The same plan with unit `t` somewhere else."""
    units = tuple(
        unit.model_copy(update=changes) if unit.id == "t" else unit for unit in form.units
    )
    return form.model_copy(update={"units": units})


def test_a_place_far_from_the_position_is_refused(network: RoadNetwork) -> None:
    form = planned(network, FREE)
    checked = check_plan(altered(form, lon=9.5295, lat=47.0), network)
    assert not checked.ok
    assert "Unit t is put on section 3" in checked.sentence
    away = check_plan(altered(form, section=99), network)
    assert "Unit t is put on section 99, which is not in the network." in away.faults


def test_without_a_place_the_position_alone_counts(network: RoadNetwork) -> None:
    asked = dataclasses.replace(problem(network, FREE), unit_places=None)
    plan = make_plan(asked)  # put on the road beside the track, where units drive
    assert check_plan(form_of(plan, asked), network).ok
