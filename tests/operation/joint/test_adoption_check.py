"""A joint plan becomes orders on both sides: each by its own decision, each to its own units."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import DUTY, INCIDENT, LIAISON
from stopline.operation.core.actor import Actor
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.joint.commands import OrderCommitment, WithdrawCommitment
from stopline.operation.joint.commitment_text import broken_plan, commitment_lines
from stopline.operation.orders.actual_closures import actual_states
from stopline.operation.orders.commands import IssueOrders, MoveOrder
from stopline.operation.plan.adopt import AdoptPlan
from stopline.operation.situation.report import situation_report
from stopline.operation.stand_down.sequence import steps
from stopline.review.communications import requests
from stopline.review.history import fold_history
from stopline.review.relative_time import Since
from stopline.sealing.plan import SiteKind, Verdict
from stopline.sealing.plan_file.schema import PlanFile

if TYPE_CHECKING:
    from operation.joint.incident_case import JointCase


def not_closed(joint: JointCase) -> list[str]:
    """Why sites do not count as closed, at the asking side."""
    adopted = joint.orders(0).plan
    assert adopted is not None
    plan = PlanFile.model_validate_json(adopted.plan)
    now_s, entries = joint.case.both.now_s, joint.case.both.desks[0].catch_up().size
    return [one.why for one in actual_states(joint.case.incident(0), plan, now_s, entries).wanted]


def test_a_plan_that_is_adopted_at_once_is_heard_with_its_promise(joint: JointCase) -> None:
    """That a promise is built on and that the plan is adopted arrive in one frame."""
    case = joint.case
    made = joint.ask()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(made.plan)), DUTY)
    joint.work()
    matter, number = joint.key()
    case.do(1, OrderCommitment(incident=INCIDENT, matter=matter, number=number), DUTY)
    assert joint.orders(1).standing()


def test_each_side_orders_its_own_units_by_its_own_decision(joint: JointCase) -> None:
    case = joint.case
    made = joint.plan()
    assert made.answered
    assert made.plan.verdict is Verdict.SEALED
    matter, number = joint.key()
    for end, who in enumerate(("We asked", "They asked")):
        desk = case.both.desks[end]
        page = situation_report(desk.catch_up(), case.incident(end), case.both.now_s)
        (block,) = [one for one in page.blocks if one.title.startswith("What the sides asked")]
        told = [one for one in block.lines if "one plan over both territories" in one.text]
        assert [one.lead.partition(" ")[2] for one in told] == [who]
        assert re.search(r": yes, \d+ roads?$", told[0].text), told[0].text
        history = fold_history(desk.node.journal.read(), INCIDENT)
        (asked,) = [
            one
            for one in requests(history, None, Since(history.began_s), case.both.now_s)
            if "one plan over both" in one.what
        ]
        assert asked.state.startswith("yes, ")
        assert asked.took_s is not None
    order = OrderCommitment(incident=INCIDENT, matter=matter, number=number)
    with pytest.raises(NotNow, match="has not adopted"):
        case.do(1, order, DUTY)
    case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(made.plan)), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="CH"), DUTY)
    with pytest.raises(NotNow, match="no order for LI"):
        case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)
    joint.work()
    with pytest.raises(NotPermitted):
        case.do(1, order, LIAISON)
    assert not joint.orders(1).orders
    case.do(1, order, DUTY)
    own = {one.issued.unit for one in joint.orders(0).standing()}
    there = {one.issued.unit for one in joint.orders(1).standing()}
    assert own == {h.unit for seal in made.plan.seals for h in seal.holders}
    assert there <= {unit.id for unit in joint.parts[1].units}
    assert len(own) + len(there) == made.plan.units_used
    held = {one.issued.site for one in joint.orders(1).standing()}
    theirs = [seal for seal in made.plan.seals if seal.committed]
    assert held == {f"{seal.site.kind} {seal.site.index}" for seal in theirs}
    for one in joint.orders(1).standing():
        (seal,) = [s for s in theirs if f"{s.site.kind} {s.site.index}" == one.issued.site]
        assert one.expected_s <= made.plan.now_utc_s + seal.closed_at_s + 1e-3
    with pytest.raises(NotNow, match="stands already"):
        case.do(1, order, DUTY)
    joint.case.restart_folds_the_same()


def test_orders_of_a_commitment_know_the_exits(joint: JointCase) -> None:
    """By our own scenario: so that a stand-down keeps those roads for last."""
    joint.plan("m0")
    at = sorted(joint.sites().values())
    kind, _, index = at[0].partition(" ")
    ours = joint.parts[1]
    gate = dataclasses.replace(ours.exits[0], kind=SiteKind(kind), index=int(index))
    joint.parts[1] = dataclasses.replace(ours, exits=(*ours.exits, gate))
    exits = {f"{one.kind} {one.index}" for one in joint.parts[1].exits}
    joint.order()
    issued = [one.issued for one in joint.orders(1).standing()]
    assert {one.site for one in issued if one.at_exit} == {one.site for one in issued} & exits
    assert any(one.at_exit for one in issued)
    assert not all(one.at_exit for one in issued)
    one, last = (
        next(o for o in joint.orders(1).standing() if o.issued.at_exit is e) for e in (False, True)
    )
    for order in (one, last):
        actor = dataclasses.replace(DUTY, agency=order.issued.agency)
        move = MoveOrder(incident=INCIDENT, order=order.issued.order, state="closed")
        joint.case.do(1, move, actor)
    found = {step.name: step.orders for step in steps(joint.orders(1), None)}
    assert found["inside"] == (one.issued.order,)
    assert found["at the exits"] == (last.issued.order,)
    for entry in joint.case.both.desks[1].node.journal.read():
        if entry.kind == "message.sent" and entry.body is not None:
            assert "at_exit" not in str(entry.body["envelope"])


def test_no_unit_of_the_answering_side_crosses_or_stands_in_the_plan(joint: JointCase) -> None:
    made = joint.plan()
    text = joint.text(made.plan)
    sent = [
        str(entry.body["envelope"])
        for entry in joint.case.both.desks[1].node.journal.read()
        if entry.kind == "message.sent" and entry.body is not None
    ]
    assert any("plan.answered" in one for one in sent)
    for unit in joint.parts[1].units:
        assert f'"{unit.id}"' not in text
        assert not any(f'"{unit.id}"' in one for one in sent)


def test_a_withdrawn_commitment_is_told_and_its_plan_shown(joint: JointCase) -> None:
    case = joint.case
    made = joint.plan()
    matter, number = joint.key()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(made.plan)), DUTY)
    case.do(0, IssueOrders(incident=INCIDENT, side="CH"), DUTY)
    assert not any("took back" in why for why in not_closed(joint))
    desk = case.both.desks[0]
    assert broken_plan(desk.catch_up(), case.incident(0), case.both.now_s) == ""
    withdraw = WithdrawCommitment(
        incident=INCIDENT, matter=matter, number=number, reason="the bridge is out"
    )
    with pytest.raises(NotPermitted):
        case.do(1, withdraw, LIAISON)
    case.do(1, withdraw, DUTY)
    joint.work()
    told = broken_plan(desk.catch_up(), case.incident(0), case.both.now_s)
    assert "it was withdrawn: the bridge is out" in told
    theirs = [seal for seal in made.plan.seals if seal.committed]
    assert sum("took back its commitment: the bridge" in why for why in not_closed(joint)) == len(
        theirs
    )
    page = situation_report(desk.catch_up(), case.incident(0), case.both.now_s)
    assert "our plan rests on commitment m1/" in str(page)
    lines = commitment_lines(desk.catch_up(), case.both.now_s)
    assert lines[0].startswith(f"WARNING {INCIDENT}: the adopted plan rests on commitment m1/")
    with pytest.raises(NotNow, match="does not count any more: it was withdrawn"):
        case.do(1, withdraw, DUTY)
    with pytest.raises(NotNow, match="does not count any more"):
        case.do(1, OrderCommitment(incident=INCIDENT, matter=matter, number=number), DUTY)
    joint.case.restart_folds_the_same()


def test_a_plan_on_a_withdrawn_commitment_is_not_adopted(joint: JointCase) -> None:
    made = joint.plan()
    matter, number = joint.key()
    withdraw = WithdrawCommitment(incident=INCIDENT, matter=matter, number=number, reason="no fuel")
    joint.case.do(1, withdraw, DUTY)
    joint.work()
    with pytest.raises(NotNow, match="withdrawn: no fuel; plan with them again"):
        joint.case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(made.plan)), DUTY)


def test_an_expired_commitment_is_neither_adopted_nor_ordered(joint: JointCase) -> None:
    case, both = joint.case, joint.case.both
    made = joint.plan()
    matter, number = joint.key()
    expires_s = made.plan.joint.expires_utc_s  # type: ignore[union-attr]
    adopt = AdoptPlan(incident=INCIDENT, plan=joint.text(made.plan))
    order = OrderCommitment(incident=INCIDENT, matter=matter, number=number)
    for end, command in ((0, adopt), (1, order)):
        with pytest.raises(NotNow, match="it has expired"):
            both.desks[end].do(command, DUTY, command_id=f"late-{end}", now_s=expires_s)
    late = adopt.model_copy(update={"late_because": "the other side holds its part"})
    both.desks[0].do(late, DUTY, command_id="in-time", now_s=expires_s - 1.0)
    told = broken_plan(both.desks[0].catch_up(), case.incident(0), expires_s)
    assert "it has expired" in told


def test_a_plan_that_says_more_than_was_committed_is_not_adopted(joint: JointCase) -> None:
    made = joint.plan()
    plan = made.plan
    number = next(n for n, seal in enumerate(plan.seals) if seal.committed)
    seal = plan.seals[number]
    earlier = dataclasses.replace(seal.committed[0], closed_s=seal.committed[0].closed_s - 60.0)
    seals = list(plan.seals)
    seals[number] = dataclasses.replace(seal, committed=(earlier,))
    forged = dataclasses.replace(plan, seals=tuple(seals))
    with pytest.raises(NotNow, match="did not commit itself to"):
        joint.case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(forged)), DUTY)
    unknown = joint.text(plan).replace("m1/", "m7/")
    with pytest.raises(NotNow, match="has not taken in this incident"):
        joint.case.do(0, AdoptPlan(incident=INCIDENT, plan=unknown), DUTY)


def test_a_later_plan_takes_the_place_of_the_one_before(joint: JointCase) -> None:
    first = joint.plan("m1")
    joint.plan("m2")
    assert joint.key()[0] == "m2"
    with pytest.raises(NotNow, match="a later plan took its place"):
        joint.case.do(0, AdoptPlan(incident=INCIDENT, plan=joint.text(first.plan)), DUTY)


def test_only_who_gave_a_commitment_withdraws_it(joint: JointCase) -> None:
    joint.plan()
    matter, number = joint.key()
    withdraw = WithdrawCommitment(incident=INCIDENT, matter=matter, number=number, reason="no")
    with pytest.raises(NotNow, match="this side has given no commitment"):
        joint.case.do(0, withdraw, Actor("p.duty_officer", "duty_officer", "police"))
