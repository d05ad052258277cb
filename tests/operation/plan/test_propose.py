"""A plan from what the node knows: nothing is typed again, now is now; adopted in one decision."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case, actor
from operation.orders.sealing_case import orders, report
from operation.readiness_case import readiness
from stopline.console.views import proposal as views
from stopline.console.views.picture_plan import offer_of
from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.short_ids import short
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.plan.proposal_projection import Proposal, Proposals
from stopline.operation.plan.propose import ProposePlan
from stopline.operation.readiness.commands import RegisterUnits, SetUnit
from stopline.operation.readiness.positions import ReportPositions
from stopline.operation.sightings.commands import NoteSighting

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.scenario.loader import Scenario

POINTS: dict[str, PointSnapper] = {}
VADUZ = {"lon": 9.5209, "lat": 47.1392, "place": "Vaduz"}


@dataclasses.dataclass
class Region:
    """The region of a node, as it was read once for all tests."""

    scenario: Scenario

    def of(self, _: object) -> Scenario:
        return self.scenario

    def points(self, _: object) -> PointSnapper:
        return POINTS.setdefault("once", PointSnapper(self.scenario.problem.network))


@pytest.fixture
def quick(scenario: Scenario) -> Scenario:
    """The same region, with little time for what cannot be sealed."""
    rules = dataclasses.replace(scenario.problem.rules, time_limit_s=5.0)
    return dataclasses.replace(scenario, problem=dataclasses.replace(scenario.problem, rules=rules))


@pytest.fixture
def ready(case: Case, quick: Scenario) -> Case:
    """Phase LIAISON; all units of the region are registered at end 0, whoever commands them."""
    case.both.desks[0].regions = Region(quick)
    case.liaison()
    enrol_all(case, quick)
    return case


def enrol_all(case: Case, scenario: Scenario) -> None:
    by_agency: dict[str, list[RegisteredUnit]] = {}
    for unit in scenario.problem.units:
        told = {
            "id": unit.id, "side": "LI", "agency": unit.agency, "lon": unit.lon,
            "lat": unit.lat, "ready_s": unit.ready_s, "speed_factor": unit.speed_factor,
            "strength": unit.strength, "may_act_in": sorted(unit.may_act_in), "name": unit.name,
        }  # fmt: skip
        by_agency.setdefault(unit.agency, []).append(RegisteredUnit.model_validate(told))
    for agency, units in by_agency.items():
        who = dataclasses.replace(actor("second_officer"), agency=agency)
        case.do(0, RegisterUnits(units=tuple(units)), who)


def seal_phase(case: Case, **seen: object) -> None:
    """On to phase SEAL, with a sighting of one's own."""
    told = {**VADUZ, "confirmed": True, "towards": "the border", **seen}
    case.do(0, case.sighting(**told), DUTY)
    case.do(0, case.said("heading"), LIAISON)
    for end in (0, 1):
        voice = VoiceDecision(incident=INCIDENT, decision="joint_sealing", outcome="yes")
        case.do(end, voice, actor("head_of_state"))
        case.do(end, case.said("sealing_agreed"), LIAISON)
    case.both.do(0, case.sighting(**told, seen=case.at(0)), DUTY)  # it is seen there again


def propose(case: Case, **fields: object) -> Proposal:
    told = {"incident": INCIDENT, "alone": True, "choices": False, **fields}
    case.both.do(0, ProposePlan.model_validate(told), DUTY)
    found = case.incident().projection(Proposals).newest
    assert found is not None
    return found


def test_a_sighting_becomes_a_plan_and_orders_without_a_file_or_an_id(ready: Case) -> None:
    seal_phase(ready)
    found = propose(ready)
    assert found.body.verdict == "sealed"
    assert found.body.holds, found.body.check
    assert found.body.place == "Vaduz"
    plan = json.loads(found.body.plan)
    assert plan["now_utc_s"] == pytest.approx(ready.both.now_s, abs=2.0)
    assert {one["id"] for one in plan["units"]} == set(readiness(ready).units)
    names = [seal["site"]["name"] for seal in plan["seals"]]
    assert len(set(names)) == len(names)  # an order can be read out
    assert not any(name.startswith(("section ", "junction ")) for name in names), names
    ready.do(0, AdoptPlan(incident=INCIDENT, issue=True), DUTY)
    given = orders(ready)
    assert given.plan is not None
    assert len(given.orders) == sum(len(seal["holders"]) for seal in plan["seals"])
    assert given.plan.decision.startswith(f"{len(given.orders)} orders: ")
    assert " to police" in given.plan.decision


def test_the_proposal_stands_beside_the_plan_in_force_with_geometry(ready: Case) -> None:
    seal_phase(ready)
    before = views.newest(ready.incident(), ready.both.now_s)
    assert before is None
    propose(ready)
    shown = views.newest(ready.incident(), ready.both.now_s)
    assert shown is not None
    assert shown.in_force is None
    assert {one.change for one in shown.orders} == {"new"}
    assert sum(one.orders for one in shown.to) == len(shown.orders)
    layers = {one["properties"]["layer"] for one in shown.geometry["features"]}
    assert {"seal", "sealed road", "source", "exit"} <= layers
    assert shown.rests_on.startswith("What it rests on. ")
    beside = offer_of(ready.incident(), ready.both.now_s, (), None)
    assert beside is not None
    assert beside.rests_on == shown.rests_on
    ready.do(0, AdoptPlan(incident=INCIDENT, issue=True), DUTY)
    again = propose(ready)
    shown = views.shown(ready.incident(), again, ready.both.now_s)
    assert shown.in_force is not None
    assert shown.in_force.orders == len(orders(ready).standing())
    assert {one.change for one in shown.orders} <= {"stands", "moved", "new"}
    assert "stands" in {one.change for one in shown.orders}
    assert [one.adopted is not None for one in views.proposals(ready.incident())] == [False, True]


def test_a_unit_that_is_off_duty_is_not_counted_and_it_is_said_why(ready: Case) -> None:
    seal_phase(ready)
    one = next(iter(readiness(ready).units.values())).registered
    who = dataclasses.replace(actor("second_officer"), agency=one.agency)
    ready.do(0, SetUnit(unit=one.id, state="off duty", reason="shift ended"), who)
    found = propose(ready)
    assert [(each.unit, each.why) for each in found.body.not_counted] == [(one.id, "off duty")]
    assert one.id not in {unit["id"] for unit in json.loads(found.body.plan)["units"]}


def test_a_unit_counts_from_its_last_fix(ready: Case) -> None:
    seal_phase(ready)
    one = next(iter(readiness(ready).units.values())).registered
    who = dataclasses.replace(actor("second_officer"), agency=one.agency)
    fix = {"unit": one.id, "lon": 9.5440, "lat": 47.1990, "time": ready.at(0).isoformat()}
    ready.do(0, ReportPositions.model_validate({"rows": [fix]}), who)
    units = {each["id"]: each for each in json.loads(propose(ready).body.plan)["units"]}
    assert (units[one.id]["lon"], units[one.id]["lat"]) == (9.5440, 47.1990)


def test_before_a_sighting_the_alarm_says_where_it_was(case: Case, quick: Scenario) -> None:
    case.both.desks[0].regions = Region(quick)
    case.liaison()
    enrol_all(case, quick)
    with pytest.raises(NotNow, match=r"nothing says where.*Vaduz, Schaan"):
        propose(case)  # the alarm names a hall that the region does not know


def test_a_place_of_the_region_needs_no_coordinates(ready: Case) -> None:
    told = {"incident": INCIDENT, "place": "triesen"}
    ready.do(0, NoteSighting.model_validate(told), DUTY)
    found = propose(ready)
    assert found.body.place == "Triesen"
    assert "no sighting is confirmed: it holds against all of them" in found.body.notes


def test_what_is_seen_after_the_proposal_is_said_before_it_is_adopted(ready: Case) -> None:
    seal_phase(ready)
    propose(ready)
    ready.both.run(20.0)
    ready.do(0, ready.sighting(**{**VADUZ, "place": "Balzers", "lon": 9.502, "lat": 47.067},
                               confirmed=True, seen=ready.at(-2)), DUTY)  # fmt: skip
    with pytest.raises(NotNow, match=r"was seen at Balzers.*late_because"):
        ready.do(0, AdoptPlan(incident=INCIDENT, issue=True), DUTY)
    shown = views.newest(ready.incident(), ready.both.now_s)
    assert shown is not None
    assert "seen at Balzers" in shown.stale


def test_orders_that_are_late_are_named_before_the_plan_is_adopted(ready: Case) -> None:
    seal_phase(ready)
    first = propose(ready)
    ready.both.run(900.0)
    with pytest.raises(NotNow, match=r"orders? had to be given before now: .* by \d\d:\d\d:\d\d"):
        ready.do(0, AdoptPlan(incident=INCIDENT, proposal=first.body.proposal), DUTY)
    told = AdoptPlan(
        incident=INCIDENT, proposal=short(first.body.proposal), issue=True,
        late_because="the units left on a call at once",
    )  # fmt: skip
    ready.do(0, told, DUTY)
    adopted = orders(ready).plan
    assert adopted is not None
    assert adopted.late_because == "the units left on a call at once"
    assert "had to be given before now" in adopted.decision


def test_units_on_orders_are_where_their_orders_have_them(ready: Case) -> None:
    seal_phase(ready)
    propose(ready)
    ready.do(0, AdoptPlan(incident=INCIDENT, issue=True), DUTY)
    closed = next(iter(orders(ready).orders.values()))
    report(ready, closed, "closed")
    units = {each["id"]: each for each in json.loads(propose(ready).body.plan)["units"]}
    assert units[closed.issued.unit]["status"] == "in position"
    assert units[closed.issued.unit]["ready_s"] == 0.0


def test_who_may_not_adopt_may_not_propose_and_a_node_without_a_region_says_so(
    case: Case, tmp_path: Path
) -> None:
    del tmp_path
    case.liaison()
    with pytest.raises(NotPermitted):
        case.do(0, ProposePlan(incident=INCIDENT), actor("press_officer"))
    case.both.desks[0].regions = None
    with pytest.raises(NotNow, match=r"told of no region.*--scenario"):
        case.do(0, ProposePlan(incident=INCIDENT), DUTY)


def test_a_proposal_is_named_by_how_it_begins_or_ends_and_a_wrong_name_lists_them(
    ready: Case,
) -> None:
    seal_phase(ready)
    found = propose(ready)
    with pytest.raises(NotNow, match=rf"no proposal zzzz; there is {short(found.body.proposal)}"):
        ready.do(0, AdoptPlan(incident=INCIDENT, proposal="zzzz"), DUTY)
    ready.do(0, AdoptPlan(incident=INCIDENT, proposal=found.body.proposal[:20]), DUTY)
    assert orders(ready).plan is not None
