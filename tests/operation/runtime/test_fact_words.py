"""What was written is told by the things that it names, not by ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operation.orders.sealing_case import SCENARIO, orders, plan_at, report
from stopline.operation.runtime.fact_words import fact_words
from stopline.scenario.loader import load_scenario

if TYPE_CHECKING:
    from operation.liaison_case import Case


def test_orders_decisions_and_messages_are_named(case: Case) -> None:
    case.orders_out(plan_at(load_scenario(SCENARIO), case.both.now_s))
    first = next(iter(orders(case).orders.values()))
    report(case, first, "under way")
    desk = case.both.desks[0]
    book = desk.catch_up()
    told: dict[str, list[str]] = {}
    for entry in desk.node.journal.read():
        told.setdefault(entry.kind, []).append(fact_words(entry, book))
    unit, road = first.issued.unit, first.issued.road
    agency = first.issued.agency.replace("_", " ")
    assert told["order.issued"][0] == f"order issued: {unit}, {agency}, {road}"
    assert told["order.moved"] == [f"order moved: {unit}, {road}, under way"]
    assert told["decision.voiced"] == [
        "decision voiced: Do both sides seal jointly by one plan?, yes"
    ]
    assert "message sent: Our head agrees; we seal jointly" in told["message.sent"]
    assert all(first.issued.order not in line for lines in told.values() for line in lines)
