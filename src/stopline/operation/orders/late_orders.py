"""Keep watch over orders: whoever runs a desk calls this each second, as it notes deadlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.orders.commands import CheckOrders
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from stopline.operation.core.command_handler import CommandHandler


def watch_orders(desk: CommandHandler, now_s: float) -> int:
    """Note every seal that should be closed by now and is not; give how many."""
    noted = 0
    with desk.reading:
        late = {
            incident.id: [
                one.issued.order
                for one in incident.projection(Orders).orders.values()
                if one.is_late(now_s) and not one.noted_late
            ]
            for incident in desk.catch_up().incidents.values()
            if not incident.is_over
        }
    own = Actor(desk.node.identity.name, "node")
    for name, orders in late.items():
        if orders:
            command_id = derived_id(now_s, "late", name, *sorted(orders))
            desk.do(CheckOrders(incident=name), own, command_id=command_id, now_s=now_s)
            noted += len(orders)
    return noted
