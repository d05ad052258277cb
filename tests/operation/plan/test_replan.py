"""Against a leak a new plan is offered with the fewest changed orders; an officer takes it."""

from __future__ import annotations

import dataclasses
import re
import shutil
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case
from operation.orders.sealing_case import entries, orders, report, until, verdict
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.orders.actual_closures import actual_states
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.orders.order_changes import changes
from stopline.operation.orders.plan_text import read_plan_text
from stopline.operation.orders.plan_units import ordered_units
from stopline.operation.plan import board_lines
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.plan.live_units import LiveUnits
from stopline.operation.plan.replan import replan
from stopline.operation.plan.replan_problem import replanning
from stopline.operation.plan.verdict_commands import OfferReplan
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.sealing.checker.check import check_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from stopline.operation.facts.orders import ReplanOffered
    from stopline.operation.orders.actual_closures import Actual
    from stopline.operation.orders.projection import Order
    from stopline.operation.plan.replan_problem import Replanning
    from stopline.scenario.loader import Scenario

LATE = "LP-Triesen"


@pytest.fixture(scope="module")
def late_once(tmp_path_factory: pytest.TempPathFactory, made: str) -> tuple[Path, float]:
    """Two nodes on disk, and the time: one unit is late, all others closed, a plan is offered."""
    case = Case(tmp_path_factory.mktemp("late"))
    case.orders_out(made)
    order = next(o for o in orders(case).orders.values() if o.issued.unit == LATE)
    until(case, order.deadline_s + 3.0, held_back=(LATE,))
    now_s, folder = case.both.now_s, case.both.folders[0].parent
    case.both.close()
    return folder, now_s


@pytest.fixture
def leaking(late_once: tuple[Path, float], tmp_path: Path) -> Iterator[Case]:
    """One unit is late, all others are in time."""
    folder, now_s = late_once
    case = Case.reopened(shutil.copytree(folder, tmp_path / "nodes"), now_s)
    assert verdict(case).verdict == "leaking"
    yield case
    case.both.close()


def offer_of(case: Case) -> ReplanOffered:
    found = case.incident().projection(Verdicts).offer
    assert found is not None
    return found


def asked_of(
    case: Case, actual: Actual, given: Iterable[Order], scenario: Scenario, live: LiveUnits
) -> Replanning:
    """The problem of a re-plan."""
    sent = ordered_units(orders(case), actual.plan)
    sites = scenario.problem.sites
    return replanning(actual, given, scenario.problem.network, sites, live, sent)


def test_the_offer_closes_more_with_few_changes_and_is_checked(
    leaking: Case, scenario: Scenario
) -> None:
    offer = offer_of(leaking)
    assert offer.plan
    plan = read_plan_text(offer.plan)
    assert check_plan(plan, scenario.problem.network).ok
    assert len(plan.open_exits) < len(verdict(leaking).ways)
    assert 0 < len(offer.order) <= 3
    assert LATE not in {one.unit for one in offer.order}  # nobody knows where it is
    assert LATE in offer.note
    assert plan.now_utc_s == pytest.approx(leaking.both.now_s, abs=5.0)
    closed = {o.issued.unit for o in orders(leaking).orders.values() if o.state == "closed"}
    assert closed
    assert not closed & {one.unit for one in (*offer.order, *offer.withdraw)}  # closed seals stand
    shown = [f"{one.lead} {one.text}" for one in
             board_lines.offer_lines(leaking.incident(), leaking.both.now_s, UTC)]  # fmt: skip
    assert shown[0].startswith("NEW PLAN OFFERED:")
    assert any(line.startswith(f"order {offer.order[0].unit} to ") for line in shown)


def test_taking_the_offer_issues_only_what_changes(leaking: Case) -> None:
    offer, before = offer_of(leaking), dict(orders(leaking).orders)
    taken = AdoptPlan(incident=INCIDENT, offer=offer.offer)
    with pytest.raises(NotPermitted):
        leaking.do(0, taken, Actor("x", "press_officer"))
    leaking.do(0, taken, DUTY)
    adopted = orders(leaking).plan
    assert adopted is not None
    assert (adopted.offer, adopted.unchecked_because) == (offer.offer, "")
    leaking.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    after = orders(leaking).orders
    new = {(o.issued.unit, o.issued.site) for name, o in after.items() if name not in before}
    assert new == {(one.unit, one.site) for one in offer.order}
    gone = {o.issued.unit for name, o in after.items()
            if o.state == "withdrawn" and before[name].state != "withdrawn"}  # fmt: skip
    assert gone == {one.unit for one in offer.withdraw}
    kept = {name for name, o in before.items() if o.state == "closed"}
    assert all(after[name].state == "closed" for name in kept)
    assert verdict(leaking).plan == adopted.digest
    assert len(verdict(leaking).ways) < 4  # what it offered is what it brings


def test_an_offer_is_of_one_leak_and_only_the_node_makes_it(leaking: Case) -> None:
    offer = offer_of(leaking)
    again = OfferReplan(
        incident=INCIDENT, leak=offer.leak, verdict="sealed", sentence="x", note="", plan=offer.plan
    )
    with pytest.raises(NotPermitted):
        leaking.do(0, again, DUTY)
    node = Actor("alder.example/node", "node")
    with pytest.raises(NotNow, match="already"):
        leaking.do(0, again, node)
    with pytest.raises(NotNow, match="not the one"):
        leaking.do(0, again.model_copy(update={"leak": "another"}), node)
    with pytest.raises(NotNow, match="is offered now"):
        leaking.do(0, AdoptPlan(incident=INCIDENT, offer="another"), DUTY)
    with pytest.raises(NotNow, match="expected one of plan, proposal and offer"):
        leaking.do(0, AdoptPlan(incident=INCIDENT, plan=offer.plan, offer=offer.offer), DUTY)


def test_when_the_late_unit_closes_the_offer_is_gone(leaking: Case) -> None:
    order = next(o for o in orders(leaking).orders.values() if o.issued.unit == LATE)
    report(leaking, order, "closed")
    leaking.both.run(2.0)
    assert verdict(leaking).verdict == "sealed"
    assert leaking.incident().projection(Verdicts).offer is None
    assert len(entries(leaking, "replan.offered")) == 1


def test_a_plan_that_seals_spares_the_late_and_no_road_that_is_closed(
    sealing: Case, made: str
) -> None:
    plan = read_plan_text(made)
    standing = list(orders(sealing).standing())
    now_s = sealing.both.now_s
    assert changes(standing, plan, {"LI"}, now_s).add == ()
    assert changes(standing, plan, {"LI"}, now_s).drop == ()
    gone = next(one for one in standing if one.issued.unit == LATE)
    left = [s for s in plan.seals if all(holder.unit != LATE for holder in s.holders)]
    without = plan.model_copy(update={"seals": tuple(left)})
    late_s = gone.deadline_s + 1.0
    assert gone in changes(standing, without, {"LI"}, late_s).drop
    closed = [dataclasses.replace(one, state="closed", closed_s=now_s) for one in standing]
    assert changes(closed, without, {"LI"}, late_s).drop == ()  # it is not opened to spare a unit
    leaks = without.model_copy(update={"verdict": "leaking"})
    assert changes(standing, leaks, {"LI"}, late_s).drop == ()  # better late than never


def test_a_late_unit_whose_place_is_known_counts_from_there(
    leaking: Case, scenario: Scenario
) -> None:
    book, now_s = leaking.both.desks[0].catch_up(), leaking.both.now_s
    incident = leaking.incident()
    adopted = orders(leaking).plan
    assert adopted is not None
    actual = actual_states(incident, read_plan_text(adopted.plan), now_s, book.size)
    given = tuple(orders(leaking).orders.values())
    order = next(one for one in given if one.issued.unit == LATE)
    problem = scenario.problem
    unit = next(one for one in problem.units if one.id == LATE)
    assert order.issued.lon is not None
    assert order.issued.lat is not None
    near = dataclasses.replace(unit, lon=order.issued.lon, lat=order.issued.lat)
    live = LiveUnits(units={LATE: near}, fix_age_s={LATE: 20.0})
    asked = asked_of(leaking, actual, given, scenario, live)
    (counted,) = [one for one in asked.problem.units if one.id == LATE]
    assert (counted.ready_s, counted.status) == (20.0, "under way")
    assert asked.left_out == ()
    found = replan(
        actual, given, problem.network, problem.sites, open_now=4, live=live,
        sent=ordered_units(orders(leaking), actual.plan),
    )  # fmt: skip
    plan = read_plan_text(found.plan)
    assert LATE in {one.id for one in plan.units}  # it may be sent, and need not be
    assert plan.verdict == "sealed" or len(plan.open_exits) < 4
    old = LiveUnits(units={LATE: near})  # its last fix is too old
    asked = asked_of(leaking, actual, given, scenario, old)
    assert LATE in asked.left_out[0]
    assert LATE not in {one.id for one in asked.problem.units}


def test_where_nothing_helps_it_says_too_late_with_clock_times(
    leaking: Case, scenario: Scenario
) -> None:
    incident, now_s = leaking.incident(), leaking.both.now_s + 1200.0
    adopted = orders(leaking).plan
    assert adopted is not None
    actual = actual_states(incident, read_plan_text(adopted.plan), now_s, 1)
    given = [dataclasses.replace(one, state="refused") for one in orders(leaking).orders.values()]
    problem = scenario.problem
    found = replan(
        actual, given, problem.network, problem.sites, open_now=1, live=LiveUnits(),
        sent=ordered_units(orders(leaking), actual.plan),
    )  # fmt: skip
    assert not found.plan
    late = r"Missing: .* sighting.* Now it is too late for .* since \d\d:\d\d:\d\d"
    assert re.search(late, found.sentence)
    assert not re.search(r"-\d", found.sentence)


def test_who_is_off_duty_is_not_offered(leaking: Case, scenario: Scenario) -> None:
    book, now_s = leaking.both.desks[0].catch_up(), leaking.both.now_s
    adopted = orders(leaking).plan
    assert adopted is not None
    plan = read_plan_text(adopted.plan)
    actual = actual_states(leaking.incident(), plan, now_s, book.size)
    given = tuple(orders(leaking).orders.values())
    ordered = {one.issued.unit for one in given}
    free = [one.id for one in plan.units if one.side == "LI" and one.id not in ordered]
    live = LiveUnits(out=dict.fromkeys(free, "off duty"))
    asked = asked_of(leaking, actual, given, scenario, live)
    assert not set(free) & {one.id for one in asked.problem.units}
    for order in given:
        refused = dataclasses.replace(order, state="refused", reason="broken down")
        asked = asked_of(leaking, actual, [refused], scenario, LiveUnits())
        assert f"{order.issued.unit} (refused)" in asked.left_out
