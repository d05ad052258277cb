"""A plan is made from units as they are now; who cannot be counted on is left out."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import INCIDENT, Case
from operation.readiness_case import DUTY, FEED, Told, readiness, row
from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.actor import Actor
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.readiness.alerting import AcknowledgeAlert, AlertAgencies
from stopline.operation.readiness.commands import RegisterUnits, SetUnit
from stopline.operation.readiness.live_problem import LiveProblem
from stopline.operation.readiness.planner import not_counted, problem_now, sites_now, units_now
from stopline.operation.readiness.positions import ReportPositions
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import Scenario, load_scenario
from stopline.sealing.plan import Verdict
from stopline.sealing.session import prepare

if TYPE_CHECKING:
    from stopline.sealing.problem import SealingProblem

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(ROOT / "tests/operation/orders/vaduz/sealed.yaml")


@pytest.fixture(scope="module")
def points(scenario: Scenario) -> PointSnapper:
    return PointSnapper(scenario.problem.network)


def enrol_all(case: Case, scenario: Scenario, side: str = "LI") -> None:
    """Register the units that the scenario gives to a side, each by its own service."""
    own = [unit for unit in scenario.problem.units if unit.side == side]
    for agency in dict.fromkeys(unit.agency for unit in own):
        units = tuple(
            RegisteredUnit(
                id=unit.id, side=side, agency=agency, lon=unit.lon, lat=unit.lat,
                ready_s=unit.ready_s, speed_factor=unit.speed_factor, strength=unit.strength,
                may_act_in=tuple(sorted(unit.may_act_in)), name=unit.name,
            )
            for unit in own
            if unit.agency == agency
        )  # fmt: skip
        case.do(0, RegisterUnits(units=units), officer(agency))


def officer(agency: str) -> Actor:
    return Actor(f"o.{agency}", "duty_officer", agency)


def at_now(scenario: Scenario, now_s: float) -> SealingProblem:
    return replace(scenario.problem, now_utc_s=now_s)


def planned(scenario: Scenario, problem: SealingProblem) -> tuple[Verdict, set[tuple[str, int]]]:
    problem = replace(problem, rules=replace(problem.rules, time_limit_s=30.0))
    plan = plan_scenario(replace(scenario, problem=problem), choices=False).plan
    return plan.verdict, {(h.unit, seal.site.index) for seal in plan.seals for h in seal.holders}


def test_units_on_call_make_the_very_plan_of_the_file(
    case: Case, scenario: Scenario, points: PointSnapper
) -> None:
    enrol_all(case, scenario)
    given = at_now(scenario, case.both.now_s)
    live = problem_now(given, readiness(case), case.both.now_s, points)
    assert {unit.id: unit for unit in live.units} == {unit.id: unit for unit in given.units}
    places = {
        unit.id: place for unit, place in zip(live.units, live.unit_places or (), strict=True)
    }
    assert places == {
        unit.id: place for unit, place in zip(given.units, given.unit_places or (), strict=True)
    }
    assert planned(scenario, live) == planned(scenario, given)


def test_whoever_drops_out_is_planned_for_no_more(
    case: Case, scenario: Scenario, points: PointSnapper
) -> None:
    enrol_all(case, scenario)
    given = at_now(scenario, case.both.now_s)
    verdict, before = planned(scenario, given)
    used = sorted({name for name, _ in before if name.startswith("LP-")})
    assert verdict is Verdict.SEALED
    assert used
    for name in used:
        case.do(0, SetUnit(unit=name, state="off duty"), officer("police"))
    live = problem_now(given, readiness(case), case.both.now_s, points)
    _, after = planned(scenario, live)
    assert not {name for name, _ in after} & set(used)
    assert not_counted(readiness(case), case.both.now_s) == dict.fromkeys(used, "off duty")


def test_time_goes_on_for_vehicle_and_units_alike(
    case: Case, scenario: Scenario, points: PointSnapper
) -> None:
    enrol_all(case, scenario)
    case.alarm()
    began_s = case.both.now_s
    given = at_now(scenario, began_s)
    case.do(0, AlertAgencies(incident=INCIDENT, agencies=("police",), answer_within_s=90), DUTY)
    called_s = readiness(case).units["LP-Vaduz-4"].called_s
    case.do(0, AcknowledgeAlert(incident=INCIDENT, unit="LP-Vaduz-4"), DUTY)
    case.do(0, SetUnit(unit="LP-Vaduz-1", state="under way"), DUTY)
    place = ReportPositions(rows=(row("LP-Vaduz-1", case.both.now_s, 9.51, 47.16),))
    case.do(0, place, FEED)
    case.both.run(120)
    now_s = case.both.now_s
    live = problem_now(given, readiness(case), now_s, points)
    units = {unit.id: unit for unit in live.units}
    assert called_s is not None
    assert units["LP-Vaduz-4"].ready_s == pytest.approx(300 - (now_s - called_s))
    moving = units["LP-Vaduz-1"]
    assert (moving.lon, moving.lat, moving.ready_s, moving.status) == (
        9.51,
        47.16,
        0.0,
        "under way",
    )
    assert units["RIOT-Vaduz"].ready_s == 120.0, "nobody has called it yet"
    late = {name for name, why in not_counted(readiness(case), now_s).items() if "answered" in why}
    assert "LP-Vaduz-2" in late
    assert not late & set(units)
    theirs = {unit.id: unit.ready_s for unit in given.units if unit.side == "CH"}
    for name, ready_s in theirs.items():
        assert units[name].ready_s == pytest.approx(max(0.0, ready_s - (now_s - began_s)))
    for source, before in zip(live.sources, given.sources, strict=True):
        assert source.time_s + now_s == pytest.approx(before.time_s + began_s)


@pytest.mark.parametrize("kind", ["section", "junction"])
def test_a_unit_in_position_on_its_order_holds_the_very_site(
    scenario: Scenario, points: PointSnapper, kind: str
) -> None:
    given = scenario.problem
    junctions = [
        int(i) for i, j in zip(given.sites.index, given.sites.is_junction, strict=True) if j
    ]
    number = 41 if kind == "section" else (junctions or [7])[0]
    told = Told()
    told.order(site=f"{kind} {number}")
    assert sites_now(told.area) == {"P1": f"{kind} {number}"}
    told.move("closed")
    live = problem_now(given, told.area, told.now_s, points)
    section, fraction = (live.unit_places or ())[0]
    if kind == "section":
        assert section == number
    else:
        end = given.network.section_tail if fraction == 0.0 else given.network.section_head
        assert int(end[section]) == number
    assert prepare(live).readiness["LI"].placed.section[0] == section


def test_a_live_problem_is_steady_for_some_seconds_and_then_new(
    case: Case, scenario: Scenario
) -> None:
    enrol_all(case, scenario)
    now = [case.both.now_s]
    live = LiveProblem(case.both.desks[0], scenario.problem, lambda: now[0])
    first = live()
    case.do(0, SetUnit(unit="LP-Schaan", state="off duty"), officer("police"))
    now[0] += 4.0
    assert live() is first, "all answers of a joint plan speak of the same units"
    now[0] += 1.5
    assert "LP-Schaan" in {unit.id for unit in first.units}
    assert "LP-Schaan" not in {unit.id for unit in live().units}
    assert live().now_utc_s == now[0]


def test_a_live_problem_does_not_wait_for_a_busy_desk(case: Case, scenario: Scenario) -> None:
    enrol_all(case, scenario)
    now = [case.both.now_s]
    live = LiveProblem(case.both.desks[0], scenario.problem, lambda: now[0])
    first = live()
    now[0] += 60.0
    taken, done = threading.Event(), threading.Event()

    def work() -> None:
        with case.both.desks[0].reading:
            taken.set()
            done.wait(10.0)

    busy = threading.Thread(target=work)
    busy.start()
    assert taken.wait(10.0)
    assert live() is first
    done.set()
    busy.join()
    assert live().now_utc_s == now[0]


def test_each_unit_stands_in_the_problem_once(
    case: Case, scenario: Scenario, points: PointSnapper
) -> None:
    enrol_all(case, scenario)
    live = problem_now(scenario.problem, readiness(case), case.both.now_s, points)
    ids = [unit.id for unit in live.units]
    assert len(ids) == len(set(ids)) == len(live.unit_places or ())
    own = tuple(unit for unit in live.units if unit.side == "LI")
    assert own == units_now(readiness(case), case.both.now_s)
