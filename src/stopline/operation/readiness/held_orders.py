"""The orders that units hold, followed from the facts of the orders' room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.operation.facts.unit_states import BY_ORDER, FURTHEST

if TYPE_CHECKING:
    from stopline.operation.facts.orders import OrderIssued, OrderMoved
    from stopline.operation.facts.unit_states import UnitState


@dataclass(frozen=True, slots=True)
class Held:
    """An order that a unit holds.

    Attributes:
        issued: as it was issued.
        state: as its service reported it; a withdrawn one that had closed a road stays `closed`.
    """

    issued: OrderIssued
    state: str


@dataclass(slots=True)
class HeldOrders:
    """Orders that stand, by unit and id.

    Two incidents may each give an order to the same unit; what is furthest says what it does.
    """

    by_unit: dict[str, dict[str, Held]] = field(default_factory=dict)
    unit_of: dict[str, str] = field(default_factory=dict)

    def of(self, unit: str) -> list[Held]:
        """The orders that a unit holds, in the order issued."""
        return list(self.by_unit.get(unit, {}).values())

    def state(self, unit: str) -> UnitState | None:
        """What its orders make of a unit; None if it holds none."""
        made = [BY_ORDER[one.state] for one in self.of(unit)]
        return max(made, key=FURTHEST.index) if made else None

    def issued(self, body: OrderIssued) -> None:
        """Take in an order."""
        self.by_unit.setdefault(body.unit, {})[body.order] = Held(body, "issued")
        self.unit_of[body.order] = body.unit

    def moved(self, body: OrderMoved) -> str:
        """Take in how an order stands; give its unit, empty if the order is not known."""
        unit = self.unit_of.get(body.order, "")
        orders = self.by_unit.get(unit, {})
        held = orders.get(body.order)
        if held is None:
            return ""
        if body.state in BY_ORDER:
            orders[body.order] = Held(held.issued, body.state)
        elif body.state != "withdrawn" or held.state != "closed":
            del orders[body.order], self.unit_of[body.order]
            if not orders:
                del self.by_unit[unit]
        return unit
