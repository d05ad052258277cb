"""Our units as the plans of an incident name them: a re-plan names only those that it counts.

A unit that a re-plan leaves out, as it is late or refused, has its order in the record still. What
it is, and whose, stands in the plan that sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.orders.plan_text import read_plan_text

if TYPE_CHECKING:
    from stopline.operation.orders.projection import Orders
    from stopline.sealing.plan_file.schema import PlanFile, UnitPart


def ordered_units(orders: Orders, plan: PlanFile) -> dict[str, UnitPart]:
    """Every unit with an order, as the newest plan that names it describes it, by id.

    Args:
        orders: of this side; earlier plans are read only for units that the adopted one leaves out.
        plan: the adopted plan.
    """
    wanted = {one.issued.unit for one in orders.orders.values()}
    found = {unit.id: unit for unit in plan.units if unit.id in wanted}
    for earlier in reversed(orders.earlier):
        if len(found) == len(wanted):
            break
        for unit in read_plan_text(earlier.plan).units:
            if unit.id in wanted:
                found.setdefault(unit.id, unit)
    return found
