"""An order that moves is its unit's report: the unit follows, and no second fact says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operation.readiness_case import DUTY, Told, enrol, readiness, unit
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.readiness import (
    UnitAcknowledged,
    UnitSet,
    UnitsReleased,
)
from stopline.operation.facts.unit_states import CALLED, FOLLOWS, FURTHEST, NEEDS_REASON
from stopline.operation.orders.projection import FOLLOWS as ORDER_FOLLOWS
from stopline.operation.readiness.commands import ReleaseUnits, RetireUnit, SetUnit
from stopline.operation.readiness.planner import not_counted, sites_now, units_now

if TYPE_CHECKING:
    from operation.liaison_case import Case


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ((), "alerted"),
        (("acknowledged",), "alerted"),
        (("acknowledged", "under way"), "under way"),
        (("under way", "in position"), "in position"),
        (("closed",), "in position"),
        (("closed", "withdrawn"), "in position"),
        (("closed", "withdrawn", "reopened"), "released"),
        (("withdrawn",), "on call"),
        (("under way", "withdrawn"), "on call"),
        (("under way", "withdrawn", "reopened"), "on call"),
        (("refused",), "on call"),
        (("closed", "refused"), "on call"),
    ],
)
def test_the_unit_follows_its_order(moves: tuple[str, ...], expected: str) -> None:
    told = Told()
    told.order()
    for state in moves:
        told.move(state)
    assert told.state == expected
    assert told.area.units["P2"].state == "on call"
    stands = not moves or moves[-1] not in {"refused", "reopened"}
    stands = stands and (moves[-1:] != ("withdrawn",) or "closed" in moves)
    assert bool(told.area.held.of("P1")) == stands


def test_a_unit_that_an_alert_called_stays_alerted_when_its_order_ends_early() -> None:
    told = Told()
    alert = told.alert("P1")
    told.order()
    told.move("withdrawn")
    assert told.state == "alerted"
    assert told.area.units["P1"].unanswered, "our own centre withdrew; the unit said nothing"
    told.tell(UnitAcknowledged(unit="P1", alert=alert))
    told.order("p")
    told.move("under way", "p")
    told.move("refused", "p")
    assert told.state == "alerted"


def test_an_order_that_is_acknowledged_answers_the_alert() -> None:
    told = Told()
    told.alert("P1")
    told.order()
    assert told.area.units["P1"].unanswered
    told.move("acknowledged")
    assert not told.area.units["P1"].unanswered


def test_who_refused_is_not_counted_until_its_service_speaks() -> None:
    told = Told()
    told.alert("P1")
    told.order()
    told.move("refused")
    assert not_counted(told.area, told.now_s) == {"P1": "refused its order: engine"}
    told.tell(UnitSet(unit="P1", state="under way", reason="runs again"))
    assert not_counted(told.area, told.now_s) == {}


def test_two_orders_at_once_and_what_is_furthest_counts() -> None:
    told = Told()
    told.order("a")
    told.move("closed", "a")
    told.order("b")
    assert told.state == "in position"
    told.move("withdrawn", "a")
    told.move("reopened", "a")
    assert told.state == "alerted"
    assert sites_now(told.area) == {"P1": "section 7"}
    told.move("under way", "b")
    assert told.state == "under way"
    told.move("withdrawn", "none")
    assert told.state == "under way"


def test_a_unit_in_position_on_an_order_stands_at_the_order() -> None:
    told = Told()
    told.order()
    told.move("in position")
    first = units_now(told.area, told.now_s)[0]
    assert (first.lon, first.lat, first.ready_s, first.status) == (9.6, 47.2, 0.0, "in position")


ORDER_STATES = sorted({*ORDER_FOLLOWS} - {"issued"})
STEPS = st.one_of(
    st.tuples(st.just("order"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("move"), st.sampled_from(["a", "b"]), st.sampled_from(ORDER_STATES)),
    st.tuples(st.just("alert")),
    st.tuples(st.just("acknowledge")),
    st.tuples(st.just("set"), st.sampled_from(sorted(FOLLOWS))),
    st.tuples(st.just("release")),
)


def take(told: Told, step: tuple[str, ...]) -> None:
    """Tell a step if the desk would let it happen now."""
    kind, *rest = step
    unit, held = told.area.units["P1"], told.area.held
    free = not held.of("P1")
    if kind == "order" and rest[0] not in held.unit_of:
        told.order(rest[0])
    elif kind == "move":
        stands = {one.issued.order: one.state for one in held.of("P1")}
        after = ORDER_FOLLOWS.get(stands.get(rest[0], ""), frozenset())
        if rest[1] in after | {"withdrawn", "reopened"}:
            told.move(rest[1], rest[0])
    elif kind == "alert" and unit.state not in {"under way", "in position"}:
        told.alert("P1")
    elif kind == "acknowledge" and unit.alert:
        told.tell(UnitAcknowledged(unit="P1", alert=unit.alert))
    elif kind == "set" and free and rest[0] in FOLLOWS[unit.state]:
        told.tell(UnitSet.model_validate({"unit": "P1", "state": rest[0], "reason": "r"}))
    elif kind == "release" and free and unit.state in CALLED:
        told.tell(UnitsReleased(units=("P1",), reason=""))


@given(st.lists(STEPS, max_size=25))
def test_whatever_happens_the_unit_is_in_one_state_that_fits_its_orders(
    steps: list[tuple[str, ...]],
) -> None:
    told = Told()
    for step in steps:
        take(told, step)
        now, stands = told.area.units["P1"], told.area.held.state("P1")
        if stands is not None:
            assert FURTHEST.index(now.state) >= FURTHEST.index(stands)
        assert (now.called_s is not None) == (now.state in CALLED)
        assert not now.alert or now.state in CALLED
        assert not (now.unanswered and now.state != "alerted")
        counted = units_now(told.area, told.now_s)
        left_out = not_counted(told.area, told.now_s)
        assert sorted([*(one.id for one in counted), *left_out]) == ["P1", "P2"]
        assert ("P1" in left_out) == (now.state == "off duty" or now.refused or is_late(told))
        assert all(0.0 <= one.ready_s <= 300.0 for one in counted)
    assert told.area.units["P2"] == Told().area.units["P2"]


def is_late(told: Told) -> bool:
    return told.area.units["P1"].is_overdue(told.now_s)


def test_the_table_of_steps_is_whole() -> None:
    assert set().union(*FOLLOWS.values()) == set(FOLLOWS)
    for before, after in NEEDS_REASON:
        assert after in FOLLOWS[before]
        assert before in CALLED
    for state in FOLLOWS:
        assert state not in FOLLOWS[state]


def test_a_unit_with_an_order_reports_on_the_order(case: Case) -> None:
    enrol(case)
    case.alarm()
    told = Told()
    told.order()
    readiness(case).held.issued(told.area.held.of("P1")[0].issued)
    for command in (
        SetUnit(unit="P1", state="under way"),
        ReleaseUnits(units=("P1",)),
        RetireUnit(unit="P1", reason="x"),
    ):
        with pytest.raises(NotNow, match=r"holds order o \(A 3, issued\)"):
            case.do(0, command, DUTY)
    assert unit(case, "P1").state == "on call"
