"""Live readiness becomes a plan, the plan orders, orders move the units, and all are released."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from operation.liaison_case import CHIEF, DUTY, INCIDENT, actor
from operation.readiness_case import readiness
from stopline.network.point_snapper import PointSnapper
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.orders.commands import IssueOrders, MoveOrder, WithdrawOrders
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.readiness.alerting import AlertAgencies
from stopline.operation.readiness.commands import RegisterUnits, ReleaseUnits
from stopline.operation.readiness.from_file import registered_from
from stopline.operation.readiness.planner import problem_now, units_now
from stopline.operation.shifts.changes import ShiftChanges, sentence
from stopline.planning.plan import plan_scenario
from stopline.scenario.loader import load_scenario
from stopline.sealing.plan_file.file import plan_text, plan_to_dict

if TYPE_CHECKING:
    from operation.liaison_case import Case

LAND = Path(__file__).parents[3] / "examples/liechtenstein"
OFFICERS = {
    "police": DUTY,
    "riot_police": Actor("r.riot", "riot_police_commander", "riot_police"),
    "security_service": Actor("s.chief", "security_chief", "security_service"),
}


def adopt_from_live_units(case: Case) -> None:
    """Plan with the units as they are now, and adopt the plan."""
    scenario = load_scenario(LAND / "sealed.yaml")
    rules = replace(scenario.problem.rules, time_limit_s=30.0)  # any sealed plan will do
    moment = replace(scenario.problem, now_utc_s=case.both.now_s, rules=rules)
    points = PointSnapper(moment.network)
    problem = problem_now(moment, readiness(case), case.both.now_s, points)
    plan = plan_scenario(replace(scenario, problem=problem), choices=False).plan
    text = plan_text(plan_to_dict(plan, problem, settings=scenario.settings))
    case.do(0, AdoptPlan(incident=INCIDENT, plan=text), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)


def test_from_readiness_to_release(case: Case) -> None:
    for agency, officer in OFFICERS.items():
        units, _ = registered_from(LAND / "units-li.csv", "LI", agency)
        case.do(0, RegisterUnits(units=units), officer)
    case.seal()
    adopt_from_live_units(case)
    orders = case.incident().projection(Orders).orders
    ordered = {one.issued.unit: name for name, one in orders.items()}
    assert ordered
    states = {name: one.state for name, one in readiness(case).units.items()}
    assert {name for name, state in states.items() if state == "alerted"} == set(ordered)
    for state in ("under way", "closed"):
        for order in ordered.values():
            officer = OFFICERS[orders[order].issued.agency]
            case.do(0, MoveOrder(incident=INCIDENT, order=order, state=state), officer)
    held = {unit.id: unit for unit in units_now(readiness(case), case.both.now_s)}
    for unit, order in ordered.items():
        issued = orders[order].issued
        assert readiness(case).units[unit].state == "in position"
        assert (held[unit].lon, held[unit].lat, held[unit].status) == (
            issued.lon, issued.lat, "in position",
        )  # fmt: skip
    case.do(0, AlertAgencies(incident=INCIDENT), DUTY)
    told = [
        sentence(one, case.incident().machine.protocol)
        for one in case.incident().projection(ShiftChanges).all
    ]
    assert "agency alerted: riot_police; SEALED p.duty_officer (duty_officer)" in told
    case.restart_folds_the_same()
    stand_down(case, ordered)
    for unit in ordered:
        assert readiness(case).units[unit].state == "released"
    assert readiness(case).held.by_unit == {}
    called = {name for name, one in readiness(case).units.items() if one.state == "alerted"}
    assert called, "those that were called and got no order"
    for officer in OFFICERS.values():
        if called & {one.registered.id for one in readiness(case).of_agency(officer.agency or "")}:
            case.do(0, ReleaseUnits(reason="stood down"), officer)
    assert {one.state for one in readiness(case).units.values()} == {"released"}
    case.restart_folds_the_same()


def stand_down(case: Case, ordered: dict[str, str]) -> None:
    decision = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
    case.do(0, decision, CHIEF)
    case.do(0, decision, actor("interior_minister"))
    case.do(0, WithdrawOrders(incident=INCIDENT, reason="the search is over"), DUTY)
    orders = case.incident().projection(Orders).orders
    for unit, order in ordered.items():
        assert readiness(case).units[unit].state == "in position", "its road is closed still"
        officer = OFFICERS[orders[order].issued.agency]
        case.do(0, MoveOrder(incident=INCIDENT, order=order, state="reopened"), officer)
