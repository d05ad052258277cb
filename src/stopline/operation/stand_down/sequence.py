"""In which order roads reopen; pure functions of the orders and of where the vehicle was last.

1. Orders that have closed nothing end first: nobody closes a road any more.
2. Then the seals inside, those that the vehicle would meet first before the others: inside the
   ring traffic flows again, and the ring is still shut.
3. The seals at the exits last, and among them those farthest from where the vehicle was last seen
   first: one that was missed, or a second one, still meets a closed road on its nearest way out.

A step begins when every road of the steps before it is reported reopened by its own unit: until
then a road counts as closed, whatever was ordered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.facts.stand_down import StandDownStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.operation.facts.stand_down import StepName
    from stopline.operation.orders.projection import Order, Orders


def steps(orders: Orders, last_seen: tuple[float, float] | None) -> tuple[StandDownStep, ...]:
    """Lay down the order for all orders that stand.

    Args:
        orders: of this side.
        last_seen: longitude and latitude of the last place that is known; None for none.
    """
    parts: dict[StepName, list[Order]] = {"not closed yet": [], "inside": [], "at the exits": []}
    for one in orders.standing():
        if not one.is_shut:
            parts["not closed yet"].append(one)
        else:
            parts["at the exits" if one.issued.at_exit else "inside"].append(one)
    parts["inside"].sort(key=lambda one: (one.deadline_s, one.issued.site))
    parts["at the exits"].sort(key=lambda one: (-_far_m(one, last_seen), one.issued.site))
    return tuple(
        StandDownStep(name=name, orders=tuple(one.issued.order for one in part))
        for name, part in parts.items()
        if part
    )


def next_step(proposed: Sequence[StandDownStep], orders: Orders) -> StandDownStep | None:
    """The first step that still has orders that stand; None when all are withdrawn."""
    standing = {one.issued.order for one in orders.standing()}
    return next((step for step in proposed if standing & set(step.orders)), None)


def waits_for(
    proposed: Sequence[StandDownStep], step: StandDownStep, orders: Orders
) -> list[Order]:
    """Roads of the steps before one that are not reported reopened."""
    before = proposed[: list(proposed).index(step)]
    names = {order for each in before for order in each.orders}
    return [one for one in still_closed(orders) if one.issued.order in names]


def still_closed(orders: Orders) -> list[Order]:
    """Orders whose road is closed until its unit reports it reopened, withdrawn or not."""
    return [one for one in orders.orders.values() if one.is_shut]


def _far_m(one: Order, last_seen: tuple[float, float] | None) -> float:
    # numpy is heavy, and every command of a node imports this file
    from stopline.network.geodesy import distance_m  # noqa: PLC0415

    if last_seen is None or one.issued.lon is None or one.issued.lat is None:
        return 0.0
    return float(distance_m(*last_seen, one.issued.lon, one.issued.lat))
