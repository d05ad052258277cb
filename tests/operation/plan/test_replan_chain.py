"""A unit that one re-plan left out as late is not counted by the next as if it were in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case
from operation.orders.sealing_case import entries, orders, report, until
from operation.readiness_case import FEED, registered, row
from stopline.operation.orders.actual_closures import actual_states
from stopline.operation.orders.commands import IssueOrders, WithdrawOrders
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.plan_units import ordered_units
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.plan.live_units import live_units
from stopline.operation.plan.replan_problem import replanning
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.operation.readiness.commands import RegisterUnits, SetUnit
from stopline.operation.readiness.positions import ReportPositions

if TYPE_CHECKING:
    from stopline.operation.facts.orders import ReplanOffered
    from stopline.operation.orders.projection import Order
    from stopline.operation.plan.replan_problem import Replanning
    from stopline.scenario.loader import Scenario

LATE = "LP-Nendeln"
UNKNOWN = f"{LATE} (late, its place is not known)"


def order_of(case: Case, unit: str = LATE) -> Order:
    return next(o for o in orders(case).orders.values() if o.issued.unit == unit)


def offer_of(case: Case) -> ReplanOffered:
    found = case.incident().projection(Verdicts).offer
    assert found is not None
    return found


def asked(case: Case, scenario: Scenario, *, later_s: float = 0.0) -> Replanning:
    """The problem of a re-plan as the node would put it now, or later if nothing happens."""
    book, now_s = case.both.desks[0].catch_up(), case.both.now_s + later_s
    known, problem = orders(case), scenario.problem
    assert known.plan is not None
    plan = read_plan_text(known.plan.plan)
    actual = actual_states(case.incident(), plan, now_s, book.size)
    live, sent = live_units(book, INCIDENT, now_s), ordered_units(known, plan)
    given = tuple(known.orders.values())
    return replanning(actual, given, problem.network, problem.sites, live, sent)


@pytest.fixture
def replanned(sealing: Case) -> Case:
    """A first re-plan is adopted, without the late unit, whose order is then withdrawn."""
    until(sealing, order_of(sealing).deadline_s + 3.0, held_back=(LATE,))
    first = offer_of(sealing)
    assert UNKNOWN in first.note
    assert LATE not in {unit.id for unit in read_plan_text(first.plan).units}
    sealing.do(0, AdoptPlan(incident=INCIDENT, offer=first.offer), DUTY)
    sealing.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    gone = WithdrawOrders(
        incident=INCIDENT, orders=(order_of(sealing).issued.order,), reason="nobody hears it"
    )
    sealing.do(0, gone, DUTY)
    sealing.both.run(2.0)
    return sealing


def test_the_second_offer_does_not_count_on_it_either(replanned: Case, scenario: Scenario) -> None:
    assert order_of(replanned).was_late
    second = asked(replanned, scenario)
    assert UNKNOWN in second.left_out
    assert LATE not in {unit.id for unit in second.problem.units}
    offers = entries(replanned, "replan.offered")
    assert len(offers) >= 2  # the withdrawn order is another cause, so another offer
    found = offer_of(replanned)
    assert UNKNOWN in found.note
    assert LATE not in {one.unit for one in found.order}


def test_registered_alone_does_not_say_where_it_is(replanned: Case, scenario: Scenario) -> None:
    replanned.do(0, RegisterUnits(units=(registered(LATE),)), DUTY)
    assert UNKNOWN in asked(replanned, scenario).left_out


def test_registered_with_a_fresh_position_it_counts_from_there(
    replanned: Case, scenario: Scenario
) -> None:
    replanned.do(0, RegisterUnits(units=(registered(LATE),)), DUTY)
    fix = row(LATE, replanned.both.now_s - 1.0, lon=9.54, lat=47.19)
    replanned.do(0, ReportPositions(rows=(fix,)), FEED)
    second = asked(replanned, scenario)
    assert second.left_out == ()
    (unit,) = [one for one in second.problem.units if one.id == LATE]
    assert (unit.lon, unit.lat, unit.status) == (9.54, 47.19, "free")
    old = asked(replanned, scenario, later_s=400.0)  # the fix grows old
    assert UNKNOWN in old.left_out


def test_off_duty_is_said_of_it_as_of_any_other(replanned: Case, scenario: Scenario) -> None:
    replanned.do(0, RegisterUnits(units=(registered(LATE),)), DUTY)
    replanned.do(0, SetUnit(unit=LATE, state="off duty"), DUTY)
    assert f"{LATE} (off duty)" in asked(replanned, scenario).left_out


def test_a_late_one_that_closes_after_all_stands_as_its_first_plan_has_it(
    sealing: Case, scenario: Scenario
) -> None:
    until(sealing, order_of(sealing).deadline_s + 3.0, held_back=(LATE,))
    first = offer_of(sealing)
    sealing.do(0, AdoptPlan(incident=INCIDENT, offer=first.offer), DUTY)
    report(sealing, order_of(sealing), "closed")
    second = asked(sealing, scenario)
    (unit,) = [one for one in second.problem.units if one.id == LATE]
    (listed,) = [one for one in scenario.problem.units if one.id == LATE]
    assert LATE in second.fixed
    assert (unit.strength, unit.may_act_in) == (listed.strength, listed.may_act_in)
    assert (unit.side, unit.speed_factor) == (listed.side, listed.speed_factor)


def test_who_refused_counts_again_when_its_service_says_what_it_can_do(
    sealing: Case, scenario: Scenario
) -> None:
    sealing.do(0, RegisterUnits(units=(registered(LATE),)), DUTY)
    report(sealing, order_of(sealing), "refused", "a flat tyre")
    assert f"{LATE} (refused its order: a flat tyre)" in asked(sealing, scenario).left_out
    sealing.do(0, SetUnit(unit=LATE, state="alerted"), DUTY)
    assert LATE in {unit.id for unit in asked(sealing, scenario).problem.units}


def test_our_seals_are_ours_also_where_a_re_plan_names_no_unit_that_has_an_order(
    replanned: Case,
) -> None:
    known, case = orders(replanned), replanned
    assert known.plan is not None
    plan = read_plan_text(known.plan.plan)
    ordered = {one.issued.unit for one in known.orders.values()}
    others = tuple(unit for unit in plan.units if unit.id not in ordered)
    bare = plan.model_copy(update={"units": others})
    assert {unit.side for unit in ordered_units(known, bare).values()} == {"LI"}
    actual = actual_states(case.incident(), bare, case.both.now_s, 1)
    held = {f"{s.site.kind} {s.site.index}" for s in plan.seals if s.holders[0].side == "LI"}
    assert not [one.site for one in actual.wanted if one.theirs and one.site in held]
