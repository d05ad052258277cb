"""A site that both sides hold together is closed while both parts are, and not by one alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case
from operation.orders.sealing_case import orders, report
from stopline.operation.orders.actual_closures import actual_states
from stopline.operation.orders.commands import IssueOrders
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.plan.verdict import judge
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from stopline.operation.orders.actual_closures import Actual, Wanted
    from stopline.operation.orders.projection import Order
    from stopline.scenario.loader import Scenario

OURS, THEIRS = "LI", "CH"


def at_s(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class Shared:
    """The adopted plan with one seal of ours that needs a part of theirs besides."""

    def __init__(self, case: Case, made: str) -> None:
        self.case = case
        self.content: dict[str, Any] = json.loads(made)
        self.order: Order = next(iter(orders(case).orders.values()))
        self.site = self.order.issued.site
        (self.seal,) = [one for one in self.content["seals"] if place(one) == self.site]
        self.now_utc_s = PlanFile.model_validate(self.content, strict=False).now_utc_s
        self.theirs_s = self.seal["closed_at_s"] + 60.0
        self.whole(self.order.issued.need + 1)
        closed = at_s(self.now_utc_s + self.theirs_s)
        part = {"side": THEIRS, "commitment": "m1/1", "closed_s": self.theirs_s, "closed": closed}
        self.seal["committed"] = [{**part, "units": 1, "strength": 1}]

    def whole(self, need: int) -> None:
        self.seal["site"]["need"] = need

    def actual(self, now_s: float | None = None) -> Actual:
        plan = PlanFile.model_validate_json(json.dumps(self.content))
        now_s = self.case.both.now_s if now_s is None else now_s
        return actual_states(self.case.incident(), plan, now_s, 1)

    def wanted(self, now_s: float | None = None) -> Wanted:
        (found,) = [one for one in self.actual(now_s).wanted if one.site == self.site]
        return found

    def closed(self, now_s: float | None = None) -> list[tuple[float, float]]:
        return [
            (one.from_s, one.until_s)
            for one in self.actual(now_s).closings
            if f"{one.kind} {one.index}" == self.site
        ]

    def said(self, state: str) -> None:
        """The other side reports its part."""
        status = {"site": self.site, "road": "the bridge", "state": state}
        told = self.case.said("leak", seal_status=[{**status, "since": at_s(self.case.both.now_s)}])
        self.case.do(1, told, LIAISON)


def place(seal: dict[str, Any]) -> str:
    return f"{seal['site']['kind']} {seal['site']['index']}"


@pytest.fixture
def shared(sealing: Case, made: str) -> Shared:
    return Shared(sealing, made)


def test_it_is_closed_from_when_the_later_part_is(shared: Shared) -> None:
    ((from_s, until_s),) = shared.closed()
    assert from_s == pytest.approx(shared.theirs_s)
    assert until_s == float("inf")
    assert shared.wanted().why == ""
    shared.seal["committed"][0]["closed_s"] = 0.0
    ((from_s, _),) = shared.closed()
    assert from_s == pytest.approx(shared.seal["closed_at_s"], abs=1.0)


def test_our_late_part_opens_it(shared: Shared) -> None:
    late_s = shared.order.deadline_s + 1.0
    assert shared.closed(late_s) == []
    assert shared.wanted(late_s).unit == shared.order.issued.unit
    assert "is late at" in shared.wanted(late_s).why


@pytest.mark.parametrize("state", ["late", "open", "reopened"])
def test_their_late_or_open_part_opens_it_though_ours_is_closed(shared: Shared, state: str) -> None:
    report(shared.case, shared.order, "closed")
    assert shared.closed()
    shared.said(state)
    assert shared.closed() == []
    found = shared.wanted()
    assert (found.unit, found.theirs) == ("", False)
    assert f"says that the bridge is {state}" in found.why
    shared.said("closed")
    ((from_s, _),) = shared.closed()
    since_s = shared.case.incident().projection(TheirSeals).spans[shared.site][0][0]
    assert from_s == pytest.approx(since_s - shared.now_utc_s)
    assert shared.wanted().why == ""


def test_a_withdrawn_commitment_opens_it(shared: Shared) -> None:
    report(shared.case, shared.order, "closed")
    shared.case.incident().projection(TheirSeals).withdrawn["m1/1"] = "no fuel"
    assert shared.closed() == []
    assert "took back its commitment: no fuel" in shared.wanted().why


def test_what_they_promised_and_did_not_report_is_said(shared: Shared) -> None:
    report(shared.case, shared.order, "closed")
    arrival_s = shared.seal["arrival_s"]
    later_s = shared.now_utc_s + (shared.theirs_s if arrival_s is None else arrival_s) + 3601.0
    assert not shared.wanted().unreported
    assert shared.wanted(later_s).unreported
    assert shared.closed(later_s)


def test_where_ours_alone_is_strong_enough_their_part_opens_nothing(shared: Shared) -> None:
    shared.whole(shared.order.issued.strength)
    shared.said("open")
    assert shared.closed()
    assert shared.wanted().why == ""


def test_their_part_alone_closes_nothing_where_we_have_no_order(shared: Shared) -> None:
    shared.seal["site"]["index"] += 1  # nobody was ordered there
    assert place(shared.seal) not in {o.issued.site for o in orders(shared.case).orders.values()}
    shared.site = place(shared.seal)
    shared.said("closed")
    assert shared.closed() == []
    assert "has no order for" in shared.wanted().why


def test_the_verdict_is_of_both_parts(shared: Shared, scenario: Scenario) -> None:
    shared.seal["committed"][0]["closed_s"] = 0.0
    network = scenario.problem.network
    assert judge(shared.actual(), network).verdict == "sealed"
    shared.said("open")
    found = judge(shared.actual(), network)
    assert found.verdict == "leaking"
    assert "says that the bridge is open" in found.ways[0].why


def test_orders_of_a_plan_of_all_units_ask_each_side_for_its_part(case: Case, made: str) -> None:
    """Else the units of one side could never close what both hold."""
    content = json.loads(made)
    seals = {side: [s for s in content["seals"] if side_of(s) == side] for side in (OURS, THEIRS)}
    ours, theirs = seals[OURS][0], seals[THEIRS][0]
    strength = {unit["id"]: unit["strength"] for unit in content["units"]}
    other = theirs["holders"][0]
    ours["holders"].append(other)
    ours["site"]["need"] = sum(strength[one["unit"]] for one in ours["holders"])
    content["seals"].remove(theirs)
    case.seal()
    text = json.dumps(content)
    adopt = AdoptPlan(incident=INCIDENT, plan=text, unchecked_because="made by hand")
    case.do(0, adopt, DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side=OURS), DUTY)
    issued = [one.issued for one in orders(case).orders.values() if one.issued.site == place(ours)]
    need = ours["site"]["need"] - strength[other["unit"]]
    assert {one.need for one in issued} == {need}
    assert sum(one.strength for one in issued) >= need


def side_of(seal: dict[str, Any]) -> str:
    return str(seal["holders"][0]["side"])
