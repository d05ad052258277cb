"""How the tests of orders plan, report and look at what is open."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from operation.liaison_case import INCIDENT
from stopline.operation.core.actor import Actor
from stopline.operation.orders.commands import MoveOrder
from stopline.operation.orders.projection import Orders
from stopline.operation.plan.verdict_projection import Verdicts
from stopline.planning.plan import plan_scenario
from stopline.sealing.plan_file.file import plan_text, plan_to_dict

if TYPE_CHECKING:
    from operation.liaison_case import Case
    from stopline.journal.base import Entry
    from stopline.operation.facts.orders import VerdictChanged
    from stopline.operation.orders.projection import Order
    from stopline.scenario.loader import Scenario

ROOT = Path(__file__).parents[3]
SCENARIO = ROOT / "tests/operation/orders/vaduz/sealed.yaml"
SIDES = ("LI", "CH")


def plan_at(scenario: Scenario, now_s: float) -> str:
    """The plan of a scenario, made for a moment."""
    moved = dataclasses.replace(
        scenario, problem=dataclasses.replace(scenario.problem, now_utc_s=now_s)
    )
    made = plan_scenario(moved, pictures=False).plan
    return plan_text(plan_to_dict(made, moved.problem, settings=scenario.settings))


def orders(case: Case, end: int = 0) -> Orders:
    """The orders of a side."""
    return case.incident(end).projection(Orders)


def own(agency: str) -> Actor:
    """An officer of a service."""
    return Actor("s.geant", "second_officer", agency)


def report(case: Case, order: Order, state: str, reason: str = "", end: int = 0) -> None:
    """Report how an order stands, with no time passing."""
    command = MoveOrder.model_validate(
        {"incident": INCIDENT, "order": order.issued.order, "state": state, "reason": reason}
    )
    case.both.do(end, command, own(order.issued.agency))


def verdict(case: Case, end: int = 0) -> VerdictChanged:
    """The verdict as a side knows it."""
    found = case.incident(end).projection(Verdicts).now
    assert found is not None
    return found


def until(case: Case, moment_s: float, *, held_back: tuple[str, ...] = ()) -> None:
    """Let time pass; each unit closes its site as planned, but those held back."""
    while case.both.now_s < moment_s:
        case.both.run(min(5.0, moment_s - case.both.now_s))
        for end in (0, 1):
            for one in list(orders(case, end).orders.values()):
                due = one.expected_s <= case.both.now_s and one.issued.unit not in held_back
                if due and one.state == "issued":
                    report(case, one, "closed", end=end)
    case.both.run(1.0)


def entries(case: Case, kind: str, end: int = 0) -> list[Entry]:
    """The facts of a kind in a side's journal."""
    return [one for one in case.both.desks[end].node.journal.read() if one.kind == kind]
