"""A plan becomes orders on one decision, each with a true state; a late unit opens a road."""

from __future__ import annotations

import dataclasses
import math

import pytest

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from operation.orders.sealing_case import orders, own
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.orders import OrderIssued
from stopline.operation.orders.board import _shut, board, seal_status
from stopline.operation.orders.commands import (
    CheckOrders,
    IssueOrders,
    MoveOrder,
    WithdrawOrders,
    WriteLesson,
    _news,
)
from stopline.operation.orders.projection import FOLLOWS, Order, Orders
from stopline.operation.plan.adopt import AdoptPlan
from stopline.sealing.plan_file.schema import PlanFile


def move(case: Case, order: str, state: str, reason: str = "") -> None:
    agency = orders(case).orders[order].issued.agency
    command = MoveOrder.model_validate(
        {"incident": INCIDENT, "order": order, "state": state, "reason": reason}
    )
    case.do(0, command, own(agency))


def test_orders_need_leave_and_bear_a_name(case: Case, made: str) -> None:
    case.agree()
    case.do(0, AdoptPlan(incident=INCIDENT, plan=made), DUTY)
    with pytest.raises(NotNow, match="no leave to issue orders; that takes the phase SEAL"):
        case.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)


def test_our_part_of_the_plan_becomes_orders_once(sealing: Case) -> None:
    standing = orders(sealing).standing()
    plan = PlanFile.model_validate_json(orders(sealing).plan.plan)  # type: ignore[union-attr]
    ours = [h for seal in plan.seals for h in seal.holders if h.side == "LI"]
    assert {one.issued.unit for one in standing} == {holder.unit for holder in ours}
    assert {one.by for one in standing} == {DUTY.person}
    with pytest.raises(NotNow, match="no order for LI"):
        sealing.do(0, IssueOrders(incident=INCIDENT, side="LI"), DUTY)


def test_only_the_own_service_reports_and_only_legal_steps(sealing: Case) -> None:
    order = next(iter(orders(sealing).orders))
    with pytest.raises(NotPermitted, match="belongs to"):
        sealing.do(
            0, MoveOrder(incident=INCIDENT, order=order, state="closed"), own("fire brigade")
        )
    move(sealing, order, "closed")
    with pytest.raises(NotNow, match="after closed comes refused"):
        move(sealing, order, "under way")
    other = list(orders(sealing).orders)[1]
    with pytest.raises(NotNow, match="gives its reason"):
        move(sealing, other, "refused")


def test_first_and_last_seal_are_told_to_the_procedure(sealing: Case) -> None:
    names = list(orders(sealing).orders)
    move(sealing, names[0], "closed")
    assert "first_seal" in sealing.incident().state.happened
    for name in names[1:]:
        assert "all_sealed" not in sealing.incident().state.happened
        move(sealing, name, "closed")
    assert "all_sealed" in sealing.incident().state.happened
    assert {row.state for row in board(orders(sealing), sealing.both.now_s)} == {"closed"}


def test_a_late_unit_is_shown_and_noted_once(judged: Case) -> None:
    late = max(one.deadline_s for one in orders(judged).orders.values())
    now_s = late + 5.0
    rows = board(orders(judged), now_s)
    assert rows[0].state == "late"
    assert rows[0].left_s < 0
    judged.both.run(now_s - judged.both.now_s)  # the desk is watched, and the late are noted
    assert "leak_open" in judged.incident().state.happened
    with pytest.raises(NotNow, match="noted already"):
        judged.do(0, CheckOrders(incident=INCIDENT), DUTY)


def test_a_refusal_opens_a_road(judged: Case) -> None:
    order = next(iter(orders(judged).orders))
    move(judged, order, "refused", "engine failure")
    assert "leak_open" in judged.incident().state.happened
    assert board(orders(judged), judged.both.now_s)[0].state == "open"


def test_a_road_that_was_refused_is_not_called_sealed_until_another_holds_it(case: Case) -> None:
    known = Orders()
    known.orders = {name: order_of(name, site) for name, site in
                    (("a", "section 1"), ("b", "section 2"), ("c", "section 1"))}  # fmt: skip
    assert _news(known, known.orders["a"], "refused") == ("opened",)
    known.orders["a"] = dataclasses.replace(known.orders["a"], state="refused")
    assert _news(known, known.orders["b"], "closed") == ("first_closed",)
    known.orders["b"] = dataclasses.replace(known.orders["b"], state="closed", closed_s=5.0)
    assert _news(known, known.orders["c"], "closed") == ("all_closed",)
    del case


def test_one_seal_alone_is_the_first_and_the_last() -> None:
    known = Orders()
    known.orders = {"a": order_of("a", "section 1")}
    assert _news(known, known.orders["a"], "closed") == ("first_closed", "all_closed")


def test_a_site_is_shut_while_its_units_are_strong_enough() -> None:
    def held(name: str, from_s: float, until_s: float | None, need: int = 1) -> Order:
        made = order_of(name, "section 1", need=need)
        return dataclasses.replace(made, state="closed", closed_s=from_s, ended_s=until_s)

    assert _shut([order_of("a", "section 1", "refused"), held("b", 9.0, None)], 0.0) == [
        (9.0, math.inf)
    ]
    assert _shut([held("a", 5.0, 8.0), held("b", 12.0, None)], 0.0) == [
        (5.0, 8.0), (12.0, math.inf),
    ]  # fmt: skip
    assert _shut([held("a", 5.0, 8.0, need=2), held("b", 6.0, None, need=2)], 0.0) == [(6.0, 8.0)]


def order_of(name: str, site: str, state: str = "issued", *, need: int = 1) -> Order:
    at = "2026-11-18T12:00:00+00:00"
    issued = OrderIssued(
        order=name, unit=f"unit {name}", agency="police", site=site, road="A 1", lon=None,
        lat=None, deadline=at, expected=at, at_exit=False, strength=1, need=need,
    )  # fmt: skip
    return Order(issued=issued, by="x", state=state, since_s=0.0)  # type: ignore[arg-type]


def test_nothing_is_withdrawn_before_the_decision_and_exits_open_last(judged: Case) -> None:
    for name in list(orders(judged).orders):
        move(judged, name, "closed")
    withdraw = WithdrawOrders(incident=INCIDENT, reason="the search is over")
    with pytest.raises(NotNow, match="stand-down"):
        judged.do(0, withdraw, DUTY)
    decision = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
    judged.do(0, decision, actor("chief_of_police"))
    judged.do(0, decision, actor("interior_minister"))
    done = judged.do(0, withdraw, DUTY)
    journal = judged.both.desks[0].node.journal
    withdrawn = [journal.find(one).body["order"] for one in done.ids]  # type: ignore[index]
    at_exit = [orders(judged).orders[name].issued.at_exit for name in withdrawn]
    assert at_exit == sorted(at_exit)
    for name in withdrawn:
        move(judged, str(name), "reopened")
    assert "all_reopened" in judged.incident().state.happened


def test_the_other_side_is_told_states_and_no_unit(judged: Case) -> None:
    told = seal_status(orders(judged), judged.both.now_s)
    text = " ".join(one.model_dump_json() for one in told)
    assert told
    for one in orders(judged).orders.values():
        assert one.issued.unit not in text


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("closed", "closed"), "closed"),
        (("closed", "issued"), "ordered"),
        (("closed", "under way"), "under way"),
        (("closed", "refused"), "open"),
        (("refused", "closed"), "open"),
        (("refused", "closed", "issued"), "ordered"),
        (("refused", "closed", "closed"), "closed"),
        (("reopened", "reopened"), "reopened"),
    ],
)
def test_a_half_held_road_is_never_called_closed(states: tuple[str, ...], told: str) -> None:
    known = Orders()
    known.orders = {
        str(k): order_of(str(k), "section 1", state, need=2) for k, state in enumerate(states)
    }
    deadline_s = known.orders["0"].deadline_s
    known.orders = {
        k: dataclasses.replace(one, since_s=deadline_s - 60.0) for k, one in known.orders.items()
    }
    (status,) = seal_status(known, deadline_s - 1.0)
    assert status.state == told
    if told in {"ordered", "under way"}:
        (status,) = seal_status(known, deadline_s + 1.0)
        assert status.state == "late"


def test_every_state_has_its_steps_and_a_restart_folds_the_same(sealing: Case) -> None:
    assert set().union(*FOLLOWS.values()) | {"issued", "withdrawn"} == set(FOLLOWS)
    sealing.do(0, WriteLesson(incident=INCIDENT, text="Radios first."), DUTY)
    move(sealing, next(iter(orders(sealing).orders)), "under way")
    sealing.restart_folds_the_same()
    assert orders(sealing).lessons == [(DUTY.person, "Radios first.")]


def test_a_text_that_is_no_plan_is_refused(case: Case) -> None:
    case.seal()
    with pytest.raises(NotNow, match="no plan"):
        case.do(0, AdoptPlan(incident=INCIDENT, plan="{}"), DUTY)
