"""From an adopted plan to orders: whose part is ours, and what is ordered anew or withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.link.ids import derived_id
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.orders import OrderIssued, OrderMoved
from stopline.operation.orders.order_changes import changes
from stopline.operation.orders.plan_text import deadline_of, their_part
from stopline.operation.orders.projection import Orders
from stopline.operation.readiness.projection import Readiness

if TYPE_CHECKING:
    from collections.abc import Collection

    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.protocol.schema import Protocol
    from stopline.sealing.plan_file.schema import PlanFile

_ISSUING: Final = "issue_orders"  # the task of the shipped protocol that needs leave


def check_leave(incident: Incident) -> None:
    """See that the agreed protocol gives leave to issue orders now.

    Raises:
        NotNow: it asks for a decision first.
    """
    missing = missing_leave(incident)
    if missing:
        needs = " or ".join(_in_words(incident.machine.protocol, name) for name in missing)
        raise NotNow(
            f"not yet: in {incident.phase} the agreed protocol gives no leave to issue orders; "
            f"that takes {needs}"
        )


def missing_leave(incident: Incident) -> tuple[str, ...]:
    """Return the authorities of which one must hold before orders go; empty: they may go now."""
    protocol = incident.machine.protocol
    if _ISSUING not in protocol.tasks or incident.machine.granted(incident.state, _ISSUING):
        return ()
    return protocol.tasks[_ISSUING].authority


def _in_words(protocol: Protocol, name: str) -> str:
    """An authority as people can bring it about: the phases in which it holds, or the decision."""
    standing = protocol.standing.get(name)
    if standing is not None:
        return f"the phase {' or '.join(standing.phases)}"
    decision = protocol.decisions.get(name)
    return name if decision is None else f"the decision \u201c{decision.title}\u201d"


def our_sides(
    book: NodeState, incident: Incident, plan: PlanFile, named: str = ""
) -> frozenset[str]:
    """Our side's names in a plan's units: as named, or that of who is registered or ordered here.

    Raises:
        NotNow: the plan names several sides, and none of them is known to be ours.
    """
    known = dict.fromkeys(
        [*(one.side for one in plan.units), *(h.side for seal in plan.seals for h in seal.holders)]
    )
    if named:
        if named not in known:
            raise NotNow(
                f"the plan has no order for {named}; its units are of "
                f"{', '.join(known) or 'nobody'}"
            )
        return frozenset({named})
    registered = {one.registered.side for one in book.projection(Readiness).units.values()}
    ordered = {one.issued.unit for one in incident.projection(Orders).orders.values()}
    ours = registered & set(known) or {book.side} & set(known)
    ours = ours or {one.side for one in plan.units if one.id in ordered}
    if not ours and len(known) == 1:
        ours = set(known)
    if not ours:
        raise NotNow(
            f"the plan has units of {', '.join(known) or 'no side'}: which of them is ours? Say "
            "`side=NAME`"
        )
    return frozenset(ours)


def issue(at: CommandContext, incident: Incident, plan: PlanFile, sides: Collection[str]) -> int:
    """Record the orders of our part of a plan, and withdraw those that it replaces.

    Returns:
        How many orders are given and withdrawn.
    """
    found = changes(incident.projection(Orders).standing(), plan, sides, at.now_s)
    for one in found.drop:
        at.record(
            OrderMoved(order=one.issued.order, state="withdrawn", reason="the new plan", seals=())
        )
    exits = {(one.kind, one.index) for one in plan.exits}
    strength = {unit.id: unit.strength for unit in plan.units}
    for seal, holder in found.add:
        site = f"{seal.site.kind} {seal.site.index}"
        theirs = their_part(plan, seal, sides)
        part = max(1, seal.site.need - (0 if theirs is None else theirs.strength))
        at.record(
            OrderIssued(
                order=derived_id(at.now_s, at.command_id, holder.unit, site),
                unit=holder.unit, agency=holder.agency, site=site, road=seal.site.road,
                lon=seal.site.lon, lat=seal.site.lat, deadline=iso(deadline_of(plan, seal)),
                expected=iso(plan.now_utc_s + seal.closed_at_s),
                at_exit=(seal.site.kind, seal.site.index) in exits,
                strength=strength[holder.unit], need=part,
            )
        )  # fmt: skip
    return len(found.add) + len(found.drop)
