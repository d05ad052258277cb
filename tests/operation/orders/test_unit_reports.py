"""A unit reports on its own order, and on nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import CHIEF, DUTY, INCIDENT, Case, actor
from operation.orders.sealing_case import entries, orders, own
from operation.readiness_case import ARMY, RIOT, radio, readiness, registered
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.orders.commands import MoveOrder, WithdrawOrders
from stopline.operation.readiness.commands import RegisterUnits

if TYPE_CHECKING:
    from stopline.operation.orders.projection import Order

UNIT, OTHER = "LP-Schaan", "LP-Eschen"
ITSELF = radio("lp-schaan")


@pytest.fixture
def ordered(sealing: Case) -> Case:
    """Both units are registered and hold an order."""
    sealing.do(0, RegisterUnits(units=(registered(UNIT), registered(OTHER))), DUTY)
    return sealing


def order_of(case: Case, unit: str) -> Order:
    return next(o for o in orders(case).orders.values() if o.issued.unit == unit)


def move(case: Case, who: Actor, state: str, reason: str = "", unit: str = UNIT) -> None:
    command = MoveOrder.model_validate(
        {
            "incident": INCIDENT, "order": order_of(case, unit).issued.order, "state": state,
            "reason": reason,
        }
    )  # fmt: skip
    case.do(0, command, who)


def test_it_reports_every_step_of_its_own_order_under_its_own_name(ordered: Case) -> None:
    for state in ("acknowledged", "under way", "in position", "closed"):
        move(ordered, ITSELF, state)
        assert order_of(ordered, UNIT).state == state
    assert readiness(ordered).units[UNIT].state == "in position"
    assert {one.author for one in entries(ordered, "order.moved")} == {"lp-schaan"}
    assert "first_seal" in ordered.incident().state.happened
    ordered.restart_folds_the_same()


def test_it_refuses_with_a_reason_also_when_it_cannot_hold_any_longer(ordered: Case) -> None:
    with pytest.raises(NotNow, match="gives its reason"):
        move(ordered, ITSELF, "refused")
    move(ordered, ITSELF, "closed")
    move(ordered, ITSELF, "refused", "two are wounded")
    assert order_of(ordered, UNIT).reason == "two are wounded"


def test_only_legal_steps(ordered: Case) -> None:
    move(ordered, ITSELF, "under way")
    with pytest.raises(NotNow, match="after under way comes"):
        move(ordered, ITSELF, "acknowledged")


@pytest.mark.parametrize(
    "who",
    [
        radio("lp-eschen"),  # another unit of the same service
        radio("lp-schaan-2"),
        radio("lp-schaan", "riot_police"),  # its name, another service
        Actor("lp-schaan", "unit"),  # of no service
        Actor("lp-schaan", "feed", "police"),
        Actor("lp-schaan", "administrator", "police"),
        Actor("lp-schaan", "node", "police"),
        RIOT,
        ARMY,
        actor("head_of_state"),
    ],
    ids=lambda who: f"{who.person} {who.role} {who.agency}",
)
def test_nobody_else_reports_on_it(ordered: Case, who: Actor) -> None:
    with pytest.raises(NotPermitted):
        move(ordered, who, "closed")
    assert order_of(ordered, UNIT).state == "issued"
    assert not entries(ordered, "order.moved")


def test_its_service_still_reports_for_it(ordered: Case) -> None:
    move(ordered, own("police"), "closed")
    assert order_of(ordered, UNIT).state == "closed"


def test_what_is_not_for_a_unit_to_say(ordered: Case) -> None:
    move(ordered, ITSELF, "closed")
    for state in ("withdrawn", "issued"):
        with pytest.raises((NotNow, NotPermitted)):
            move(ordered, ITSELF, state)
    stand_down = VoiceDecision(incident=INCIDENT, decision="stand_down", outcome="yes")
    ordered.do(0, stand_down, CHIEF)
    ordered.do(0, stand_down, actor("interior_minister"))
    ordered.do(0, WithdrawOrders(incident=INCIDENT, reason="the search is over"), DUTY)
    with pytest.raises(NotPermitted, match="its service says"):
        move(ordered, ITSELF, "reopened")
    move(ordered, own("police"), "reopened")
    assert order_of(ordered, UNIT).state == "reopened"


def test_a_unit_that_nobody_registered_cannot_be_known_to_be_it(sealing: Case) -> None:
    with pytest.raises(NotNow, match="registers it first"):
        move(sealing, ITSELF, "closed")
