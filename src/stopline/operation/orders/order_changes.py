"""What a plan changes about the orders that stand: as little as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from stopline.operation.orders.projection import Order
    from stopline.sealing.plan_file.schema import HolderPart, PlanFile, SealPart


@dataclass(frozen=True, slots=True)
class OrderChanges:
    """Orders that a plan drops, and those that it adds."""

    drop: tuple[Order, ...]
    add: tuple[tuple[SealPart, HolderPart], ...]


def changes(
    standing: Iterable[Order], plan: PlanFile, sides: Collection[str], now_s: float
) -> OrderChanges:
    """Compare a plan with the orders that stand.

    Dropped is the order of a unit that the plan sends elsewhere, and that of a late unit which a
    plan that seals does without. A late unit that the plan still wants at its site gets a new order
    with the new time in place of the old one. Other orders that the plan does not ask for stand on:
    a road that is closed already is not opened to spare a unit.

    Args:
        standing: orders that count.
        plan: the plan to carry out.
        sides: names of our side in the plan.
        now_s: the moment, UTC seconds.
    """
    kept = list(standing)
    given = {(o.issued.unit, o.issued.site) for o in kept if not o.is_late(now_s)}
    asked = [
        (seal, holder, f"{seal.site.kind} {seal.site.index}")
        for seal in plan.seals
        for holder in seal.holders
        if holder.side in sides
    ]
    add = tuple((seal, holder) for seal, holder, site in asked if (holder.unit, site) not in given)
    sent = {holder.unit for _, holder in add}
    wanted = {(holder.unit, site) for _, holder, site in asked}
    seals = plan.verdict == "sealed"
    drop = tuple(
        one
        for one in kept
        if (one.is_late(now_s) and (one.issued.unit in sent or seals))
        or ((one.issued.unit, one.issued.site) not in wanted and one.issued.unit in sent)
    )
    return OrderChanges(drop, add)
