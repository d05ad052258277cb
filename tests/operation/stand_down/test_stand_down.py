"""Roads reopen from the inside out, step by step, and none stays closed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operation.liaison_case import DUTY, INCIDENT, LIAISON, Case, actor
from operation.watch_list.test_watch_list import stand_down
from stopline.journal.base import Fact
from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import DoTask
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.facts.orders import OrderIssued, OrderMoved
from stopline.operation.orders.commands import MoveOrder
from stopline.operation.orders.projection import Order, Orders
from stopline.operation.stand_down.commands import (
    CheckStandDown,
    ProposeStandDown,
    WithdrawNextStep,
)
from stopline.operation.stand_down.projection import StandDown
from stopline.operation.stand_down.sequence import next_step, steps, still_closed, waits_for

if TYPE_CHECKING:
    from collections.abc import Iterable


def order(
    number: int, *, at_exit: bool = False, closed: bool = True, deadline: int = 0, lon: float = 9.5
) -> Order:
    issued = OrderIssued(
        order=f"o{number}", unit=f"u{number}", agency="police", site=f"section {number}",
        road=f"road {number}", lon=lon, lat=47.1, strength=1, need=1, at_exit=at_exit,
        deadline=f"2026-11-18T12:{deadline:02}:00+00:00", expected="2026-11-18T12:00:00+00:00",
    )  # fmt: skip
    return Order(
        issued=issued, by="p", state="closed" if closed else "under way", since_s=0.0,
        closed_s=1.0 if closed else None,
    )  # fmt: skip


def known(orders: Iterable[Order]) -> Orders:
    area = Orders()
    area.orders = {one.issued.order: one for one in orders}
    return area


def test_inside_first_the_farthest_exit_next_the_nearest_last() -> None:
    area = known([
        order(1, at_exit=True, lon=9.51), order(2, at_exit=True, lon=9.9), order(3, deadline=9),
        order(4, deadline=3), order(5, closed=False),
    ])  # fmt: skip
    laid = steps(area, (9.5, 47.1))
    assert [(step.name, step.orders) for step in laid] == [
        ("not closed yet", ("o5",)),
        ("inside", ("o4", "o3")),
        ("at the exits", ("o2", "o1")),
    ]


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 59)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_no_exit_opens_while_a_road_inside_is_closed(
    rows: list[tuple[bool, bool, int]], chance: object
) -> None:
    area = known(order(n, at_exit=e, closed=c, deadline=d) for n, (e, c, d) in enumerate(rows))
    laid = steps(area, None)
    assert sorted(o for step in laid for o in step.orders) == sorted(area.orders)
    for _ in range(2 * len(rows) + 2):
        step = next_step(laid, area)
        if step is not None and not waits_for(laid, step, area):
            for name in step.orders:
                area.orders[name] = dataclasses.replace(area.orders[name], state="withdrawn")
        inside = [one for one in still_closed(area) if not one.issued.at_exit]
        exits = [
            one for one in area.orders.values()
            if one.issued.at_exit and one.closed_s is not None and one.state != "closed"
        ]  # fmt: skip
        assert not (inside and exits)
        gone = [one for one in still_closed(area) if one.state == "withdrawn"]
        if gone:
            one = gone[chance.randrange(len(gone))]
            area.orders[one.issued.order] = dataclasses.replace(one, state="reopened", ended_s=9.0)
    assert still_closed(area) == []
    assert area.standing() == []


def put(case: Case, *orders: Order) -> None:
    """Issue orders as facts, closed where they are closed."""
    desk = case.both.desks[0]
    facts = []
    for number, one in enumerate(orders):
        bodies = [one.issued]
        if one.closed_s is not None:
            bodies.append(
                OrderMoved(order=one.issued.order, state="closed", reason="", seals=())  # type: ignore[arg-type]
            )
        facts += [
            Fact(
                fact_id=derived_id(case.both.now_s, "put", number, kind), author="p",
                time_s=case.both.now_s, role="duty_officer", incident=INCIDENT, body=body,
            )
            for kind, body in enumerate(bodies)
        ]  # fmt: skip
    desk.node.journal.append(facts)


def reopen(case: Case, name: str) -> None:
    move = MoveOrder(incident=INCIDENT, order=name, state="reopened")
    case.do(0, move, Actor("s", "second_officer", "police"))


def test_the_steps_on_a_desk(case: Case) -> None:
    case.liaison()
    put(case, order(1, at_exit=True), order(2), order(3, closed=False))
    with pytest.raises(NotNow, match="not in LIAISON"):
        case.do(0, ProposeStandDown(incident=INCIDENT), DUTY)
    stand_down(case)
    case.both.run(1)
    again = WithdrawNextStep(incident=INCIDENT, reason="it is over")
    with pytest.raises(NotNow, match="propose"):
        case.do(0, again, DUTY)
    with pytest.raises(NotPermitted):
        case.do(0, ProposeStandDown(incident=INCIDENT), LIAISON)
    case.do(0, ProposeStandDown(incident=INCIDENT), DUTY)
    laid = case.incident().projection(StandDown).proposed
    assert laid is not None
    assert not laid.confirmed
    put(case, order(4, closed=False))
    with pytest.raises(NotNow, match="issued since"):
        case.do(0, again, DUTY)
    case.do(0, ProposeStandDown(incident=INCIDENT), DUTY)
    case.do(0, again, DUTY)
    case.do(0, again, DUTY)
    with pytest.raises(NotNow, match=r"before the roads at the exits: road 2 \(u2\)"):
        case.do(0, again, DUTY)
    with pytest.raises(NotNow, match="still closed: road 1, road 2"):
        case.do(0, CheckStandDown(incident=INCIDENT), DUTY)
    reopen(case, "o2")
    case.do(0, again, DUTY)
    with pytest.raises(NotNow, match="all orders are withdrawn"):
        case.do(0, again, DUTY)
    tasks = case.incident().state.tasks
    assert next(t.status for t in tasks.values() if t.task == "reopen_roads") == "open"
    reopen(case, "o1")
    case.do(0, CheckStandDown(incident=INCIDENT), DUTY)
    assert case.incident().projection(StandDown).checked_s is not None
    tasks = case.incident().state.tasks
    assert next(t.status for t in tasks.values() if t.task == "reopen_roads") == "closed"
    case.restart_folds_the_same()


def test_an_incident_without_a_single_order_can_end(case: Case) -> None:
    case.liaison()
    stand_down(case)
    case.do(0, case.said("stand_down"), LIAISON)
    with pytest.raises(NotNow, match="no order stands"):
        case.do(0, ProposeStandDown(incident=INCIDENT), DUTY)
    for end in (0, 1):
        case.do(end, CheckStandDown(incident=INCIDENT), DUTY)
        done = DoTask(incident=INCIDENT, task="end_watch_list", evidence="none ran")
        case.do(end, done, actor("second_officer"))
        case.do(end, case.said("roads_reopened"), LIAISON)
    assert [case.incident(end).phase for end in (0, 1)] == ["CLOSED", "CLOSED"]
